"""Element types: PyTorch's many onto Delea's three, with PyTorch's rules for mixing them."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from delea.errors import DtypeError
from delea.graph import F32, I32, MASK
from delea.nn import Tensor, not_equal
from delea.nn.tensor import apply, lift

if TYPE_CHECKING:
    from collections.abc import Callable

Value: TypeAlias = "Tensor | float"

KINDS = {"float32": F32, "int64": I32, "int32": I32, "uint8": I32, "bool": MASK}


def kind_of(dtype: str) -> str:
    """Return Delea's element type for PyTorch's; raises DtypeError for another precision."""
    if dtype not in KINDS:
        raise DtypeError(f"float32, integers or bool expected, got {dtype}")
    return KINDS[dtype]


def convert(value: Value, kind: str) -> Tensor:
    """Return a value as float32, int32 or a mask."""
    tensor = lift(value)
    if kind == F32:
        return tensor.float()
    if kind == I32:
        return tensor.int()
    return tensor if tensor.dtype == MASK else not_equal(tensor, 0.0)


def is_whole(value: Value) -> bool:
    """Return whether a value counts in whole numbers."""
    return value.dtype != F32 if isinstance(value, Tensor) else isinstance(value, int)


def is_mask(value: Value) -> bool:
    """Return whether a value is true or false."""
    return value.dtype == MASK if isinstance(value, Tensor) else isinstance(value, bool)


def real(value: Value) -> Tensor:
    """Return a value as float32."""
    return lift(value).float()


def mix(operate: Callable[[Tensor, Tensor], Tensor], left: Value, right: Value) -> Tensor:
    """Return an operation on two values.

    Masks give a mask, and whole numbers give whole numbers, exact up to 2^24.
    """
    result = operate(real(left), real(right))
    if is_mask(left) and is_mask(right):
        return convert(result, MASK)
    return result.int() if is_whole(left) and is_whole(right) else result


def moved(move: Callable[[Tensor], Tensor], value: Tensor) -> Tensor:
    """Return a tensor whose elements were only moved, as some moves know float32 alone."""
    return convert(move(value.float()), value.dtype)


def operation(op: str) -> Callable[[Value, Value], Tensor]:
    """Return `op` of the graph on two values, as PyTorch mixes types."""
    return lambda left, right: mix(lambda x, y: apply(op, x, y), left, right)
