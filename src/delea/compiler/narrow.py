"""What is read only in part is computed only in part.

Pooling reads strided slices. An elementwise value that nothing else reads is computed where the
slices are read; a gradient that is assembled from parts goes on part by part; and a convolution
leaves out the rows and columns that no window of the pooling holds. Every element that is still
computed has the same operands in the same order, so its bits stay.
"""

from collections import defaultdict
from dataclasses import dataclass
from math import prod

from delea.compiler.simplify import live_nodes, rebuild
from delea.graph import Builder, Graph, Node

SIMPLE = frozenset({"add", "sub", "mul", "neg", "abs", "min", "max", "less", "equal", "where"})
"""Operations so cheap that windows which overlap may compute them twice."""


@dataclass(frozen=True, slots=True)
class Span:
    """A slice: per axis where it starts, how many elements it has and how far they are apart."""

    starts: tuple[int, ...]
    sizes: tuple[int, ...]
    steps: tuple[int, ...]

    def of(self, b: Builder, value: int) -> int:
        """Return the part of an operand that broadcasts to the sliced shape."""
        shape = b.shape(value)
        if not shape:
            return value
        own = slice(len(self.sizes) - len(shape), None)
        spans = zip(shape, self.starts[own], self.sizes[own], self.steps[own], strict=True)
        walks = [(0, 1, 1) if size == 1 else walk for size, *walk in spans]
        starts, sizes, steps = (tuple(column) for column in zip(*walks, strict=True))
        if sizes == shape:
            return value
        return b.add("slice", value, starts=starts, sizes=sizes, steps=steps)


def narrow(graph: Graph) -> Graph:
    """Return a graph with the same outputs, bit for bit, that computes no more than it reads."""
    for rule in (_part_by_part, _where_it_is_read, _as_far_as_it_is_read):
        graph = rule(graph)
    return rebuild(graph, lambda *_: None)  # drops what the rules left unused


def _part_by_part(graph: Graph) -> Graph:
    """Return op(assemble(x, ...), y) as assemble(op(x, slice(y)), ...)."""
    readers = _readers(graph)

    def rewrite(b: Builder, node: Node, inputs: tuple[int, ...]) -> int | None:
        if node.op not in SIMPLE:
            return None
        for place, (old, new) in enumerate(zip(node.inputs, inputs, strict=True)):
            whole = b.nodes[new]
            if whole.op != "assemble" or whole.shape != node.shape or len(readers[old]) > 1:
                continue
            if not _is_rest_the_same(b, node, inputs, place):
                continue
            parts = []
            for part, span in zip(whole.inputs, _spans(b, whole), strict=True):
                operands = (part if i == place else span.of(b, x) for i, x in enumerate(inputs))
                parts.append(b.add(node.op, *operands))
            return b.add("assemble", *parts, **dict(whole.attributes))
        return None

    return rebuild(graph, rewrite)


def _is_rest_the_same(b: Builder, node: Node, inputs: tuple[int, ...], place: int) -> bool:
    """Return whether the operation leaves what lies between an assembled value's parts."""
    whole = b.nodes[inputs[place]]
    if sum(prod(b.shape(part)) for part in whole.inputs) == prod(whole.shape):
        return True
    if node.op != "where" or not place:
        return False
    other = b.nodes[inputs[3 - place]]
    return other.op == "constant" and other["bits"] == whole["bits"]


def _spans(b: Builder, whole: Node) -> list[Span]:
    rank = len(whole.shape)
    starts, steps = whole.integers("starts"), whole.integers("steps")
    found = []
    for part, source in enumerate(whole.inputs):
        own = slice(part * rank, (part + 1) * rank)
        found.append(Span(starts[own], b.shape(source), steps[own]))
    return found


def _where_it_is_read(graph: Graph) -> Graph:
    """Return slice(op(x, y)) as op(slice(x), slice(y)) where only slices read the operation."""
    readers, results = _readers(graph), {source for _, source in graph.outputs}
    sliced: set[int] = set()
    for number in range(len(graph.nodes) - 1, -1, -1):
        own = readers[number]
        simple = graph.nodes[number].op in SIMPLE and number not in results
        if simple and own and all(graph.nodes[r].op == "slice" or r in sliced for r in own):
            sliced.add(number)
    numbers: dict[int, int] = {}
    parts: dict[tuple[int, Span], int] = {}

    def sink(b: Builder, root: int, wanted: Span) -> int:
        stack = [(root, wanted)]
        while stack:
            number, span = part = stack[-1]
            operands = _operands(graph, number, span) if number in sliced else []
            missing = next((operand for operand in operands if operand not in parts), None)
            if missing is not None:
                stack.append(missing)
                continue
            if number in sliced:
                made = b.add(graph.nodes[number].op, *(parts[operand] for operand in operands))
            else:
                made = span.of(b, numbers[number])
            parts[part] = made
            stack.pop()
        return parts[root, wanted]

    def rewrite(b: Builder, node: Node, _: tuple[int, ...]) -> int | None:
        source = node.inputs[0] if node.op == "slice" else None
        if source is None or source not in sliced:
            return None
        span = Span(*(node.integers(key) for key in ("starts", "sizes", "steps")))
        return sink(b, source, span)

    return rebuild(graph, rewrite, numbers) if sliced else graph


def _operands(graph: Graph, number: int, span: Span) -> list[tuple[int, Span]]:
    """Return the parts of a node's operands that make a part of the node."""
    found = []
    for source in graph.nodes[number].inputs:
        own = slice(len(graph.nodes[number].shape) - len(graph.nodes[source].shape), None)
        found.append((source, Span(span.starts[own], span.sizes[own], span.steps[own])))
    return found


def _as_far_as_it_is_read(graph: Graph) -> Graph:
    """Return the rows of a matmul that slices of it read; its left operand is sliced instead."""
    readers, results = _readers(graph), {source for _, source in graph.outputs}
    boxes: dict[int, Span] = {}
    for number, node in enumerate(graph.nodes):
        if node.op == "reshape" and number not in results and readers[number]:
            box = _box(graph, readers[number], node.shape)
            if box is not None and _is_of_rows(graph, number, readers):
                boxes[number] = box

    def rewrite(b: Builder, node: Node, _: tuple[int, ...]) -> int | None:
        source = node.inputs[0] if node.op == "slice" else None
        if source is None or source not in boxes:
            return None
        box = boxes[source]
        starts = node.integers("starts")
        moved = tuple(start - first for start, first in zip(starts, box.starts, strict=True))
        sizes, steps = node.integers("sizes"), node.integers("steps")
        return Span(moved, sizes, steps).of(b, less_rows(b, graph.nodes[source], box))

    numbers: dict[int, int] = {}

    def less_rows(b: Builder, reshape: Node, box: Span) -> int:
        matmul = graph.nodes[reshape.inputs[0]]
        rows = graph.nodes[matmul.inputs[0]]
        windows = graph.nodes[rows.inputs[0]].shape
        own = len(box.sizes) - 1
        rest = len(windows) - own
        cut = Span(
            box.starts[:-1] + (0,) * rest, box.sizes[:-1] + windows[own:], (1,) * len(windows)
        )
        left = b.add(
            "reshape",
            cut.of(b, numbers[rows.inputs[0]]),
            shape=(prod(box.sizes[:-1]), rows.shape[1]),
        )
        others = (numbers[source] for source in matmul.inputs[1:])
        product = b.add("matmul", left, *others, **dict(matmul.attributes))
        return b.add("reshape", product, shape=box.sizes)

    return rebuild(graph, rewrite, numbers) if boxes else graph


def _box(graph: Graph, readers: list[int], shape: tuple[int, ...]) -> Span | None:
    """Return the smallest box of rows that holds all slices read; None if it is everything."""
    nodes = [graph.nodes[reader] for reader in readers]
    if len(shape) < 2 or any(node.op != "slice" for node in nodes):
        return None
    first, last = list(shape), [0] * len(shape)
    for node in nodes:
        walks = zip(*(node.integers(key) for key in ("starts", "sizes", "steps")), strict=True)
        for axis, (start, size, step) in enumerate(walks):
            first[axis] = min(first[axis], start)
            last[axis] = max(last[axis], start + (size - 1) * step + 1)
    first[-1], last[-1] = 0, shape[-1]
    sizes = tuple(end - start for start, end in zip(first, last, strict=True))
    return None if sizes == shape else Span(tuple(first), sizes, (1,) * len(shape))


def _is_of_rows(graph: Graph, number: int, readers: dict[int, list[int]]) -> bool:
    """Return whether a reshape cuts a matmul's rows as they were merged in its left operand."""
    node = graph.nodes[number]
    matmul = graph.nodes[node.inputs[0]]
    if matmul.op != "matmul" or len(matmul.shape) != 2 or matmul["ta"]:
        return False
    if matmul.shape[1] != node.shape[-1] or len(readers[node.inputs[0]]) > 1:
        return False
    rows = graph.nodes[matmul.inputs[0]]
    own = node.shape[:-1]
    return rows.op == "reshape" and graph.nodes[rows.inputs[0]].shape[: len(own)] == own


def _readers(graph: Graph) -> dict[int, list[int]]:
    """Return, for each node, the live nodes that read it."""
    live, found = live_nodes(graph), defaultdict(list)
    for number in sorted(live):
        for source in dict.fromkeys(graph.nodes[number].inputs):
            found[source].append(number)
    return found
