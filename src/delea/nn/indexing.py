"""Where an index such as x[1, :, ::2] or an axis such as -1 points, as plain numbers."""

from __future__ import annotations

from dataclasses import dataclass
from operator import index
from typing import TypeAlias

from delea.errors import ShapeError

Shape: TypeAlias = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Selection:
    """A slice along every axis, and the shape of what is left with the picked axes gone."""

    starts: Shape
    sizes: Shape
    steps: Shape
    shape: Shape


def select(shape: Shape, key: object) -> Selection:
    """Return what `key` selects of a tensor of `shape`: integers, slices, `...` and None.

    Raises:
        ShapeError: an index out of range, too many, a step below 1, or nothing selected.
    """
    parts = list(key) if isinstance(key, tuple) else [key]
    taken = sum(part is not None and part is not Ellipsis for part in parts)
    if taken > len(shape) or parts.count(Ellipsis) > 1:
        raise ShapeError(f"an index of at most {len(shape)} axes expected, got {key!r}")
    at = parts.index(Ellipsis) if Ellipsis in parts else len(parts)
    parts[at : at + 1] = [slice(None)] * (len(shape) - taken)
    axes = iter(shape)
    spans: list[tuple[int, int, int]] = []
    left: list[int] = []
    for part in parts:
        if part is None:
            left.append(1)
            continue
        span = _span(next(axes), part)
        spans.append(span)
        if isinstance(part, slice):
            left.append(span[1])
    starts, sizes, steps = (tuple(span[i] for span in spans) for i in range(3))
    return Selection(starts, sizes, steps, tuple(left))


def _span(size: int, part: object) -> tuple[int, int, int]:
    """Return (start, count, step) along one axis."""
    if isinstance(part, slice):
        start, stop, step = part.indices(size)
        count = len(range(start, stop, step))
        if step < 1 or count < 1:
            raise ShapeError(
                f"a slice of some of {size} elements in steps of at least 1 expected, got {part}"
            )
        return start, count, step
    try:
        at = index(part)  # type: ignore[arg-type]
    except TypeError:
        kind = type(part).__name__
        raise ShapeError(f"an index of integers and slices expected, got {kind}") from None
    if not -size <= at < size:
        raise ShapeError(f"an index within {size} expected, got {at}")
    return at % size, 1, 1


def axis_of(what: str, shape: Shape, dim: int, *, new: bool = False) -> int:
    """Return the axis `dim`, counted from the end if negative; `new` counts one axis more."""
    rank = len(shape) + new
    if not -rank <= dim < rank:
        raise ShapeError(f"{what} needs axes of {shape}, got {dim}")
    return dim % rank


def axes_of(what: str, shape: Shape, dim: int | Shape | None) -> Shape:
    """Return the axes `dim` (None: all), ascending."""
    given = tuple(range(len(shape))) if dim is None else (dim,) if isinstance(dim, int) else dim
    if any(not -len(shape) <= axis < len(shape) for axis in given):
        raise ShapeError(f"{what} needs axes of {shape}, got {tuple(given)}")
    return tuple(sorted({axis % len(shape) for axis in given}))
