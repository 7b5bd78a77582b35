"""Normalizations: over features, over groups of channels, and over the batch."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

import numpy as np

from delea.errors import ShapeError
from delea.nn.functional import batch_moments, batch_norm, group_norm, layer_norm, rms_norm
from delea.nn.module import Buffer, Module, Parameter
from delea.nn.record import current

if TYPE_CHECKING:
    from delea.nn.tensor import Tensor

Sizes = int | tuple[int, ...]


class LayerNorm(Module):
    """Normalize over the last axes; weight and bias of `normalized_shape`."""

    def __init__(
        self,
        normalized_shape: Sizes,
        eps: float = 1e-5,
        *,
        elementwise_affine: bool = True,
        bias: bool = True,
    ) -> None:
        super().__init__()
        self.normalized_shape, self.eps = _sizes(normalized_shape), eps
        self.weight = _ones(self.normalized_shape) if elementwise_affine else None
        self.bias = Parameter(self.normalized_shape) if elementwise_affine and bias else None

    def forward(self, x: Tensor) -> Tensor:
        """(..., *normalized_shape) -> the same."""
        axes = _check_last(x, self.normalized_shape)
        return layer_norm(x, self.weight, self.bias, self.eps, axes=axes)


class RMSNorm(Module):
    """Scale to a mean square of 1 over the last axes; weight of `normalized_shape`."""

    def __init__(
        self,
        normalized_shape: Sizes,
        eps: float | None = None,
        *,
        elementwise_affine: bool = True,
    ) -> None:
        super().__init__()
        self.normalized_shape = _sizes(normalized_shape)
        self.eps = float(np.finfo(np.float32).eps) if eps is None else eps
        self.weight = _ones(self.normalized_shape) if elementwise_affine else None

    def forward(self, x: Tensor) -> Tensor:
        """(..., *normalized_shape) -> the same."""
        return rms_norm(x, self.weight, self.eps, axes=_check_last(x, self.normalized_shape))


class GroupNorm(Module):
    """Normalize groups of channels of each row; weight and bias (num_channels,)."""

    def __init__(
        self, num_groups: int, num_channels: int, eps: float = 1e-5, *, affine: bool = True
    ) -> None:
        super().__init__()
        if num_groups < 1 or num_channels < 1 or num_channels % num_groups:
            raise ShapeError(
                f"GroupNorm needs channels that {num_groups} groups divide, got {num_channels}"
            )
        self.num_groups, self.num_channels, self.eps = num_groups, num_channels, eps
        self.weight = _ones((num_channels,)) if affine else None
        self.bias = Parameter((num_channels,)) if affine else None

    def forward(self, x: Tensor) -> Tensor:
        """(batch, num_channels, ...) -> the same."""
        if len(x.shape) < 2 or x.shape[1] != self.num_channels:
            raise ShapeError(f"an input (batch, {self.num_channels}, ...) expected, got {x.shape}")
        return group_norm(x, self.num_groups, self.weight, self.bias, self.eps)


class BatchNorm1d(Module):
    """Normalize each channel by the batch in training, by the running statistics otherwise.

    running = (1 - momentum) running + momentum batch's; the running variance is the unbiased one.
    """

    axes: tuple[int, ...] = (2, 3)
    layout = "(batch, {}) or (batch, {}, w)"

    def __init__(
        self, num_features: int, eps: float = 1e-5, momentum: float = 0.1, *, affine: bool = True
    ) -> None:
        super().__init__()
        self.num_features, self.eps, self.momentum = num_features, eps, momentum
        self.weight = _ones((num_features,)) if affine else None
        self.bias = Parameter((num_features,)) if affine else None
        self.running_mean = Buffer((num_features,))
        self.running_var = Buffer((num_features,), fill=1.0)

    def forward(self, x: Tensor) -> Tensor:
        """(batch, num_features, ...) -> the same."""
        if len(x.shape) not in self.axes or x.shape[1] != self.num_features:
            layout = self.layout.replace("{}", str(self.num_features))
            raise ShapeError(f"an input {layout} expected, got {x.shape}")
        training = current().training
        mean, variance = self._measure(x) if training else (self.running_mean, self.running_var)
        return batch_norm(x, mean, variance, self.weight, self.bias, self.eps)

    def _measure(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return the batch's mean and variance, (num_features,) each, and record the running."""
        count = prod(x.shape) // self.num_features
        if count < 2:
            raise ShapeError(f"more than one number per channel expected, got {x.shape}")
        mean, variance = batch_moments(x)
        old, new = 1.0 - self.momentum, self.momentum
        unbiased = new * count / (count - 1)
        self.running_mean.record(self.running_mean * old + mean * new)
        self.running_var.record(self.running_var * old + variance * unbiased)
        return mean, variance


class BatchNorm2d(BatchNorm1d):
    """`BatchNorm1d` for images, each channel over the batch and all pixels."""

    axes = (4,)
    layout = "(batch, {}, h, w)"


def _ones(shape: tuple[int, ...]) -> Parameter:
    part = Parameter(shape)
    part.set(np.ones(shape, np.float32))
    return part


def _sizes(shape: Sizes) -> tuple[int, ...]:
    return (shape,) if isinstance(shape, int) else tuple(shape)


def _check_last(x: Tensor, shape: tuple[int, ...]) -> int:
    """Return how many axes are normalized, if they are the last ones of x."""
    if x.shape[-len(shape) :] != shape:
        raise ShapeError(f"an input (..., {', '.join(map(str, shape))}) expected, got {x.shape}")
    return len(shape)
