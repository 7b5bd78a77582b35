"""Tensors put together, padded and looked up."""

from collections.abc import Sequence

from delea.errors import DtypeError, ShapeError
from delea.graph import I32, float_bits
from delea.nn.indexing import axis_of
from delea.nn.record import builder
from delea.nn.tensor import Operand, Tensor, apply, lift


def cat(tensors: Sequence[Tensor], dim: int = 0) -> Tensor:
    """Return tensors one after the other along one axis; their other sizes are equal."""
    parts = [lift(part) for part in tensors]
    if not parts:
        raise ShapeError("cat needs at least one tensor, got none")
    first = parts[0].shape
    axis = axis_of("cat", first, dim)
    for part in parts:
        shape = part.shape
        if len(shape) != len(first) or _without(shape, axis) != _without(first, axis):
            raise ShapeError(f"cat needs equal sizes but along axis {axis}, got {first}, {shape}")
    starts: list[int] = []
    at = 0
    for part in parts:
        starts += [at if i == axis else 0 for i in range(len(first))]
        at += part.shape[axis]
    shape = (*first[:axis], at, *first[axis + 1 :])
    steps = (1,) * len(starts)
    return apply("assemble", *parts, shape=shape, starts=tuple(starts), steps=steps, bits=0)


concat = cat


def stack(tensors: Sequence[Tensor], dim: int = 0) -> Tensor:
    """Return tensors of one shape along a new axis."""
    return cat([lift(part).unsqueeze(dim) for part in tensors], dim)


def pad(x: Tensor, before: Sequence[int], after: Sequence[int], value: float = 0.0) -> Tensor:
    """Return x with so many elements of `value` before and after along each axis."""
    if not len(before) == len(after) == len(x.shape) or min(*before, *after, 0) < 0:
        raise ShapeError(f"pad needs a width of at least 0 per axis of {x.shape}, before and after")
    sizes = zip(before, x.shape, after, strict=True)
    shape = tuple(a + size + z for a, size, z in sizes)
    if shape == x.shape:
        return x
    steps = (1,) * len(shape)
    starts = tuple(before)
    return apply("assemble", x, shape=shape, starts=starts, steps=steps, bits=float_bits(value))


def embedding(index: Tensor, weight: Operand) -> Tensor:
    """Return rows of a table: (...) int32, (rows, width) -> (..., width); indices are clipped."""
    return apply("gather", weight, index)


def one_hot(labels: Tensor, classes: int) -> Tensor:
    """Return 1.0 where the class is the label: (...) int32 -> (..., classes).

    A label out of range gives a row of zeros.
    """
    if labels.dtype != I32:
        raise DtypeError(f"one_hot needs int32 labels, got {labels.dtype}")
    ones = (1,) * len(labels.shape)
    index = Tensor(builder().iota((*ones, classes), len(ones)))
    mask = apply("equal", index, labels.reshape(*labels.shape, 1))
    return apply("where", mask, lift(1.0), lift(0.0))


def _without(shape: tuple[int, ...], axis: int) -> tuple[int, ...]:
    return (*shape[:axis], *shape[axis + 1 :])
