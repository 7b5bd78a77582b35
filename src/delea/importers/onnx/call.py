"""One node as its rule sees it: inputs that are recorded or known, attributes of the right type."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from delea.errors import GraphError, MalformedError, ShapeError
from delea.importers.onnx.tensors import MAX_AXES
from delea.nn import Tensor

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from delea.importers.onnx.dense import Dense
    from delea.importers.onnx.model import Node
    from delea.nn.module import Stored

Array = NDArray[Any]
Value: TypeAlias = "Tensor | Array"
Shape: TypeAlias = tuple[int, ...]

MAX_NUMBERS = 1 << 10
"""Integers that one input may give: a shape, sizes, axes."""

MAX_KNOWN = 1 << 26
"""Elements of all arrays that one recording may compute beforehand."""


@dataclass(slots=True)
class Scope:
    """What the nodes of one recording share."""

    opset: int
    parts: Mapping[str, Stored]
    dense: Dense
    known: int = 0

    def afford(self, shape: Shape) -> None:
        """Count an array that is computed beforehand, or refuse it."""
        if len(shape) > MAX_AXES or min(shape, default=0) < 0:
            raise ShapeError(f"at most {MAX_AXES} sizes of at least 0 expected, got {shape[:20]}")
        self.known += prod(shape)
        if self.known > MAX_KNOWN:
            raise ShapeError(f"constants of at most {MAX_KNOWN} elements expected, got {shape}")


@dataclass(slots=True)
class Call:
    """A node and its inputs; one that was left out is None."""

    node: Node
    inputs: list[Value | None]
    scope: Scope

    def has(self, index: int) -> bool:
        """Whether input `index` is there."""
        return index < len(self.inputs) and self.inputs[index] is not None

    def value(self, index: int) -> Value:
        """Return input `index` as it is."""
        found = self.inputs[index] if index < len(self.inputs) else None
        if found is None:
            raise MalformedError(f"input {index} expected, got none")
        return found

    def tensor(self, index: int) -> Tensor:
        """Return input `index` as a tensor of the graph being recorded."""
        return self.lift(self.value(index))

    def lift(self, value: Value) -> Tensor:
        """Return a value as a tensor of the graph being recorded."""
        return value if isinstance(value, Tensor) else self.scope.dense.tensor(value)

    def part(self, index: int) -> Stored | None:
        """Return the parameter or buffer that input `index` names, if it is one."""
        return self.scope.parts.get(self.node.inputs[index])

    def known(self, index: int) -> Array:
        """Return input `index`, which has to be known when the network is built."""
        found = self.value(index)
        if isinstance(found, Tensor):
            raise GraphError(f"input {index} known at the build expected, got a computed one")
        return found

    def numbers(self, index: int) -> Shape:
        """Return input `index` as known integers."""
        values = self.known(index)
        if values.dtype.kind not in "iu" or values.size > MAX_NUMBERS:
            raise ShapeError(
                f"at most {MAX_NUMBERS} integers expected as input {index}, got {values.size} of "
                f"{values.dtype}"
            )
        return tuple(int(number) for number in values.reshape(-1).tolist())

    def number(self, index: int, default: float) -> float:
        """Return input `index` as one known number, `default` if it is not there."""
        if not self.has(index):
            return default
        values = self.known(index)
        if values.size != 1:
            raise ShapeError(f"one number expected as input {index}, got {values.shape}")
        return float(values.reshape(-1)[0])

    def whole(self, index: int, default: int) -> int:
        """Return input `index` as one known integer, `default` if it is not there."""
        if not self.has(index):
            return default
        found = self.numbers(index)
        if len(found) != 1:
            raise ShapeError(f"one integer expected as input {index}, got {len(found)}")
        return found[0]

    def integer(self, name: str, default: int) -> int:
        """Return an attribute that is an integer."""
        return int(self._attribute(name, int, default))

    def real(self, name: str, default: float) -> float:
        """Return an attribute that is a number."""
        return float(self._attribute(name, float, default))

    def integers(self, name: str, default: Shape = ()) -> Shape:
        """Return an attribute that is a list of integers."""
        found = self._attribute(name, tuple, default)
        if not all(isinstance(number, int) for number in found):
            raise MalformedError(f"attribute {name} of integers expected, got other values")
        return tuple(found)

    def text(self, name: str, default: str) -> str:
        """Return an attribute that is a text."""
        return str(self._attribute(name, bytes, default.encode()), errors="replace")

    def shape(self, index: int) -> Shape:
        """Return the shape of input `index`."""
        return tuple(self.value(index).shape)

    def axis(self, default: int, rank: int, name: str = "axis") -> int:
        """Return the attribute `axis`, counted from the front."""
        return axis_within(self.integer(name, default), rank)

    def _attribute(self, name: str, kind: Callable[..., Any], default: Any) -> Any:
        found = self.node.attributes.get(name, default)
        if type(found) is not kind:
            wanted = getattr(kind, "__name__", "value")
            raise MalformedError(f"attribute {name} of type {wanted} expected, got another")
        return found


def axis_within(axis: int, rank: int) -> int:
    """Return an axis counted from the front, or refuse it."""
    if not -rank <= axis < rank:
        raise ShapeError(f"an axis within {rank} axes expected, got {axis}")
    return axis % rank


def is_number(value: Value | None) -> bool:
    """Return whether a value is one known number without axes."""
    return isinstance(value, np.ndarray) and value.ndim == 0
