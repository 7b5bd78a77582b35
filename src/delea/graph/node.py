"""The intermediate representation: nodes in topological order, each assigned once."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

Attribute = int | str | bool | tuple[int, ...]
Shape = tuple[int, ...]

F32, I32, MASK = "f32", "i32", "mask"


@dataclass(frozen=True, slots=True)
class Node:
    """One value: an operation on earlier nodes, with the shape and element type it gives."""

    op: str
    inputs: tuple[int, ...]
    shape: Shape
    dtype: str
    attributes: tuple[tuple[str, Attribute], ...] = ()

    def __getitem__(self, name: str) -> Attribute:
        """Return the attribute `name`."""
        for key, attribute in self.attributes:
            if key == name:
                return attribute
        raise KeyError(name)

    def integers(self, name: str) -> tuple[int, ...]:
        """Return the attribute `name`, a tuple of integers."""
        found = self[name]
        assert isinstance(found, tuple), f"{self.op}.{name} is a tuple"
        return found

    def integer(self, name: str) -> int:
        """Return the attribute `name`, an integer."""
        found = self[name]
        assert isinstance(found, int), f"{self.op}.{name} is an integer"
        return found

    def text(self, name: str) -> str:
        """Return the attribute `name`, a text."""
        found = self[name]
        assert isinstance(found, str), f"{self.op}.{name} is a text"
        return found


@dataclass(frozen=True, slots=True)
class Graph:
    """Nodes, each reading only earlier ones, and the nodes that are its results, by name."""

    nodes: tuple[Node, ...]
    outputs: tuple[tuple[str, int], ...]

    def leaves(self, op: str) -> Iterator[tuple[str, Node]]:
        """Yield (name, node) of every `input` or `state` leaf, in order."""
        for node in self.nodes:
            if node.op == op:
                yield node.text("name"), node

    def output(self, name: str) -> int:
        """Return the node of the output `name`."""
        return dict(self.outputs)[name]


def float_bits(number: float) -> int:
    """Return the 32 bits of `number` as float32: constants are kept so, for -0.0 is not 0.0."""
    return int(struct.unpack("<I", struct.pack("<f", number))[0])


def bits_float(bits: int) -> float:
    """Return the float32 that has these 32 bits."""
    return float(struct.unpack("<f", struct.pack("<I", bits))[0])


MINUS_ZERO = float_bits(-0.0)
"""The bits of -0.0: the identity of addition, and so where every sum starts."""
