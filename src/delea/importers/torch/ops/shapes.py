"""PyTorch's operations that move elements, and those that make tensors."""

from __future__ import annotations

import operator
from math import ceil
from typing import TYPE_CHECKING, Any

from delea import nn
from delea.errors import GraphError, ShapeError
from delea.importers.torch.ops.values import convert, is_whole, kind_of, moved, real
from delea.nn.indexing import axes_of, axis_of
from delea.nn.record import builder
from delea.nn.tensor import Tensor, reshape

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


def view(x: Tensor, sizes: Sequence[int]) -> Tensor:
    """Return the same elements in row-major order."""
    return reshape(x, tuple(sizes))


def permute(x: Tensor, dims: Sequence[int]) -> Tensor:
    """Return x with its axes in another order."""
    return x.permute(*dims)


def transpose(x: Tensor, first: int = 0, second: int = -1) -> Tensor:
    """Return x with two axes swapped."""
    return x.transpose(first, second) if x.shape else x


def unsqueeze(x: Tensor, dim: int) -> Tensor:
    """Return x with a new axis of size 1."""
    return x.unsqueeze(dim)


def squeeze(x: Tensor, dims: Sequence[int]) -> Tensor:
    """Return x without these axes, all of size 1."""
    return reshape(x, tuple(size for axis, size in enumerate(x.shape) if axis not in dims))


def expand(x: Tensor, sizes: Sequence[int], *, implicit: bool = False) -> Tensor:
    """Return x repeated along its axes of size 1."""
    del implicit
    wanted = tuple(sizes)
    padded = (1,) * (len(wanted) - len(x.shape)) + x.shape
    if all(size in (-1, own) for size, own in zip(wanted, padded, strict=True)):
        return reshape(x, padded)
    return moved(lambda value: value.expand(*wanted), x)


def repeat(x: Tensor, counts: Sequence[int]) -> Tensor:
    """Return x so many times along each axis."""
    rank = len(counts)
    shape = (1,) * (rank - len(x.shape)) + x.shape
    pairs = [size for pair in zip((1,) * rank, shape, strict=True) for size in pair]
    wide = [size for pair in zip(counts, shape, strict=True) for size in pair]
    sizes = tuple(count * size for count, size in zip(counts, shape, strict=True))
    return reshape(expand(reshape(x, tuple(pairs)), wide), sizes)


def cat(parts: Sequence[Tensor], dim: int = 0) -> Tensor:
    """Return tensors one after the other along one axis."""
    if len({part.dtype for part in parts}) == 1:
        kind = parts[0].dtype
        return convert(nn.cat([part.float() for part in parts], dim), kind)
    return nn.cat([real(part) for part in parts], dim)


def stack(parts: Sequence[Tensor], dim: int = 0) -> Tensor:
    """Return tensors of one shape along a new axis."""
    return cat([part.unsqueeze(dim) for part in parts], dim)


def split(x: Tensor, sizes: Sequence[int] | int, dim: int = 0) -> tuple[Tensor, ...]:
    """Return pieces of these sizes along one axis."""
    if isinstance(sizes, int):
        return x.split(sizes, dim)
    starts = [sum(sizes[:at]) for at in range(len(sizes))]
    return tuple(x.narrow(dim, at, size) for at, size in zip(starts, sizes, strict=True))


def unbind(x: Tensor, dim: int = 0) -> tuple[Tensor, ...]:
    """Return every slice along one axis, without that axis."""
    return tuple(select(x, dim, at) for at in range(x.shape[dim]))


def slice_(
    x: Tensor, dim: int = 0, start: int | None = None, end: int | None = None, step: int = 1
) -> Tensor:
    """Return every `step`-th element from start to end along one axis."""
    key = [slice(None)] * len(x.shape)
    key[axis_of("slice", x.shape, dim)] = slice(start, end, step)
    return x[tuple(key)]


def select(x: Tensor, dim: int, at: int) -> Tensor:
    """Return one element along an axis, without that axis."""
    key: list[slice | int] = [slice(None)] * len(x.shape)
    key[axis_of("select", x.shape, dim)] = at
    return x[tuple(key)]


def flip(x: Tensor, dims: Sequence[int]) -> Tensor:
    """Return x in the opposite order along some axes."""
    for axis in axes_of("flip", x.shape, tuple(dims)):
        x = cat([x.narrow(axis, at, 1) for at in reversed(range(x.shape[axis]))], axis)
    return x


def roll(x: Tensor, shifts: Sequence[int], dims: Sequence[int] = ()) -> Tensor:
    """Return x moved on along some axes, what leaves at the end coming in at the start."""
    if not dims:
        return reshape(roll(reshape(x, (-1,)), shifts, (0,)), x.shape)
    for shift, dim in zip(shifts, dims, strict=True):
        size = x.shape[dim]
        cut = -shift % size
        if cut:
            x = cat([slice_(x, dim, cut), slice_(x, dim, 0, cut)], dim)
    return x


def pad(x: Tensor, widths: Sequence[int], value: float = 0.0) -> Tensor:
    """Return x with more elements, or fewer, at the ends of its last axes."""
    before, after = [0] * len(x.shape), [0] * len(x.shape)
    for at in range(len(widths) // 2):
        axis = len(x.shape) - 1 - at
        low, high = widths[2 * at], widths[2 * at + 1]
        x = slice_(x, axis, max(-low, 0), x.shape[axis] - max(-high, 0))
        before[axis], after[axis] = max(low, 0), max(high, 0)
    return moved(lambda part: nn.pad(part, before, after, float(value)), x)


def embedding(table: Tensor, index: Tensor, padding: int = -1, *_: Any) -> Tensor:
    """Return rows of a table; the padding row is 0 and learns nothing."""
    rows = nn.embedding(index, table)
    if padding < 0:
        return rows
    return nn.where(nn.equal(index, padding).unsqueeze(-1), 0.0, rows)


def index_select(x: Tensor, dim: int, index: Tensor) -> Tensor:
    """Return elements by number along one axis."""
    axis = axis_of("index_select", x.shape, dim)
    first = x.transpose(axis, 0)
    rows = nn.embedding(index, real(first).reshape(first.shape[0], -1))
    result = rows.reshape(index.shape[0], *first.shape[1:]).transpose(axis, 0)
    return convert(result, x.dtype)


def index(x: Tensor, places: Sequence[Tensor | None]) -> Tensor:
    """Return elements by number along one axis: an index with one tensor."""
    (axis, place), *more = [(at, each) for at, each in enumerate(places) if each is not None]
    if more or place.dtype != "i32":
        raise GraphError("an index of slices, or one of whole numbers along one axis, expected")
    from_end = nn.where(place.float() < 0.0, place.float() + x.shape[axis], place.float())
    flat = index_select(x, axis, reshape(from_end.int(), (-1,)))
    return reshape(flat, (*x.shape[:axis], *place.shape, *x.shape[axis + 1 :]))


def arange(start: float, end: float, step: float = 1, *, dtype: str | None = None) -> Tensor:
    """Return start, start + step, ... below end."""
    numbers = Tensor(builder().iota((ceil((end - start) / step),), 0)).float() * step + start
    is_real = any(isinstance(each, float) for each in (start, end, step))
    return convert(numbers, kind_of(dtype or ("float32" if is_real else "int64")))


def full(sizes: Sequence[int], value: float, *, dtype: str | None = None) -> Tensor:
    """Return a tensor of one value."""
    constant = Tensor(builder().constant(float(value), tuple(sizes)))
    kind = kind_of(dtype) if dtype else "f32"
    if dtype is None and is_whole(value):
        kind = "mask" if isinstance(value, bool) else "i32"
    return convert(constant, kind)


def full_like(x: Tensor, value: float, *, dtype: str | None = None, **_: Any) -> Tensor:
    """Return a tensor of one value, in the shape of another."""
    return convert(
        Tensor(builder().constant(float(value), x.shape)), kind_of(dtype) if dtype else x.dtype
    )


def scalar(value: float, *, dtype: str | None = None, **_: Any) -> Tensor:
    """Return a tensor of one value without axes."""
    return full((), value, dtype=dtype)


def size(x: Tensor, dim: int) -> int:
    """Return how long an axis is: an ordinary number once the rows are known."""
    return x.shape[dim]


def nearest(
    x: Tensor, sizes: Sequence[int] | None, scales: Sequence[float] | None = None, *_: Any
) -> Tensor:
    """Return each pixel as often as the scales say: whole numbers."""
    rows, channels, *pixels = x.shape
    wanted = sizes or [int(n * s) for n, s in zip(pixels, scales or (), strict=True)]
    if any(large % small for large, small in zip(wanted, pixels, strict=True)):
        raise ShapeError(f"a size that {tuple(pixels)} divides expected, got {tuple(wanted)}")
    factors = [large // small for large, small in zip(wanted, pixels, strict=True)]
    apart = [rows, channels, *(part for n in pixels for part in (n, 1))]
    wide = [rows, channels, *(p for n, f in zip(pixels, factors, strict=True) for p in (n, f))]
    return reshape(expand(reshape(x, tuple(apart)), wide), (rows, channels, *wanted))


_PYTHON = ("add", "sub", "mul", "floordiv", "mod", "neg", "getitem", "pow")

SHAPES: dict[str, Callable[..., Any]] = {
    **{f"operator.{name}": getattr(operator, name) for name in _PYTHON},
    "aten.sym_size.int": size,
    "aten.view.default": view,
    "aten._unsafe_view.default": view,
    "aten.reshape.default": view,
    "aten.permute.default": permute,
    "aten.transpose.int": transpose,
    "aten.t.default": transpose,
    "aten.unsqueeze.default": unsqueeze,
    "aten.squeeze.dims": squeeze,
    "aten.expand.default": expand,
    "aten.repeat.default": repeat,
    "aten.cat.default": cat,
    "aten.stack.default": stack,
    "aten.split.Tensor": split,
    "aten.split_with_sizes.default": split,
    "aten.unbind.int": unbind,
    "aten.slice.Tensor": slice_,
    "aten.select.int": select,
    "aten.flip.default": flip,
    "aten.roll.default": roll,
    "aten.constant_pad_nd.default": pad,
    "aten.embedding.default": embedding,
    "aten.index_select.default": index_select,
    "aten.index.Tensor": index,
    "aten.arange.start_step": arange,
    "aten.full.default": full,
    "aten.full_like.default": full_like,
    "aten.scalar_tensor.default": scalar,
    "aten.upsample_nearest1d.vec": nearest,
    "aten.upsample_nearest2d.vec": nearest,
}
