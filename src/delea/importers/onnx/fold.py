"""What is known when the network is built is computed then: sizes, masks and indices, in NumPy."""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from delea.errors import DtypeError, ShapeError
from delea.importers.onnx.call import Call, axis_within
from delea.importers.onnx.tensors import DTYPES

Array = NDArray[Any]
Fold = Callable[[Call], "Array | tuple[Array, ...]"]


def _elementwise(function: Callable[..., Any]) -> Fold:
    def fold(call: Call) -> Array:
        values = [call.known(i) for i in range(len(call.inputs))]
        try:
            shape = np.broadcast_shapes(*(value.shape for value in values))
        except ValueError:
            raise ShapeError(
                f"shapes that broadcast expected, got {[v.shape for v in values]}"
            ) from None
        call.scope.afford(shape)
        try:
            with np.errstate(all="ignore"):
                return np.asarray(function(*values))
        except (TypeError, ValueError):
            kinds = ", ".join(str(value.dtype) for value in values)
            raise DtypeError(f"constants that can be computed expected, got {kinds}") from None

    return fold


def _divide(left: Array, right: Array) -> Array:
    """Divide; integers towards zero, and 0 by 0."""
    if left.dtype.kind == "f":
        return np.asarray(left / right)
    quotient = np.abs(left) // np.maximum(np.abs(right), 1)
    return np.asarray(quotient * np.sign(left) * np.sign(right)).astype(left.dtype)


def _like(function: Callable[..., Any]) -> Callable[..., Any]:
    """Keep the first operand's element type, as ONNX does."""
    return lambda *values: np.asarray(function(*values)).astype(values[0].dtype)


def _cast(call: Call) -> Array:
    kind = DTYPES.get(call.integer("to", 1))
    value = call.known(0)
    if kind is None:
        raise ShapeError(f"a cast to numbers expected, got element type {call.integer('to', 1)}")
    call.scope.afford(value.shape)
    if call.integer("to", 1) == 16:
        kind = np.dtype("<f4")
    with np.errstate(all="ignore"):
        return value.astype(kind)


def _cast_like(call: Call) -> Array:
    call.scope.afford(call.shape(0))
    with np.errstate(all="ignore"):
        return call.known(0).astype(call.known(1).dtype)


def _constant_of_shape(call: Call) -> Array:
    shape = call.numbers(0)
    value = call.node.attributes.get("value", np.zeros(1, np.float32))
    if not isinstance(value, np.ndarray) or value.size != 1:
        raise ShapeError("one number as the attribute value expected, got another")
    call.scope.afford(shape)
    return np.broadcast_to(value.reshape(()), shape)


def _range(call: Call) -> Array:
    first, last, step = (call.known(i).reshape(-1)[0].item() for i in range(3))
    if step == 0 or not all(np.isfinite(number) for number in (first, last, step)):
        raise ShapeError("a step other than 0 expected, got 0")
    call.scope.afford((max(0, int((last - first) / step) + 1),))
    return np.asarray(np.arange(first, last, step), call.known(0).dtype)


def _expand(call: Call) -> Array:
    value, wanted = call.known(0), call.numbers(1)
    call.scope.afford(wanted)
    try:
        shape = np.broadcast_shapes(value.shape, wanted)
    except ValueError:
        raise ShapeError(f"a shape to expand {value.shape} to expected, got {wanted}") from None
    return np.broadcast_to(value, shape)


def _gather(call: Call) -> Array:
    data, index = call.known(0), call.known(1)
    axis = call.axis(0, data.ndim)
    size = data.shape[axis]
    call.scope.afford((*data.shape[:axis], *index.shape, *data.shape[axis + 1 :]))
    if index.dtype.kind not in "iu" or ((index < -size) | (index >= size)).any():
        raise ShapeError(f"indices within {size} expected, got others")
    return np.asarray(np.take(data, index, axis=axis))


def _reduce(function: Callable[..., Any]) -> Fold:
    def fold(call: Call) -> Array:
        value = call.known(0)
        call.scope.afford(value.shape)
        axes = call.numbers(1) if call.has(1) else call.integers("axes")
        kept = tuple(axis_within(axis, value.ndim) for axis in axes) or tuple(range(value.ndim))
        keep = bool(call.integer("keepdims", 1))
        return np.asarray(function(value, axis=kept, keepdims=keep)).astype(value.dtype)

    return fold


def _trilu(call: Call) -> Array:
    value, diagonal = call.known(0), call.whole(1, 0)
    if value.ndim < 2:
        raise ShapeError(f"a matrix expected, got shape {value.shape}")
    call.scope.afford(value.shape)
    limit = max(value.shape)
    diagonal = min(max(diagonal, -limit), limit)
    return np.triu(value, diagonal) if call.integer("upper", 1) else np.tril(value, diagonal)


def _tile(call: Call) -> Array:
    value, times = call.known(0), call.numbers(1)
    if len(times) != value.ndim or min(times, default=0) < 0:
        raise ShapeError(f"a number of times per axis of {value.shape} expected, got {times}")
    call.scope.afford(tuple(n * t for n, t in zip(value.shape, times, strict=True)))
    return np.tile(value, times)


def _constant(call: Call) -> Array:
    """Return the attribute that a Constant has."""
    for name, dtype in (
        ("value", None),
        ("value_int", np.int64),
        ("value_ints", np.int64),
        ("value_float", np.float32),
        ("value_floats", np.float32),
    ):
        found = call.node.attributes.get(name)
        if isinstance(found, np.ndarray | int | float | tuple):
            return np.asarray(found, dtype)
    raise ShapeError("a constant of numbers expected, got another")


def _nonzero(call: Call) -> Array:
    value = call.known(0)
    call.scope.afford((value.ndim, value.size))
    return np.array(np.nonzero(value), np.int64)


def _cumsum(call: Call) -> Array:
    value = call.known(0)
    call.scope.afford(value.shape)
    axis = axis_within(call.whole(1, 0), value.ndim)
    if call.integer("exclusive", 0) or call.integer("reverse", 0):
        raise ShapeError("a plain running sum expected, got an exclusive or a reverse one")
    return np.cumsum(value, axis=axis, dtype=value.dtype)


FOLDS: dict[str, Fold] = {
    "Constant": _constant,
    "Add": _elementwise(np.add),
    "Sub": _elementwise(np.subtract),
    "Mul": _elementwise(np.multiply),
    "Div": _elementwise(_divide),
    "Mod": _elementwise(np.mod),
    "Pow": _elementwise(_like(np.power)),
    "Neg": _elementwise(np.negative),
    "Abs": _elementwise(np.abs),
    "Sqrt": _elementwise(_like(np.sqrt)),
    "Exp": _elementwise(_like(np.exp)),
    "Log": _elementwise(_like(np.log)),
    "Sin": _elementwise(_like(np.sin)),
    "Cos": _elementwise(_like(np.cos)),
    "Reciprocal": _elementwise(_like(lambda a: 1 / a)),
    "Floor": _elementwise(_like(np.floor)),
    "Ceil": _elementwise(_like(np.ceil)),
    "Round": _elementwise(_like(np.round)),
    "Sign": _elementwise(np.sign),
    "Min": _elementwise(lambda *v: np.minimum.reduce(np.broadcast_arrays(*v))),
    "Max": _elementwise(lambda *v: np.maximum.reduce(np.broadcast_arrays(*v))),
    "Equal": _elementwise(np.equal),
    "Less": _elementwise(np.less),
    "LessOrEqual": _elementwise(np.less_equal),
    "Greater": _elementwise(np.greater),
    "GreaterOrEqual": _elementwise(np.greater_equal),
    "Not": _elementwise(np.logical_not),
    "And": _elementwise(np.logical_and),
    "Or": _elementwise(np.logical_or),
    "Where": _elementwise(lambda mask, yes, no: np.where(mask.astype(bool), yes, no)),
    "Cast": _cast,
    "CastLike": _cast_like,
    "ConstantOfShape": _constant_of_shape,
    "Range": _range,
    "Expand": _expand,
    "Gather": _gather,
    "Tile": _tile,
    "Trilu": _trilu,
    "NonZero": _nonzero,
    "CumSum": _cumsum,
    "Size": lambda call: np.array(prod(call.shape(0)), np.int64),
    "ReduceProd": _reduce(np.prod),
    "ReduceSum": _reduce(np.sum),
    "ReduceMax": _reduce(np.max),
    "ReduceMin": _reduce(np.min),
    "ReduceMean": _reduce(np.mean),
}
"""By operation; those of `shapes` take known values, too."""
