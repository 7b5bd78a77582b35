"""Operations that move elements: they take recorded tensors and known arrays alike."""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import TYPE_CHECKING

import numpy as np

from delea.errors import GraphError, ShapeError
from delea.graph import I32, MASK
from delea.importers.onnx.call import Array, Call, Shape, Value, axis_within
from delea.nn import Tensor, cat, embedding, equal, greater, one_hot, pad, where

if TYPE_CHECKING:
    from collections.abc import Sequence

Rule = Callable[[Call], "Value | tuple[Value, ...]"]

MAX_PIECES = 1 << 10


def as_reals(value: Tensor, move: Callable[[Tensor], Tensor]) -> Tensor:
    """Apply a move that takes float32 alone to a tensor of any type."""
    if value.dtype == MASK:
        return greater(move(value.float()), 0.0)
    return move(value.float()).int() if value.dtype == I32 else move(value)


def _identity(call: Call) -> Value:
    return call.value(0)


def _shape(call: Call) -> Value:
    sizes = call.shape(0)
    first, last = call.integer("start", 0), call.integer("end", len(sizes))
    return np.array(sizes[first:last], np.int64)


def _reshape(call: Call) -> Value:
    value, wanted = call.value(0), call.numbers(1)
    shape = call.shape(0)
    if not call.integer("allowzero", 0):
        if any(n == 0 and i >= len(shape) for i, n in enumerate(wanted)):
            raise ShapeError(f"a shape for {shape} expected, got {wanted}")
        wanted = tuple(shape[i] if n == 0 else n for i, n in enumerate(wanted))
    return reshaped(value, wanted)


def reshaped(value: Value, wanted: Shape) -> Value:
    """Return the same elements in another shape; one size may be -1."""
    count, known = prod(value.shape), prod(n for n in wanted if n != -1)
    if wanted.count(-1) == 1 and known > 0 and count % known == 0:
        wanted = tuple(count // known if n == -1 else n for n in wanted)
    if prod(wanted) != count or min(wanted, default=1) < 0:
        raise ShapeError(f"a shape of {count} elements like {value.shape} expected, got {wanted}")
    return value.reshape(*wanted) if isinstance(value, Tensor) else value.reshape(wanted)


def _flatten(call: Call) -> Value:
    shape = call.shape(0)
    axis = call.integer("axis", 1)
    axis = axis if axis == len(shape) else axis_within(axis, len(shape))
    return reshaped(call.value(0), (prod(shape[:axis]), prod(shape[axis:])))


def _transpose(call: Call) -> Value:
    value, rank = call.value(0), len(call.shape(0))
    order = call.integers("perm", tuple(reversed(range(rank))))
    if sorted(order) != list(range(rank)):
        raise ShapeError(f"an order of {rank} axes expected, got {order}")
    return value.permute(*order) if isinstance(value, Tensor) else value.transpose(order)


def _squeeze(call: Call) -> Value:
    shape = call.shape(0)
    axes = call.numbers(1) if call.has(1) else tuple(i for i, n in enumerate(shape) if n == 1)
    dropped = {axis_within(axis, len(shape)) for axis in axes}
    if any(shape[axis] != 1 for axis in dropped):
        raise ShapeError(f"axes of size 1 of {shape} expected, got {axes}")
    return reshaped(call.value(0), tuple(n for i, n in enumerate(shape) if i not in dropped))


def _unsqueeze(call: Call) -> Value:
    shape, axes = call.shape(0), call.numbers(1)
    rank = len(shape) + len(axes)
    new = {axis_within(axis, rank) for axis in axes}
    if len(new) != len(axes):
        raise ShapeError(f"different axes expected, got {axes}")
    sizes = iter(shape)
    return reshaped(call.value(0), tuple(1 if i in new else next(sizes) for i in range(rank)))


def _concat(call: Call) -> Value:
    values = [call.value(i) for i in range(len(call.inputs))]
    axis = call.axis(0, len(call.shape(0)))
    arrays = [value for value in values if isinstance(value, np.ndarray)]
    if len(arrays) == len(values):
        try:
            return np.concatenate(arrays, axis)
        except ValueError:
            shapes = [array.shape for array in arrays]
            raise ShapeError(f"equal sizes but along axis {axis} expected, got {shapes}") from None
    tensors = [call.lift(value) for value in values if value.shape[axis:][:1] != (0,)]
    if any(tensor.dtype == I32 for tensor in tensors):
        return cat([tensor.float() for tensor in tensors], axis).int()
    return cat([tensor.float() for tensor in tensors], axis)


def sliced(value: Value, axis: int, start: int, stop: int, step: int = 1) -> Value:
    """Return part of a value along one axis, as Python's slices say."""
    key = (*(slice(None),) * axis, slice(start, stop, step))
    if isinstance(value, Tensor) and (start, stop, step) == (0, value.shape[axis], 1):
        return value
    return value[key]


def _split(call: Call) -> tuple[Value, ...]:
    value, count = call.value(0), len(call.node.outputs)
    axis = call.axis(0, len(value.shape))
    size = value.shape[axis]
    if call.has(1):
        sizes = call.numbers(1)
    else:
        each = -(-size // max(1, call.integer("num_outputs", count)))
        sizes = tuple(min(each, size - at) for at in range(0, size, each))
    if sum(sizes) != size or len(sizes) != count or min(sizes) < 1:
        raise ShapeError(f"{count} pieces of {size} elements expected, got {sizes[:8]}")
    starts = np.cumsum((0, *sizes))[:-1].tolist()
    return tuple(sliced(value, axis, at, at + n) for at, n in zip(starts, sizes, strict=True))


def _slice(call: Call) -> Value:
    value = call.value(0)
    rank = len(value.shape)
    starts, stops = call.numbers(1), call.numbers(2)
    axes = call.numbers(3) if call.has(3) else tuple(range(len(starts)))
    steps = call.numbers(4) if call.has(4) else (1,) * len(starts)
    if not len(starts) == len(stops) == len(axes) == len(steps):
        raise ShapeError("a start, an end and a step per axis expected, got other numbers")
    for axis, start, stop, step in zip(axes, starts, stops, steps, strict=True):
        at = axis_within(axis, rank)
        size = value.shape[at]
        if step < 1 and isinstance(value, Tensor):
            raise GraphError(f"a step of at least 1 expected, got {step}")
        if step == 0:
            raise ShapeError("a step other than 0 expected, got 0")
        first, last, by = slice(start, stop, step).indices(size)
        bound = None if last < 0 else last
        value = value[(*(slice(None),) * at, slice(first, bound, by))]
    return value


def _gather(call: Call) -> Value:
    data, index = call.value(0), call.value(1)
    axis = call.axis(0, len(data.shape))
    if isinstance(index, np.ndarray):
        return _picked(call.tensor(0), axis, index)
    if axis != 0:
        raise GraphError(f"computed indices along axis 0 expected, got axis {axis}")
    table = call.tensor(0)
    rows, *rest = table.shape
    found = embedding(index.int(), table.reshape(rows, prod(rest)))
    return found.reshape(*index.shape, *rest)


def _picked(data: Tensor, axis: int, index: Array) -> Value:
    """Return the elements of known indices along one axis."""
    size = data.shape[axis]
    places = [int(i) for i in index.reshape(-1).tolist()]
    if not places or any(not -size <= i < size for i in places) or len(places) > MAX_PIECES:
        raise ShapeError(f"up to {MAX_PIECES} indices within {size} expected, got {places[:8]}")
    places = [i % size for i in places]
    step = places[1] - places[0] if len(places) > 1 else 1
    if step > 0 and places == list(range(places[0], places[-1] + 1, step)):
        part = sliced(data, axis, places[0], places[-1] + 1, step)
    else:
        pieces = [sliced(data, axis, i, i + 1) for i in places]
        part = as_reals_cat(pieces, axis)
    return reshaped(part, (*data.shape[:axis], *index.shape, *data.shape[axis + 1 :]))


def as_reals_cat(pieces: Sequence[Value], axis: int) -> Tensor:
    """Return recorded pieces one after the other, of any element type."""
    tensors = [piece for piece in pieces if isinstance(piece, Tensor)]
    joined = cat([tensor.float() for tensor in tensors], axis)
    return joined.int() if tensors[0].dtype == I32 else joined


def _expand(call: Call) -> Value:
    value, wanted = call.tensor(0), call.numbers(1)
    try:
        shape = np.broadcast_shapes(value.shape, wanted)
    except ValueError:
        raise ShapeError(f"a shape to expand {value.shape} to expected, got {wanted}") from None
    call.scope.afford(shape)
    return value if shape == value.shape else as_reals(value, lambda x: x.expand(*shape))


def _tile(call: Call) -> Value:
    value, times = call.tensor(0), call.numbers(1)
    if len(times) != len(value.shape) or min(times) < 1:
        raise ShapeError(f"a number of times per axis of {value.shape} expected, got {times}")
    pairs = list(zip(times, value.shape, strict=True))
    thin = tuple(n for _, size in pairs for n in (1, size))
    wide = tuple(n for pair in pairs for n in pair)
    full = tuple(n * size for n, size in pairs)
    return as_reals(value, lambda x: x.reshape(*thin).expand(*wide).reshape(*full))


def _pad(call: Call) -> Value:
    if call.text("mode", "constant") != "constant":
        raise GraphError(f"padding by a constant expected, got {call.text('mode', '')[:20]}")
    value, widths = call.tensor(0), call.numbers(1)
    rank = len(value.shape)
    axes = call.numbers(3) if call.has(3) else tuple(range(rank))
    if len(widths) != 2 * len(axes):
        raise ShapeError(f"two widths for each of {len(axes)} axes expected, got {len(widths)}")
    before, after = [0] * rank, [0] * rank
    for i, axis in enumerate(axes):
        at = axis_within(axis, rank)
        before[at], after[at] = widths[i], widths[len(axes) + i]
    for axis in range(rank):  # a width below 0 cuts
        size = value.shape[axis]
        cut = sliced(value, axis, max(0, -before[axis]), size - max(0, -after[axis]))
        value = call.lift(cut)
    first, last = ([max(0, width) for width in side] for side in (before, after))
    number = call.number(2, 0.0)
    return as_reals(value, lambda x: pad(x, first, last, number))


def _trilu(call: Call) -> Value:
    value, diagonal = call.tensor(0), call.whole(1, 0)
    if len(value.shape) < 2:
        raise ShapeError(f"a matrix expected, got shape {value.shape}")
    rows, columns = value.shape[-2:]
    limit = rows + columns
    below = np.tri(rows, columns, min(max(diagonal, -limit), limit), dtype=bool)
    if call.integer("upper", 1):
        below = ~np.tri(rows, columns, min(max(diagonal - 1, -limit), limit), dtype=bool)
    return as_reals(value, lambda x: where(call.lift(below), x, 0.0))


def _one_hot(call: Call) -> Value:
    labels, classes = call.tensor(0), call.whole(1, 0)
    pair = call.known(2).reshape(-1).tolist()
    if len(pair) != 2:
        raise ShapeError(f"a number for no and one for yes expected, got {len(pair)}")
    low, high = (float(number) for number in pair)
    if call.integer("axis", -1) not in (-1, len(labels.shape)) or not 0 < classes <= 1 << 20:
        raise GraphError(f"classes along the last axis expected, got {classes}")
    held = one_hot(labels.int(), classes)
    return held if (low, high) == (0.0, 1.0) else where(equal(held, 1.0), high, low)


def _depth_to_space(call: Call) -> Value:
    value, block = call.tensor(0), call.integer("blocksize", 1)
    if len(value.shape) != 4:
        raise ShapeError(f"an input (batch, channels, h, w) expected, got {value.shape}")
    batch, channels, height, width = value.shape
    if block < 1 or channels % (block * block):
        raise ShapeError(f"channels that {block}x{block} divides expected, got {channels}")
    deep = channels // (block * block)
    if call.text("mode", "DCR") == "CRD":
        split = value.reshape(batch, deep, block, block, height, width)
        turned = split.permute(0, 1, 4, 2, 5, 3)
    else:
        split = value.reshape(batch, block, block, deep, height, width)
        turned = split.permute(0, 3, 4, 1, 5, 2)
    return turned.reshape(batch, deep, height * block, width * block)


VIEWS: dict[str, Rule] = {
    "Identity": _identity,
    "Shape": _shape,
    "Reshape": _reshape,
    "Flatten": _flatten,
    "Transpose": _transpose,
    "Squeeze": _squeeze,
    "Unsqueeze": _unsqueeze,
    "Concat": _concat,
    "Split": _split,
    "Slice": _slice,
}
"""These take known values as they are."""

SHAPES: dict[str, Rule] = {
    **VIEWS,
    "Gather": _gather,
    "Expand": _expand,
    "Tile": _tile,
    "Pad": _pad,
    "Trilu": _trilu,
    "OneHot": _one_hot,
    "DepthToSpace": _depth_to_space,
}
