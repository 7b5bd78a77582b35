"""A graph of a model and its weights as an ONNX file, opset 17: what another runtime answers with.

Every operation of the graph's table has its own in ONNX; the numbers differ from ours by rounding.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from delea.errors import GraphError
from delea.graph import Graph, Node, bits_float
from delea.graph.ops import ELEMENTWISE, broadcast
from delea.importers.onnx.convolutions import (
    Convolution,
    Transposed,
    find_convolutions,
    find_transposed,
)
from delea.importers.onnx.outgoing import INPUT, Outgoing
from delea.importers.onnx.rows import NotByRows, row_axes
from delea.importers.onnx.windows import (
    write_convolution,
    write_fold,
    write_transposed,
    write_window,
)
from delea.importers.onnx.writing import end

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    Array = NDArray[Any]

OUTPUT = "output"
_NAMES = {
    "add": "Add",
    "sub": "Sub",
    "mul": "Mul",
    "div": "Div",
    "max": "Max",
    "min": "Min",
    "pow": "Pow",
    "neg": "Neg",
    "abs": "Abs",
    "sqrt": "Sqrt",
    "exp": "Exp",
    "log": "Log",
    "tanh": "Tanh",
    "sin": "Sin",
    "cos": "Cos",
    "erf": "Erf",
    "less": "Less",
    "equal": "Equal",
    "where": "Where",
}


def to_onnx(
    graphs: tuple[Graph, Graph],
    weights: Mapping[str, Array],
    metadata: Mapping[str, str] | None = None,
) -> bytes:
    """Return the ONNX file of a network, input `input`, output `output`, for any number of rows.

    Args:
        graphs: the same network for several rows and for one: where the first does not treat all
            rows alike, the second is written, for one row a call.
        weights: the state's tensors by name.
        metadata: texts to keep in the file.

    Raises:
        GraphError: an operation that has no place in a network's answer.
    """
    several, one = graphs
    rows = next(node.shape[0] for _, node in several.leaves("input"))
    if rows > 1:
        with suppress(NotByRows):
            return _Export(several, rows, row_axes(several, rows)).run(weights, metadata or {})
    return _Export(one, 1, [None] * len(one.nodes)).run(weights, metadata or {})


@dataclass(slots=True)
class _Export(Outgoing):
    """Writes every node, each by the rule of its operation."""

    convolutions: dict[int, Convolution | Transposed] = field(default_factory=dict)

    def run(self, weights: Mapping[str, Array], metadata: Mapping[str, str]) -> bytes:
        """Write every node and return the file."""
        self.writer.taken |= {name for name, _ in self.graph.leaves("state")} | {INPUT, OUTPUT}
        self.convolutions = find_convolutions(self.graph) | find_transposed(self.graph)
        for number, node in self._needed():
            if node.op == "state":
                name = node.text("name")
                self.writer.tensor(name, np.asarray(weights[name], "<f4").reshape(node.shape))
                self.names[number] = name
            elif node.op == "input":
                self.names[number] = node.text("name")
            elif node.op not in ("constant", "iota"):
                self.names[number] = self._write(number, node)
        last = self.graph.output(OUTPUT)
        self.writer.add("Identity", self.value(last), name=OUTPUT)
        _, leaf = next(self.graph.leaves("input"))
        by_rows = 0 if any(axis is not None for axis in self.axes) else None
        source = end(INPUT, leaf.dtype, leaf.shape, by_rows)
        found = self.graph.nodes[last]
        return self.writer.model(
            source, end(OUTPUT, found.dtype, found.shape, self.axes[last]), metadata
        )

    def _needed(self) -> list[tuple[int, Node]]:
        """Return the nodes that the answer is made of: windows of a convolution are none."""
        live = {self.graph.output(OUTPUT)}
        for number in range(len(self.graph.nodes) - 1, -1, -1):
            if number in live:
                found = self.convolutions.get(number)
                live.update(found.inputs if found else self.graph.nodes[number].inputs)
        return [(number, self.graph.nodes[number]) for number in sorted(live)]

    def _write(self, number: int, node: Node) -> str:
        found = self.convolutions.get(number)
        if isinstance(found, Transposed):
            return write_transposed(self, number, found)
        if found is not None:
            return write_convolution(self, number, found)
        if node.op in ELEMENTWISE:
            return self._elementwise(node)
        rule = _RULES.get(node.op)
        if rule is None:
            raise GraphError(f"an operation that answers are made of expected, got {node.op}")
        return rule(self, number, node)

    def _elementwise(self, node: Node) -> str:
        """Write an operation; constants stay numbers where the other inputs give the shape."""
        shapes = [self.graph.nodes[source].shape for source in node.inputs]
        names = []
        for i, source in enumerate(node.inputs):
            leaf = self.graph.nodes[source]
            thin = [() if at == i else shape for at, shape in enumerate(shapes)]
            if leaf.op == "constant" and broadcast(node.op, *thin) == node.shape:
                names.append(self.scalar(leaf))
                shapes = thin
            else:
                names.append(self.value(source))
        if node.op == "cast":
            return self.writer.add("Cast", *names, to=1 if node.dtype == "f32" else 6)
        return self.writer.add(_NAMES[node.op], *names)


def _reshape(e: Outgoing, number: int, node: Node) -> str:
    axis = e.axes[number]
    wanted = tuple(-1 if i == axis else size for i, size in enumerate(node.shape))
    return e.writer.add("Reshape", e.value(node.inputs[0]), e.integers(*wanted))


def _transpose(e: Outgoing, _number: int, node: Node) -> str:
    return e.writer.add("Transpose", e.value(node.inputs[0]), perm=node.integers("axes"))


def _slice(e: Outgoing, _number: int, node: Node) -> str:
    shape = e.input(node, 0).shape
    spans = list(zip(*(node.integers(key) for key in ("starts", "sizes", "steps")), strict=True))
    cut = [i for i, (a, n, by) in enumerate(spans) if (a, n, by) != (0, shape[i], 1)]
    starts = [spans[i][0] for i in cut]
    ends = [a + (n - 1) * by + 1 for a, n, by in (spans[i] for i in cut)]
    lists = (starts, ends, cut, [spans[i][2] for i in cut])
    return e.writer.add("Slice", e.value(node.inputs[0]), *(e.integers(*part) for part in lists))


def _assemble(e: Outgoing, _number: int, node: Node) -> str:
    """Write parts one after the other as they are, others padded to the whole and added."""
    rank, shape = len(node.shape), node.shape
    parts = [e.graph.nodes[source] for source in node.inputs]
    starts = [node.integers("starts")[i * rank : (i + 1) * rank] for i in range(len(parts))]
    if any(step != 1 for step in node.integers("steps")):
        raise GraphError("parts without gaps expected, got some with")
    order = sorted(range(len(parts)), key=lambda i: starts[i])
    for axis in range(rank):
        ends = [(starts[i][axis], starts[i][axis] + parts[i].shape[axis]) for i in order]
        fits = all(
            parts[i].shape[:axis] + parts[i].shape[axis + 1 :] == shape[:axis] + shape[axis + 1 :]
            for i in order
        )
        if (
            fits
            and [a for a, _ in ends] == [0, *(z for _, z in ends[:-1])]
            and ends[-1][1] == shape[axis]
        ):
            names = [e.value(node.inputs[i]) for i in order]
            return e.writer.add("Concat", *names, axis=axis)
    number = bits_float(node.integer("bits"))
    if len(parts) > 1 and number:
        raise GraphError(f"parts on zeros expected, got parts on {number}")
    padded = []
    for i, part in enumerate(parts):
        after = (n - a - m for n, a, m in zip(shape, starts[i], part.shape, strict=True))
        widths = e.integers(*starts[i], *after)
        fill = e.writer.constant(np.array(number, np.float32))
        padded.append(e.writer.add("Pad", e.value(node.inputs[i]), widths, fill))
    return padded[0] if len(padded) == 1 else e.writer.add("Sum", *padded)


def _gather(e: Outgoing, _number: int, node: Node) -> str:
    rows = e.input(node, 0).shape[0]
    bounds = [e.writer.constant(np.array(n, np.int32)) for n in (0, rows - 1)]
    index = e.writer.add("Clip", e.value(node.inputs[1]), *bounds)
    return e.writer.add("Gather", e.value(node.inputs[0]), index, axis=0)


def _sum(e: Outgoing, _number: int, node: Node) -> str:
    axes = e.integers(*node.integers("axes"))
    total = e.writer.add("ReduceSum", e.value(node.inputs[0]), axes)
    return e.writer.add("Add", total, e.value(node.inputs[1])) if len(node.inputs) > 1 else total


def _maximum(e: Outgoing, _number: int, node: Node) -> str:
    return e.writer.add("ReduceMax", e.value(node.inputs[0]), axes=node.integers("axes"))


def _matmul(e: Outgoing, _number: int, node: Node) -> str:
    names = [e.value(source) for source in node.inputs]
    if all(len(e.input(node, i).shape) == 2 for i in (0, 1)):
        first, second = (int(bool(node[key])) for key in ("ta", "tb"))
        return e.writer.add("Gemm", *names, transA=first, transB=second)
    for i, key in enumerate(("ta", "tb")):
        rank = len(e.input(node, i).shape)
        if node[key]:
            order = (*range(rank - 2), rank - 1, rank - 2)
            names[i] = e.writer.add("Transpose", names[i], perm=order)
    product = e.writer.add("MatMul", *names[:2])
    return product if len(names) == 2 else e.writer.add("Add", product, names[2])


_RULES: dict[str, Callable[[Outgoing, int, Node], str]] = {
    "reshape": _reshape,
    "transpose": _transpose,
    "slice": _slice,
    "window": write_window,
    "fold": write_fold,
    "assemble": _assemble,
    "gather": _gather,
    "sum": _sum,
    "maximum": _maximum,
    "matmul": _matmul,
    "sparse_matmul": _matmul,  # the terms it skips are zeros
}
