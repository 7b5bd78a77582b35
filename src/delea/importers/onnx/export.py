"""A graph of a model and its weights as an ONNX file, opset 17: what another runtime answers with.

Every operation of the graph's table has its own in ONNX; the numbers differ from ours by rounding.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from delea.errors import GraphError
from delea.graph import Graph, Node, bits_float
from delea.graph.ops import ELEMENTWISE, broadcast
from delea.importers.onnx.rows import NotByRows, row_axes
from delea.importers.onnx.writing import Writer, end

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    Array = NDArray[Any]

INPUT, OUTPUT = "input", "output"
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
class _Export:
    """One graph on its way out; `names` are the values written so far."""

    graph: Graph
    rows: int
    axes: list[int | None]
    writer: Writer = field(default_factory=Writer)
    names: dict[int, str] = field(default_factory=dict)
    sizes: dict[int, str] = field(default_factory=dict)

    def run(self, weights: Mapping[str, Array], metadata: Mapping[str, str]) -> bytes:
        """Write every node and return the file."""
        self.writer.taken |= {name for name, _ in self.graph.leaves("state")} | {INPUT, OUTPUT}
        for number, node in enumerate(self.graph.nodes):
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

    def _write(self, number: int, node: Node) -> str:
        if node.op in ELEMENTWISE:
            return self._elementwise(node)
        rule = _RULES.get(node.op)
        if rule is None:
            raise GraphError(f"an operation that answers are made of expected, got {node.op}")
        return rule(self, number, node)

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


def _reshape(e: _Export, number: int, node: Node) -> str:
    axis = e.axes[number]
    wanted = tuple(-1 if i == axis else size for i, size in enumerate(node.shape))
    return e.writer.add("Reshape", e.value(node.inputs[0]), e.integers(*wanted))


def _transpose(e: _Export, _number: int, node: Node) -> str:
    return e.writer.add("Transpose", e.value(node.inputs[0]), perm=node.integers("axes"))


def _slice(e: _Export, _number: int, node: Node) -> str:
    shape = e.input(node, 0).shape
    spans = list(zip(*(node.integers(key) for key in ("starts", "sizes", "steps")), strict=True))
    cut = [i for i, (a, n, by) in enumerate(spans) if (a, n, by) != (0, shape[i], 1)]
    starts = [spans[i][0] for i in cut]
    ends = [a + (n - 1) * by + 1 for a, n, by in (spans[i] for i in cut)]
    lists = (starts, ends, cut, [spans[i][2] for i in cut])
    return e.writer.add("Slice", e.value(node.inputs[0]), *(e.integers(*part) for part in lists))


def _window(e: _Export, _number: int, node: Node) -> str:
    """Gather each window's elements along each axis, and move them to the end."""
    value, rank = e.value(node.inputs[0]), len(e.input(node, 0).shape)
    spans = (node.integers(key) for key in ("axes", "sizes", "steps", "dilations"))
    for axis, size, step, gap in zip(*spans, strict=True):
        count = node.shape[axis]
        index = np.arange(count)[:, None] * step + np.arange(size) * gap
        value = e.writer.add("Gather", value, e.writer.constant(index), axis=axis)
        rank += 1
        order = [i for i in range(rank) if i != axis + 1]
        value = e.writer.add("Transpose", value, perm=(*order, axis + 1))
    return value


def _fold(e: _Export, number: int, node: Node) -> str:
    """Add the windows' elements up by a transposed convolution with filters of a single 1."""
    axes, sizes = node.integers("axes"), node.integers("sizes")
    inner, rank = e.input(node, 0).shape, len(node.shape)
    others = [i for i in range(rank) if i not in axes]
    first, rest = others[0], others[1:]
    if e.axes[number] not in (None, first):
        raise NotByRows
    channels, places = prod(node.shape[i] for i in rest), prod(sizes)
    order = (first, *rest, *range(rank, len(inner)), *axes)
    turned = e.writer.add("Transpose", e.value(node.inputs[0]), perm=order)
    counts = [inner[i] for i in axes]
    flat = e.writer.add("Reshape", turned, e.integers(-1, channels * places, *counts))
    filters = np.tile(np.eye(places, dtype=np.float32), (channels, 1))
    steps, gaps = node.integers("steps"), node.integers("dilations")
    spans = zip(axes, counts, sizes, steps, gaps, strict=True)
    more = tuple(node.shape[i] - (n - 1) * by - (k - 1) * gap - 1 for i, n, k, by, gap in spans)
    whole = e.writer.add(
        "ConvTranspose",
        flat,
        e.writer.constant(filters.reshape(channels * places, 1, *sizes)),
        strides=steps,
        dilations=gaps,
        group=channels,
    )
    if any(more):
        ends = e.integers(*(0,) * (len(axes) + 4), *more)
        whole = e.writer.add("Pad", whole, ends)
    back = (-1, *(node.shape[i] for i in (*rest, *axes)))
    apart = e.writer.add("Reshape", whole, e.integers(*back))
    places_of = [first, *rest, *axes]
    return e.writer.add("Transpose", apart, perm=tuple(places_of.index(i) for i in range(rank)))


def _assemble(e: _Export, _number: int, node: Node) -> str:
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


def _gather(e: _Export, _number: int, node: Node) -> str:
    rows = e.input(node, 0).shape[0]
    bounds = [e.writer.constant(np.array(n, np.int32)) for n in (0, rows - 1)]
    index = e.writer.add("Clip", e.value(node.inputs[1]), *bounds)
    return e.writer.add("Gather", e.value(node.inputs[0]), index, axis=0)


def _sum(e: _Export, _number: int, node: Node) -> str:
    axes = e.integers(*node.integers("axes"))
    total = e.writer.add("ReduceSum", e.value(node.inputs[0]), axes)
    return e.writer.add("Add", total, e.value(node.inputs[1])) if len(node.inputs) > 1 else total


def _maximum(e: _Export, _number: int, node: Node) -> str:
    return e.writer.add("ReduceMax", e.value(node.inputs[0]), axes=node.integers("axes"))


def _matmul(e: _Export, _number: int, node: Node) -> str:
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


_RULES: dict[str, Callable[[_Export, int, Node], str]] = {
    "reshape": _reshape,
    "transpose": _transpose,
    "slice": _slice,
    "window": _window,
    "fold": _fold,
    "assemble": _assemble,
    "gather": _gather,
    "sum": _sum,
    "maximum": _maximum,
    "matmul": _matmul,
    "sparse_matmul": _matmul,  # the terms it skips are zeros
}
