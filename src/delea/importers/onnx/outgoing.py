"""A graph on its way out: the names of what was written, and constants in their whole shape."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import prod
from typing import TYPE_CHECKING

import numpy as np

from delea.errors import GraphError
from delea.graph import bits_float
from delea.importers.onnx.writing import Writer

if TYPE_CHECKING:
    from delea.graph import Graph, Node

INPUT = "input"


@dataclass(slots=True)
class Outgoing:
    """One graph of so many rows, which axis counts them, and the names of the values so far."""

    graph: Graph
    rows: int
    axes: list[int | None]
    writer: Writer = field(default_factory=Writer)
    names: dict[int, str] = field(default_factory=dict)
    sizes: dict[int, str] = field(default_factory=dict)

    def value(self, number: int) -> str:
        """Return the name of a node's value, in its whole shape."""
        if number not in self.names:
            self.names[number] = self._filled(number)
        return self.names[number]

    def input(self, node: Node, place: int) -> Node:
        """Return the node that gives an input."""
        return self.graph.nodes[node.inputs[place]]

    def integers(self, *numbers: int) -> str:
        """Return a constant of int64 numbers."""
        return self.writer.constant(np.array(numbers, np.int64))

    def shape_of(self, number: int) -> str:
        """Return the shape of a node as a value: the rows are counted when it runs."""
        shape, axis = self.graph.nodes[number].shape, self.axes[number]
        if axis is None:
            return self.integers(*shape)
        parts = [
            self.integers(*shape[:axis]),
            self.size(shape[axis]),
            self.integers(*shape[axis + 1 :]),
        ]
        kept = [part for part, n in zip(parts, (axis, 1, len(shape) - axis - 1), strict=True) if n]
        return kept[0] if len(kept) == 1 else self.writer.add("Concat", *kept, axis=0)

    def size(self, count: int) -> str:
        """Return so many elements as a value (1,): a multiple of the number of rows."""
        times = count // self.rows
        if times not in self.sizes:
            rows = self.writer.add("Shape", INPUT, start=0, end=1)
            many = rows if times == 1 else self.writer.add("Mul", rows, self.integers(times))
            self.sizes[times] = many
        return self.sizes[times]

    def _filled(self, number: int) -> str:
        """Write a constant or an index in its whole shape."""
        node = self.graph.nodes[number]
        if node.op == "constant":
            start = self.scalar(node)
            return start if not node.shape else self._expanded(start, number)
        along = node.integer("axis")
        if self.axes[number] == along:
            raise GraphError("an index along an axis of a fixed size expected, got one of the rows")
        sizes = [size if i == along else 1 for i, size in enumerate(node.shape)]
        index = self.writer.constant(np.arange(node.shape[along], dtype=np.int32).reshape(sizes))
        return index if prod(sizes) == prod(node.shape) else self._expanded(index, number)

    def _expanded(self, name: str, number: int) -> str:
        return self.writer.add("Expand", name, self.shape_of(number))

    def scalar(self, node: Node) -> str:
        """Return a constant's number."""
        return self.writer.constant(np.array(bits_float(node.integer("bits")), np.float32))
