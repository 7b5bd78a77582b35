"""Known arrays as tensors: by one number, by a rule of their indices, or as a part of the state.

A graph's own constants are single numbers and indices. A mask or a table of positions that
follows no rule becomes a buffer of the state that training leaves as it is.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from delea.errors import DtypeError, GraphError
from delea.nn import Buffer, Tensor, greater, less_equal, logical_not, where
from delea.nn.record import builder
from delea.nn.tensor import lift

if TYPE_CHECKING:
    from collections.abc import Mapping

Array = NDArray[Any]
EXACT = 1 << 24
"""Up to here float32 holds every integer."""


@dataclass(slots=True)
class Dense:
    """Makes tensors of arrays; `buffers` are the state's, found by what they hold.

    `names` are the file's own names of its constants. A closed one makes no more buffers.
    """

    names: Mapping[str, Array]
    buffers: dict[str, Buffer] = field(default_factory=dict)
    closed: bool = False

    def tensor(self, array: Array) -> Tensor:
        """Return a known array as a tensor of the graph being recorded."""
        if not array.size:
            raise GraphError(f"a constant with elements expected, got one of shape {array.shape}")
        if array.dtype.kind == "b":
            return self._mask(array)
        if array.dtype.kind in "iu":
            return self._integers(array)
        if array.dtype.kind != "f":
            raise DtypeError(f"a constant of numbers expected, got {array.dtype}")
        return self._reals(array)

    def _reals(self, array: Array) -> Tensor:
        with np.errstate(over="ignore"):
            values = array.astype(np.float32)
        least, most = values.min(), values.max()
        if least == most:
            return _filled(float(most), values.shape)
        high = values == most
        if (high | (values == least)).all():
            return where(self._mask(high), float(most), float(least))
        return self._buffer(values)

    def _integers(self, array: Array) -> Tensor:
        clipped = np.clip(array, -(2**31), 2**31 - 1).astype(np.int64)
        if (clipped == clipped.flat[0]).all():
            return _filled(float(clipped.flat[0]), array.shape).int()
        if np.abs(clipped).max() > EXACT:
            raise DtypeError(f"integers up to {EXACT} expected in a constant, got larger ones")
        steps = _steps(clipped)
        if steps is None:
            return self._buffer(clipped.astype(np.float32)).int()
        total = _filled(float(clipped.flat[0]), array.shape)
        for axis, step in enumerate(steps):
            if step:
                total = total + _along(array.shape, axis) * float(step)
        return total.int()

    def _mask(self, array: Array) -> Tensor:
        if (array == array.flat[0]).all():
            return greater(_filled(float(array.flat[0]), array.shape), 0.0)
        diagonal = _diagonal(array)
        if diagonal is not None:
            return _triangle(array.shape, diagonal)
        diagonal = _diagonal(~array)
        if diagonal is not None:
            return logical_not(_triangle(array.shape, diagonal))
        return greater(self._buffer(array.astype(np.float32)), 0.0)

    def _buffer(self, values: Array) -> Tensor:
        """Return the buffer that holds `values`, a new one if there is none."""
        if not np.isfinite(values).all():
            raise DtypeError("a constant of finite numbers, or of two, expected, got others")
        for part in self.buffers.values():
            if np.array_equal(part.value, values):  # type: ignore[arg-type]
                return lift(part)
        if self.closed:
            raise GraphError(
                f"a constant that does not depend on the number of rows expected, got one of shape "
                f"{values.shape}"
            )
        name = self._name(values)
        part = Buffer(values.shape)
        part.name = name
        part.set(values)
        self.buffers[name] = part
        return lift(part)

    def _name(self, values: Array) -> str:
        """Return the name that the file has for `values`, or a new one."""
        for name, array in self.names.items():
            alike = array.size == values.size and array.dtype.kind == "f"
            if alike and name not in self.buffers and (array.reshape(values.shape) == values).all():
                return name
        return f"constant.{len(self.buffers)}"


def _filled(number: float, shape: tuple[int, ...]) -> Tensor:
    return Tensor(builder().constant(number, shape))


def _along(shape: tuple[int, ...], axis: int) -> Tensor:
    """Return the index along an axis as float32, of size 1 along the others."""
    sizes = tuple(size if at == axis else 1 for at, size in enumerate(shape))
    return Tensor(builder().iota(sizes, axis)).float()


def _steps(values: Array) -> list[int] | None:
    """Return by how much integers grow along each axis, if always by as much."""
    origin = (0,) * values.ndim
    steps, total = [], np.full(values.shape, values[origin])
    for axis, size in enumerate(values.shape):
        second = tuple(int(at == axis) for at in range(values.ndim))
        step = int(values[second] - values[origin]) if size > 1 else 0
        steps.append(step)
        sizes = [size if at == axis else 1 for at in range(values.ndim)]
        total = total + (np.arange(size) * step).reshape(sizes)
    return steps if np.array_equal(total, values) else None


def _diagonal(mask: Array) -> int | None:
    """Return k if the mask holds exactly where column <= row + k, along its last two axes."""
    if mask.ndim < 2:
        return None
    rows, columns = mask.shape[-2:]
    top = mask[(0,) * (mask.ndim - 2)]
    places = np.flatnonzero(top[:, 0])
    if not len(places):
        return None
    k = int(top[0].sum()) - 1 if places[0] == 0 else -int(places[0])
    triangle = np.tri(rows, columns, k, dtype=bool)
    return k if (mask == triangle).all() else None


def _triangle(shape: tuple[int, ...], diagonal: int) -> Tensor:
    """Return the mask that holds where column <= row + diagonal; leading sizes are 1."""
    flat = (*(1 for _ in shape[:-2]), *shape[-2:])
    rows, columns = (_along(flat, len(flat) - 2 + i) for i in (0, 1))
    held = less_equal(columns, rows + float(diagonal))
    return held if flat == shape else greater(held.float().expand(*shape), 0.0)
