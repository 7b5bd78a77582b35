"""Normalizations: values centred and scaled by what is measured on them."""

from delea.nn.functional.elementwise import rsqrt, sqrt
from delea.nn.tensor import Operand, Tensor, lift


def layer_norm(
    x: Tensor,
    weight: Operand | None = None,
    bias: Operand | None = None,
    eps: float = 1e-5,
    *,
    axes: int = 1,
) -> Tensor:
    """Return (x - mean) / sqrt(variance + eps) * weight + bias, over the last `axes` axes."""
    dims = tuple(range(-axes, 0))
    centred = x - x.mean(dims, keepdim=True)
    scale = 1.0 / sqrt((centred * centred).mean(dims, keepdim=True) + eps)
    return affine(centred * scale, weight, bias)


def rms_norm(
    x: Tensor, weight: Operand | None = None, eps: float = 1.1920929e-07, *, axes: int = 1
) -> Tensor:
    """Return x / sqrt(mean of x^2 + eps) * weight, over the last `axes` axes."""
    dims = tuple(range(-axes, 0))
    return affine(x * rsqrt((x * x).mean(dims, keepdim=True) + eps), weight, None)


def group_norm(
    x: Tensor,
    num_groups: int,
    weight: Operand | None = None,
    bias: Operand | None = None,
    eps: float = 1e-5,
) -> Tensor:
    """Normalize groups of channels of each row: (batch, channels, ...) -> the same."""
    batch, channels, *rest = x.shape
    grouped = x.reshape(batch, num_groups, -1)  # (batch, groups, elements)
    normal = layer_norm(grouped, eps=eps).reshape(*x.shape)
    return affine(normal, *(along_channels(part, channels, len(rest)) for part in (weight, bias)))


def batch_norm(
    x: Tensor,
    mean: Operand,
    variance: Operand,
    weight: Operand | None = None,
    bias: Operand | None = None,
    eps: float = 1e-5,
) -> Tensor:
    """Return (x - mean) / sqrt(variance + eps) * weight + bias, each of the four (channels,)."""
    _, channels, *rest = x.shape
    centre, scale, own_weight, own_bias = (
        along_channels(part, channels, len(rest))
        for part in (mean, rsqrt(lift(variance) + eps), weight, bias)
    )
    assert centre is not None, "there is a mean"
    assert scale is not None, "there is a variance"
    return affine((x - centre) * scale, own_weight, own_bias)


def batch_moments(x: Tensor) -> tuple[Tensor, Tensor]:
    """Return the mean and the biased variance of each channel, (channels,) each."""
    axes = (0, *range(2, len(x.shape)))
    mean = x.mean(axes, keepdim=True)
    centred = x - mean
    return mean.reshape(x.shape[1]), (centred * centred).mean(axes)


def affine(x: Tensor, weight: Operand | None, bias: Operand | None) -> Tensor:
    """Return x * weight + bias, without what is None."""
    scaled = x if weight is None else x * weight
    return scaled if bias is None else scaled + bias


def along_channels(value: Operand | None, channels: int, rest: int) -> Tensor | None:
    """Return (channels,) as (channels, 1, ...), to broadcast over `rest` axes more."""
    return None if value is None else lift(value).reshape(channels, *(1,) * rest)
