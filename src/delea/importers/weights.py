"""What every file of weights is checked for, and how bfloat16 is read, whatever its format."""

from collections.abc import Mapping
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from delea.errors import GraphError, MalformedError, ShapeError
from delea.nn import Module

Array = NDArray[Any]

MAX_NAME = 256
MAX_TENSORS = 1 << 16
MAX_AXES = 16
_SHOWN = 5


def check_name(name: object) -> str:
    """Return a tensor's name: printable, no path, no longer than 256 characters.

    Raises:
        MalformedError: it is another.
    """
    if (
        not isinstance(name, str)
        or not 0 < len(name) <= MAX_NAME
        or not name.isprintable()
        or not {"/", "\\"}.isdisjoint(name)
        or ".." in name
    ):
        raise MalformedError(
            f"a tensor's name of at most {MAX_NAME} printable characters and without a path "
            f"expected, got {repr(name)[:60]}"
        )
    return name


def check_shape(name: str, shape: object) -> tuple[int, ...]:
    """Return a shape of at most 16 axes, each of at least 1; raises MalformedError."""
    sizes = tuple(shape) if isinstance(shape, list | tuple) else None
    if (
        sizes is None
        or len(sizes) > MAX_AXES
        or any(type(size) is not int or not 1 <= size < 1 << 40 for size in sizes)
    ):
        raise MalformedError(
            f"{name}: at most {MAX_AXES} sizes of at least 1 expected, got {repr(shape)[:60]}"
        )
    return sizes


def check_span(name: str, shape: tuple[int, ...], item: int, length: int) -> None:
    """Raise MalformedError unless a tensor's elements of `item` bytes fill `length` bytes."""
    if prod(shape) * item != length:
        raise MalformedError(
            f"{name}: {prod(shape) * item} bytes expected for {shape}, got {length}"
        )


def check_finite(name: str, values: Array) -> None:
    """Raise MalformedError if floating-point values hold a NaN or an infinity."""
    if values.dtype.kind == "f" and not np.isfinite(values).all():
        raise MalformedError(f"{name}: finite numbers expected, got a NaN or an infinity")


def widen(values: Array) -> Array:
    """Return bfloat16 numbers, read as uint16, as the float32 whose upper halves they are."""
    return (values.astype("<u4") << 16).view("<f4")


def set_weights(network: Module, values: Mapping[str, Array]) -> None:
    """Set every tensor of a network by name; PyTorch's counts of batches are passed over.

    Raises:
        GraphError: names that are missing or too many: nothing is set then.
        ShapeError, DtypeError: a tensor of another shape or without numbers: neither.
    """
    known = dict(network.named_tensors())
    given = {name: v for name, v in values.items() if not name.endswith("num_batches_tracked")}
    if missing := [name for name in known if name not in given]:
        raise GraphError(f"weights for {_brief(missing)} expected, the file has none")
    if unknown := sorted(name for name in given if name not in known):
        raise GraphError(f"weights of the network expected, it has no {_brief(unknown)}")
    other = [name for name, part in known.items() if given[name].shape != part.shape]
    if other:
        first = other[0]
        raise ShapeError(
            f"weights of other shapes: {_brief(other)}; {first} needs {known[first].shape}, "
            f"got {given[first].shape}"
        )
    network.load_state_dict(given)


def _brief(names: list[str]) -> str:
    more = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
