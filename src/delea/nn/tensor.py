"""Tensors that record what is done to them, as PyTorch's do; there are no values, only a graph."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from delea.errors import DtypeError, GraphError, ShapeError
from delea.graph import F32, Builder

if TYPE_CHECKING:
    from collections.abc import Iterator


Operand: TypeAlias = "Operators | float"

_BUILDER: ContextVar[Builder] = ContextVar("builder")


@contextmanager
def recording(builder: Builder) -> Iterator[None]:
    """Record every tensor operation inside the block into `builder`."""
    token = _BUILDER.set(builder)
    try:
        yield
    finally:
        _BUILDER.reset(token)


def builder() -> Builder:
    """Return the builder that records now."""
    try:
        return _BUILDER.get()
    except LookupError:
        raise GraphError(
            "a tensor operation inside delea.compiler.build expected, got one outside: "
            "delea.nn records networks, it does not run them"
        ) from None


class Operators:
    """The arithmetic operators of tensors and parameters: each records an operation."""

    __slots__ = ()
    __array_ufunc__ = None  # a NumPy number or array on the left leaves the operation to us

    def __add__(self, other: Operand) -> Tensor:
        return apply("add", self, other)

    def __radd__(self, other: Operand) -> Tensor:
        return apply("add", other, self)

    def __sub__(self, other: Operand) -> Tensor:
        return apply("sub", self, other)

    def __rsub__(self, other: Operand) -> Tensor:
        return apply("sub", other, self)

    def __mul__(self, other: Operand) -> Tensor:
        return apply("mul", self, other)

    def __rmul__(self, other: Operand) -> Tensor:
        return apply("mul", other, self)

    def __truediv__(self, other: Operand) -> Tensor:
        return apply("div", self, other)

    def __rtruediv__(self, other: Operand) -> Tensor:
        return apply("div", other, self)

    def __neg__(self) -> Tensor:
        return apply("neg", self)

    def __matmul__(self, other: Operand) -> Tensor:
        return apply("matmul", self, other, ta=False, tb=False)


class Named(Operators):
    """A tensor of the state by its name: `module.Parameter` is one."""

    name: str
    shape: tuple[int, ...]


class Tensor(Operators):
    """A value of the graph being recorded: `shape`, `dtype` and the operators of NumPy."""

    __slots__ = ("node",)

    def __init__(self, node: int) -> None:
        self.node = node

    @property
    def shape(self) -> tuple[int, ...]:
        """Sizes of the axes."""
        return builder().nodes[self.node].shape

    @property
    def dtype(self) -> str:
        """`f32`, `i32` or `mask`."""
        return builder().nodes[self.node].dtype

    def reshape(self, *shape: int) -> Tensor:
        """Return the same elements in row-major order; one size may be -1."""
        return reshape(self, shape)

    def flatten(self, start_dim: int = 0) -> Tensor:
        """Return the tensor with all axes from `start_dim` on as one."""
        return reshape(self, (*self.shape[:start_dim], -1))

    def permute(self, *dims: int) -> Tensor:
        """Return the tensor with its axes in the order `dims`."""
        rank = len(self.shape)
        return apply("transpose", self, axes=tuple(axis % rank for axis in dims))

    def transpose(self, dim0: int, dim1: int) -> Tensor:
        """Return the tensor with two axes swapped."""
        axes = list(range(len(self.shape)))
        axes[dim0], axes[dim1] = axes[dim1], axes[dim0]
        return apply("transpose", self, axes=tuple(axes))

    def narrow(self, dim: int, start: int, length: int) -> Tensor:
        """Return `length` elements from `start` on along one axis."""
        starts, sizes = [0] * len(self.shape), list(self.shape)
        starts[dim], sizes[dim] = start, length
        steps = (1,) * len(sizes)
        return apply("slice", self, starts=tuple(starts), sizes=tuple(sizes), steps=steps)

    def split(self, split_size: int, dim: int = 0) -> tuple[Tensor, ...]:
        """Return pieces of `split_size` along one axis; the last may be shorter."""
        size = self.shape[dim]
        starts = range(0, size, split_size)
        return tuple(self.narrow(dim, at, min(split_size, size - at)) for at in starts)

    def sum(self, dim: int | tuple[int, ...] | None = None, *, keepdim: bool = False) -> Tensor:
        """Return the sum over `dim` (all axes if None)."""
        return reduce("sum", self, dim, keepdim=keepdim)

    def mean(self, dim: int | tuple[int, ...] | None = None, *, keepdim: bool = False) -> Tensor:
        """Return the sum over `dim` times 1/n."""
        total = reduce("sum", self, dim, keepdim=keepdim)
        return total * (_count(total) / _count(self))


def apply(op: str, *operands: Operand, **attributes: int | str | bool | tuple[int, ...]) -> Tensor:
    """Record `op`; numbers become constants and parameters become state."""
    return Tensor(builder().add(op, *(lift(operand).node for operand in operands), **attributes))


def lift(operand: Operand) -> Tensor:
    """Return `operand` as a tensor of the graph being recorded."""
    if isinstance(operand, Tensor):
        return operand
    if isinstance(operand, int | float | np.number):
        return Tensor(builder().constant(operand))
    if not isinstance(operand, Named):
        kind = type(operand).__name__
        raise DtypeError(f"a tensor, a parameter or a number expected, got {kind}")
    if not operand.name:
        raise GraphError(
            f"a parameter that is an attribute of a module of the network expected, got one of "
            f"shape {operand.shape} without a name"
        )
    return Tensor(builder().leaf("state", operand.name, operand.shape, F32))


def reshape(value: Tensor, shape: tuple[int, ...]) -> Tensor:
    """Return the same elements in another shape; one size may be -1."""
    known = 1
    for size in shape:
        known *= size if size != -1 else 1
    if shape.count(-1) == 1 and known and _count(value) % known == 0:
        shape = tuple(_count(value) // known if size == -1 else size for size in shape)
    return apply("reshape", value, shape=shape)


def reduce(op: str, value: Tensor, dim: int | tuple[int, ...] | None, *, keepdim: bool) -> Tensor:
    """Record a reduction over `dim` (all axes if None); negative axes count from the end."""
    rank = len(value.shape)
    axes = range(rank) if dim is None else (dim,) if isinstance(dim, int) else dim
    if any(not -rank <= axis < rank for axis in axes):
        raise ShapeError(f"{op} needs axes of {value.shape}, got {tuple(axes)}")
    wanted = tuple(sorted(axis % rank for axis in axes))
    result = Tensor(builder().reduce(op, value.node, wanted))
    if keepdim:
        return result
    kept = tuple(size for axis, size in enumerate(value.shape) if axis not in wanted)
    return reshape(result, kept)


def _count(value: Tensor) -> int:
    count = 1
    for size in value.shape:
        count *= size
    return count
