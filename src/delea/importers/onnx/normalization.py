"""Normalizations; a batch normalization measures the batch in training and keeps what it saw."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

from delea import nn
from delea.errors import GraphError, ShapeError
from delea.nn.record import current

if TYPE_CHECKING:
    from delea.importers.onnx.call import Call, Value
    from delea.importers.onnx.shapes import Rule
    from delea.nn import Tensor

EPSILON = 1e-5


def _columns(call: Call, index: int, rank: int) -> Tensor:
    """Return (channels,) as (channels, 1, ...), to go with (batch, channels, ...)."""
    value = call.tensor(index)
    if len(value.shape) != 1:
        raise ShapeError(f"one number per channel expected, got {value.shape}")
    return value.reshape(*value.shape, *(1,) * (rank - 2))


def _batch(call: Call) -> Value:
    """Normalize each channel: by the batch in training, by the running statistics otherwise."""
    x = call.tensor(0)
    rank = len(x.shape)
    if rank < 2:
        raise ShapeError(f"an input (batch, channels, ...) expected, got {x.shape}")
    mean, variance = _columns(call, 3, rank), _columns(call, 4, rank)
    if current().training:
        mean, variance = _measured(call, x)
    scale = nn.rsqrt(variance + call.real("epsilon", EPSILON))
    return (x - mean) * scale * _columns(call, 1, rank) + _columns(call, 2, rank)


def _measured(call: Call, x: Tensor) -> tuple[Tensor, Tensor]:
    """Return the batch's mean and variance, and record the running ones as PyTorch does.

    ONNX's momentum is the old value's share; the running variance is the unbiased one.
    """
    axes = (0, *range(2, len(x.shape)))
    channels = x.shape[1]
    count = prod(x.shape) // channels
    if count < 2:
        raise ShapeError(f"more than one number per channel expected, got {x.shape}")
    mean = x.mean(axes, keepdim=True)
    centred = x - mean
    variance = (centred * centred).mean(axes, keepdim=True)
    old = call.real("momentum", 0.9)
    new = 1.0 - old
    unbiased = new * count / (count - 1)
    for index, fresh, share in ((3, mean, new), (4, variance, unbiased)):
        running = call.part(index)
        if isinstance(running, nn.Buffer):
            running.record(running * old + fresh.reshape(channels) * share)
    return mean, variance


def _layer(call: Call) -> Value:
    x = call.tensor(0)
    axis = call.axis(-1, len(x.shape))
    weight = call.tensor(1)
    bias = call.tensor(2) if call.has(2) else None
    axes = len(x.shape) - axis
    return nn.layer_norm(x, weight, bias, call.real("epsilon", EPSILON), axes=axes)


def _group(call: Call) -> Value:
    """Opset 18 has a scale per group, opset 21 one per channel."""
    x, groups = call.tensor(0), call.integer("num_groups", 1)
    if len(x.shape) < 3:
        raise ShapeError(f"an input (batch, channels, ...) expected, got {x.shape}")
    batch, channels, *rest = x.shape
    if groups < 1 or channels % groups:
        raise ShapeError(f"channels that {groups} groups divide expected, got {channels}")
    normal = nn.group_norm(x, groups, eps=call.real("epsilon", EPSILON))
    if call.scope.opset >= 21:
        return normal * _columns(call, 1, len(x.shape)) + _columns(call, 2, len(x.shape))
    scale, bias = (call.tensor(i).reshape(groups, 1, 1) for i in (1, 2))
    grouped = normal.reshape(batch, groups, channels // groups, -1)
    return (grouped * scale + bias).reshape(batch, channels, *rest)


def _instance(call: Call) -> Value:
    x = call.tensor(0)
    rank = len(x.shape)
    if rank < 3:
        raise ShapeError(f"an input (batch, channels, ...) expected, got {x.shape}")
    normal = nn.group_norm(x, x.shape[1], eps=call.real("epsilon", EPSILON))
    return normal * _columns(call, 1, rank) + _columns(call, 2, rank)


def _lp(call: Call) -> Value:
    """Divide by the norm along one axis."""
    x = call.tensor(0)
    axis, p = call.axis(-1, len(x.shape)), call.integer("p", 2)
    if p not in (1, 2):
        raise GraphError(f"a norm of order 1 or 2 expected, got {p}")
    sized = nn.abs(x) if p == 1 else x * x
    total = sized.sum(axis, keepdim=True)
    return x / (total if p == 1 else nn.sqrt(total))


NORMALIZATIONS: dict[str, Rule] = {
    "BatchNormalization": _batch,
    "LayerNormalization": _layer,
    "GroupNormalization": _group,
    "InstanceNormalization": _instance,
    "LpNormalization": _lp,
}
