"""PyTorch's normalizations as functions: by the batch, by running statistics, by each row."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any

from delea import nn
from delea.errors import ShapeError
from delea.nn.functional import batch_moments, batch_norm

if TYPE_CHECKING:
    from collections.abc import Callable

    from delea.nn import Tensor

Sizes = tuple[int, ...]


def batch_norm_by_batch(
    x: Tensor,
    weight: Tensor | None,
    bias: Tensor | None,
    mean: Tensor | None,
    variance: Tensor | None,
    training: bool,
    momentum: float,
    eps: float,
) -> tuple[Tensor | None, ...]:
    """Return x normalized by the batch, two measures nobody reads, and the running ones after."""
    if not training:
        assert mean is not None, "PyTorch keeps statistics where it uses them"
        assert variance is not None, "PyTorch keeps statistics where it uses them"
        fixed = batch_norm_by_statistics(x, weight, bias, mean, variance, momentum, eps)
        return (fixed[0], None, None, mean, variance)
    now, spread = batch_moments(x)
    out = batch_norm(x, now, spread, weight, bias, eps)
    if mean is None or variance is None:
        return (out, None, None)
    count = prod(x.shape) // x.shape[1]
    if count < 2:
        raise ShapeError(f"more than one number per channel expected, got {x.shape}")
    old = 1.0 - momentum
    unbiased = momentum * count / (count - 1)
    after = (mean * old + now * momentum, variance * old + spread * unbiased)
    return (out, None, None, *after)


def batch_norm_by_statistics(
    x: Tensor,
    weight: Tensor | None,
    bias: Tensor | None,
    mean: Tensor,
    variance: Tensor,
    _momentum: float,
    eps: float,
) -> tuple[Tensor | None, ...]:
    """Return x normalized by the running statistics."""
    return (batch_norm(x, mean, variance, weight, bias, eps), None, None)


def batch_norm_without_statistics(
    x: Tensor,
    weight: Tensor | None,
    bias: Tensor | None,
    training: bool,
    momentum: float,
    eps: float,
) -> tuple[Tensor | None, ...]:
    """Return x normalized by the batch."""
    return batch_norm_by_batch(x, weight, bias, None, None, training, momentum, eps)


def layer_norm(
    x: Tensor,
    shape: Sizes,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    eps: float = 1e-5,
    _fast: bool = True,
) -> Tensor:
    """Return x normalized over its last axes."""
    return nn.layer_norm(x, weight, bias, eps, axes=len(shape))


def rms_norm(
    x: Tensor, shape: Sizes, weight: Tensor | None = None, eps: float | None = None
) -> Tensor:
    """Return x scaled to a mean square of 1 over its last axes."""
    numbers = () if eps is None else (eps,)
    return nn.rms_norm(x, weight, *numbers, axes=len(shape))


def group_norm(
    x: Tensor,
    groups: int,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    eps: float = 1e-5,
    _fast: bool = True,
) -> Tensor:
    """Return x with groups of channels of each row normalized."""
    return nn.group_norm(x, groups, weight, bias, eps)


NORMALIZATIONS: dict[str, Callable[..., Any]] = {
    "aten._native_batch_norm_legit_functional.default": batch_norm_by_batch,
    "aten._native_batch_norm_legit_no_training.default": batch_norm_by_statistics,
    "aten._native_batch_norm_legit.no_stats": batch_norm_without_statistics,
    "aten.layer_norm.default": layer_norm,
    "aten.rms_norm.default": rms_norm,
    "aten.group_norm.default": group_norm,
}
