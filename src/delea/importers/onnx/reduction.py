"""Operations along axes: sums, means, the largest, and softmax."""

from __future__ import annotations

from typing import TYPE_CHECKING

from delea import nn
from delea.errors import GraphError
from delea.importers.onnx.call import Call, Shape, Value, axis_within

if TYPE_CHECKING:
    from collections.abc import Callable

    from delea.importers.onnx.shapes import Rule
    from delea.nn import Tensor


def _axes(call: Call) -> Shape | None:
    """Return the axes, given as an input or as an attribute; None for "none: change nothing"."""
    rank = len(call.shape(0))
    given = call.numbers(1) if call.has(1) else call.integers("axes")
    if not given:
        return None if call.integer("noop_with_empty_axes", 0) else tuple(range(rank))
    return tuple(axis_within(axis, rank) for axis in given)


def _reduce(function: Callable[[Tensor, Shape, bool], Tensor]) -> Rule:
    def rule(call: Call) -> Value:
        axes, value = _axes(call), call.tensor(0)
        if axes is None:
            return value
        return function(value.float(), axes, bool(call.integer("keepdims", 1)))

    return rule


def _sum(value: Tensor, axes: Shape, keep: bool) -> Tensor:  # noqa: FBT001 - one signature for all
    return value.sum(axes, keepdim=keep)


def _log_sum_exp(value: Tensor, axes: Shape, keep: bool) -> Tensor:  # noqa: FBT001
    shifted = value.amax(axes, keepdim=True)
    total = nn.log(_sum(nn.exp(value - shifted), axes, True)) + shifted  # noqa: FBT003
    return total if keep else total.reshape(*value.sum(axes).shape)


def _largest_place(sign: float) -> Rule:
    def rule(call: Call) -> Value:
        value = call.tensor(0).float()
        axis = call.axis(0, len(value.shape))
        if call.integer("select_last_index", 0):
            raise GraphError("the first of the largest expected, got the last")
        return (value * sign).argmax(axis, keepdim=bool(call.integer("keepdims", 1)))

    return rule


def _softmax(call: Call) -> Value:
    value = call.tensor(0)
    return nn.softmax(value, call.axis(-1, len(value.shape)))


def _log_softmax(call: Call) -> Value:
    value = call.tensor(0)
    return nn.log_softmax(value, call.axis(-1, len(value.shape)))


REDUCTIONS: dict[str, Rule] = {
    "ReduceSum": _reduce(_sum),
    "ReduceMean": _reduce(lambda x, axes, keep: x.mean(axes, keepdim=keep)),
    "ReduceMax": _reduce(lambda x, axes, keep: x.amax(axes, keepdim=keep)),
    "ReduceMin": _reduce(lambda x, axes, keep: x.amin(axes, keepdim=keep)),
    "ReduceSumSquare": _reduce(lambda x, axes, keep: _sum(x * x, axes, keep)),
    "ReduceL1": _reduce(lambda x, axes, keep: _sum(nn.abs(x), axes, keep)),
    "ReduceL2": _reduce(lambda x, axes, keep: nn.sqrt(_sum(x * x, axes, keep))),
    "ReduceLogSum": _reduce(lambda x, axes, keep: nn.log(_sum(x, axes, keep))),
    "ReduceLogSumExp": _reduce(_log_sum_exp),
    "ArgMax": _largest_place(1.0),
    "ArgMin": _largest_place(-1.0),
    "Softmax": _softmax,
    "LogSoftmax": _log_softmax,
}
