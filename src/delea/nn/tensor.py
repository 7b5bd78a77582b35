"""Tensors that record what is done to them, as PyTorch's do; there are no values, only a graph."""

from __future__ import annotations

from itertools import accumulate
from math import prod
from operator import index
from typing import TYPE_CHECKING, TypeAlias, overload

import numpy as np

from delea.errors import DtypeError, GraphError, ShapeError
from delea.graph import F32, I32
from delea.nn.indexing import axes_of, axis_of, select
from delea.nn.largest import first_largest
from delea.nn.record import builder, current
from delea.nn.record import recording as recording  # noqa: PLC0414 - its old place

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Dims: TypeAlias = "int | tuple[int, ...] | None"


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

    def __pow__(self, other: Operand) -> Tensor:
        return power(self, other)

    def __rpow__(self, other: Operand) -> Tensor:
        return apply("pow", other, self)

    def __neg__(self) -> Tensor:
        return apply("neg", self)

    def __abs__(self) -> Tensor:
        return apply("abs", self)

    def __matmul__(self, other: Operand) -> Tensor:
        return apply("matmul", self, other, ta=False, tb=False)

    def float(self) -> Tensor:
        """Return float32: integers as they are, a mask as 1 and 0."""
        value = lift(self)
        if value.dtype == F32:
            return value
        return apply("cast", value) if value.dtype == I32 else apply("where", value, 1.0, 0.0)

    def int(self) -> Tensor:
        """Return int32, towards zero; no gradient passes."""
        value = lift(self)
        return value if value.dtype == I32 else apply("cast", value.float())

    def __lt__(self, other: Operand) -> Tensor:
        return less(self, other)

    def __gt__(self, other: Operand) -> Tensor:
        return less(other, self)

    def __le__(self, other: Operand) -> Tensor:
        return less_equal(self, other)

    def __ge__(self, other: Operand) -> Tensor:
        return less_equal(other, self)


class Shaped(Operators):
    """What tensors and parameters can do that have a shape: their views and reductions."""

    __slots__ = ()

    if TYPE_CHECKING:

        @property
        def shape(self) -> tuple[int, ...]:
            """Sizes of the axes."""

    @property
    def ndim(self) -> int:
        """How many axes there are."""
        return len(self.shape)

    @overload
    def size(self) -> tuple[int, ...]: ...
    @overload
    def size(self, dim: int) -> int: ...
    def size(self, dim: int | None = None) -> int | tuple[int, ...]:
        """Return the size of one axis, or of all."""
        return self.shape if dim is None else self.shape[axis_of("size", self.shape, dim)]

    def __bool__(self) -> bool:
        raise DtypeError("a choice by nn.where expected, got an `if`: a tensor has no value yet")

    def __len__(self) -> int:
        if not self.shape:
            raise ShapeError("a tensor with axes expected, got one without: it has no length")
        return self.shape[0]

    def __iter__(self) -> Iterator[Tensor]:
        return (self[place] for place in range(len(self)))

    def __getitem__(self, key: object) -> Tensor:
        found = select(self.shape, key)
        part = lift(self)
        if found.sizes != self.shape:
            spans = {"starts": found.starts, "sizes": found.sizes, "steps": found.steps}
            part = apply("slice", self, **spans)
        return part if found.shape == part.shape else reshape(part, found.shape)

    def reshape(self, *shape: int | tuple[int, ...]) -> Tensor:
        """Return the same elements in row-major order; one size may be -1."""
        return reshape(self, _numbers(shape))

    view = reshape

    def flatten(self, start_dim: int = 0, end_dim: int = -1) -> Tensor:
        """Return the tensor with the axes from `start_dim` to `end_dim` as one."""
        shape = self.shape or (1,)
        first, last = (axis_of("flatten", shape, axis) for axis in (start_dim, end_dim))
        if first > last:
            raise ShapeError(f"flatten needs axes in order, got {start_dim} to {end_dim}")
        return reshape(self, (*shape[:first], -1, *shape[last + 1 :]))

    def permute(self, *dims: int | tuple[int, ...]) -> Tensor:
        """Return the tensor with its axes in the order `dims`."""
        axes = tuple(axis_of("permute", self.shape, axis) for axis in _numbers(dims))
        return apply("transpose", self, axes=axes)

    def transpose(self, dim0: int, dim1: int) -> Tensor:
        """Return the tensor with two axes swapped."""
        axes = list(range(len(self.shape)))
        first, second = (axis_of("transpose", self.shape, axis) for axis in (dim0, dim1))
        axes[first], axes[second] = axes[second], axes[first]
        return apply("transpose", self, axes=tuple(axes))

    def squeeze(self, dim: int | None = None) -> Tensor:
        """Return the tensor without its axes of size 1, or without `dim` if its size is 1."""
        dropped = axes_of("squeeze", self.shape, dim)
        pairs = enumerate(self.shape)
        return reshape(self, tuple(n for axis, n in pairs if n != 1 or axis not in dropped))

    def unsqueeze(self, dim: int) -> Tensor:
        """Return the tensor with a new axis of size 1 before `dim`."""
        at = axis_of("unsqueeze", self.shape, dim, new=True)
        return reshape(self, (*self.shape[:at], 1, *self.shape[at:]))

    def expand(self, *given: int | tuple[int, ...]) -> Tensor:
        """Return the tensor repeated along its axes of size 1; -1 keeps a size."""
        sizes = _numbers(given)
        padded = (-1,) * (len(sizes) - len(self.shape)) + self.shape
        wanted = tuple(a if n == -1 else n for n, a in zip(sizes, padded, strict=False))
        if len(sizes) < len(self.shape) or min(wanted) < 1:
            raise ShapeError(f"expand needs sizes for {self.shape}, got {sizes}")
        wide = apply("add", self, Tensor(builder().constant(-0.0, wanted)))
        if wide.shape != wanted:
            raise ShapeError(f"expand repeats axes of size 1 alone, got {self.shape} to {sizes}")
        return wide

    def narrow(self, dim: int, start: int, length: int) -> Tensor:
        """Return `length` elements from `start` on along one axis."""
        axis = axis_of("narrow", self.shape, dim)
        starts, sizes = [0] * len(self.shape), list(self.shape)
        starts[axis], sizes[axis] = start, length
        steps = (1,) * len(sizes)
        return apply("slice", self, starts=tuple(starts), sizes=tuple(sizes), steps=steps)

    def split(self, split_size: int | Sequence[int], dim: int = 0) -> tuple[Tensor, ...]:
        """Return pieces of `split_size` along one axis, the last perhaps shorter; or of each size.

        Several sizes are those of all pieces and add up to the axis.
        """
        size = self.shape[axis_of("split", self.shape, dim)]
        sizes = [split_size] if isinstance(split_size, int) else list(split_size)
        if not sizes or min(sizes) < 1:
            raise ShapeError(f"split needs pieces of at least 1, got {split_size}")
        if isinstance(split_size, int):
            sizes = [min(split_size, size - at) for at in range(0, size, split_size)]
        if sum(sizes) != size:
            raise ShapeError(f"split needs pieces that add up to {size}, got {split_size}")
        starts = accumulate(sizes, initial=0)
        return tuple(self.narrow(dim, at, n) for at, n in zip(starts, sizes, strict=False))

    def chunk(self, chunks: int, dim: int = 0) -> tuple[Tensor, ...]:
        """Return at most so many pieces along one axis, all but the last of one size."""
        if chunks < 1:
            raise ShapeError(f"chunk needs at least 1 piece, got {chunks}")
        return self.split(-(-self.shape[axis_of("chunk", self.shape, dim)] // chunks), dim)

    def sum(self, dim: Dims = None, *, keepdim: bool = False) -> Tensor:
        """Return the sum over `dim` (all axes if None)."""
        return reduce("sum", self, dim, keepdim=keepdim)

    def mean(self, dim: Dims = None, *, keepdim: bool = False) -> Tensor:
        """Return the sum over `dim` times 1/n."""
        total = reduce("sum", self, dim, keepdim=keepdim)
        return total * (prod(total.shape) / prod(self.shape))

    def amax(self, dim: Dims = None, *, keepdim: bool = False) -> Tensor:
        """Return the largest over `dim`; the gradient goes to the first of the largest."""
        axes = axes_of("amax", self.shape, dim)
        value = lift(self)
        if not axes:
            return value
        place, first = map(Tensor, first_largest(builder(), value.node, axes))
        kept = apply("where", apply("equal", place, first), value, -0.0)
        return reduce("sum", kept, axes, keepdim=keepdim)

    def amin(self, dim: Dims = None, *, keepdim: bool = False) -> Tensor:
        """Return the smallest over `dim`; the gradient goes to the first of the smallest."""
        return -(-self).amax(dim, keepdim=keepdim)

    max, min = amax, amin

    def argmax(self, dim: Dims = None, *, keepdim: bool = False) -> Tensor:
        """Return where the first of the largest is over `dim` (None: all), in row-major order."""
        axes = axes_of("argmax", self.shape, dim)
        first = Tensor(first_largest(builder(), lift(self).node, axes)[1])
        kept = tuple(size for axis, size in enumerate(self.shape) if axis not in axes)
        return (first if keepdim else reshape(first, kept)).int()


Operand: TypeAlias = Operators | float


class Named(Shaped):
    """A tensor of the state by its name: `module.Parameter` is one."""

    name: str
    shape: tuple[int, ...]


class Tensor(Shaped):
    """A value of the graph being recorded: `shape`, `dtype` and the operators of NumPy.

    It has no values while it is recorded: no `if` can ask for one, `nn.where` chooses.
    """

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

    def __eq__(self, other: Operand) -> Tensor:  # type: ignore[override]
        return equal(self, other)

    def __ne__(self, other: Operand) -> Tensor:  # type: ignore[override]
        return not_equal(self, other)

    __hash__ = object.__hash__


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
    changed = current().updates.get(operand.name)
    if changed is not None:
        return Tensor(changed)
    return Tensor(builder().leaf("state", operand.name, operand.shape, F32))


def real(operand: Operand) -> Tensor:
    """Return `operand` as a float32 tensor."""
    return lift(operand).float()


def less(left: Operand, right: Operand) -> Tensor:
    """Return the mask left < right; false for a NaN."""
    return apply("less", real(left), real(right))


def less_equal(left: Operand, right: Operand) -> Tensor:
    """Return the mask left <= right; false for a NaN."""
    right = real(right)
    return apply("equal", apply("max", real(left), right), right)


def equal(left: Operand, right: Operand) -> Tensor:
    """Return the mask left == right, element by element; false for a NaN."""
    one, other = lift(left), lift(right)
    if one.dtype == other.dtype and one.dtype in (F32, I32):
        return apply("equal", one, other)
    return apply("equal", one.float(), other.float())


def not_equal(left: Operand, right: Operand) -> Tensor:
    """Return the mask left != right, element by element; true for a NaN."""
    return apply("equal", equal(left, right).float(), 0.0)


def power(base: Operand, exponent: Operand) -> Tensor:
    """Return base^exponent: products, quotients and roots where these say the same."""
    value = lift(base)
    if isinstance(exponent, Operators):
        return apply("pow", value, exponent)
    match exponent:
        case 1 | 2 | 3:
            return (value, value * value, value * value * value)[int(exponent) - 1]
        case 0.5 | -0.5:
            root = apply("sqrt", value)
            return root if exponent > 0 else 1.0 / root
    return 1.0 / value if exponent == -1 else apply("pow", value, exponent)


def _numbers(given: tuple[int | tuple[int, ...], ...]) -> tuple[int, ...]:
    """Return sizes that come one by one, or as one tuple."""
    first = given[0] if len(given) == 1 else given
    sizes = first if isinstance(first, tuple | list) else (first,)
    try:
        return tuple(map(index, sizes))  # type: ignore[arg-type]
    except TypeError:
        raise ShapeError(f"whole numbers expected, got {given}") from None


def reshape(value: Shaped, shape: tuple[int, ...]) -> Tensor:
    """Return the same elements in another shape; one size may be -1."""
    known = prod(size for size in shape if size != -1)
    if shape.count(-1) == 1 and known and prod(value.shape) % known == 0:
        shape = tuple(prod(value.shape) // known if size == -1 else size for size in shape)
    return apply("reshape", value, shape=shape)


def reduce(op: str, value: Shaped, dim: Dims, *, keepdim: bool) -> Tensor:
    """Record a reduction over `dim` (all axes if None); negative axes count from the end."""
    wanted = axes_of(op, value.shape, dim)
    result = lift(value)
    if wanted:
        result = Tensor(builder().reduce(op, result.node, wanted))
    if keepdim:
        return result
    kept = tuple(size for axis, size in enumerate(value.shape) if axis not in wanted)
    return reshape(result, kept)
