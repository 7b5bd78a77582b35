"""Rewrites that keep every bit: constants, identities, views, skinny matmuls, dead code.

Equal nodes are already one node (the builder sees to that). Nothing is reassociated: a rewrite is
here only if it gives the same float32 for every input, zeros' signs included.
"""

from collections.abc import Callable

import numpy as np

from delea.compiler.sink import (
    join,
    sink_assemble,
    sink_elementwise,
    sink_slice,
    sink_transpose,
)
from delea.compiler.view import below
from delea.graph import MINUS_ZERO, Builder, Graph, Node
from delea.graph.interpret import apply
from delea.graph.ops import ELEMENTWISE, broadcast

NAN = 0x7FC00000

Rewrite = Callable[[Builder, Node, tuple[int, ...]], int | None]


def simplify(graph: Graph) -> Graph:
    """Return a smaller graph with the same outputs, bit for bit."""
    rewritten = rebuild(graph, _rewrite)
    return rebuild(rewritten, lambda *_: None)  # drops what the rewrites left unused


def rebuild(graph: Graph, rewrite: Rewrite, renamed: dict[int, int] | None = None) -> Graph:
    """Return the live part of a graph, each node as `rewrite` has it, or as it is.

    `renamed` holds the new number of each node that came before.
    """
    live = live_nodes(graph)
    builder = Builder()
    renamed = {} if renamed is None else renamed
    for number, node in enumerate(graph.nodes):
        if number not in live:
            continue
        inputs = tuple(renamed[source] for source in node.inputs)
        found = rewrite(builder, node, inputs)
        renamed[number] = _copy(builder, graph, node, inputs) if found is None else found
    return builder.graph({name: renamed[source] for name, source in graph.outputs})


def live_nodes(graph: Graph) -> set[int]:
    """Return the nodes that the outputs need."""
    return below(graph, (source for _, source in graph.outputs))


def _copy(builder: Builder, graph: Graph, node: Node, inputs: tuple[int, ...]) -> int:
    """Add a node as it is; its shape is found anew only if an input has another one now."""
    pairs = zip(inputs, node.inputs, strict=True)
    if all(builder.shape(now) == graph.nodes[before].shape for now, before in pairs):
        return builder.copy(node, inputs, op=node.op)
    return builder.add(node.op, *inputs, **dict(node.attributes))


def _rewrite(builder: Builder, node: Node, inputs: tuple[int, ...]) -> int | None:
    if node.op in ELEMENTWISE:
        return _elementwise(builder, node, inputs)
    rule = _RULES.get(node.op)
    return rule(builder, node, inputs) if rule else None


def _elementwise(b: Builder, node: Node, inputs: tuple[int, ...]) -> int | None:
    if node.dtype == "f32" and all(b.nodes[source].op == "constant" for source in inputs):
        return _fold(b, node, inputs)
    narrow = inputs
    for i in range(len(inputs)):  # one after the other: the last wide input has to stay
        narrow = (*narrow[:i], _narrow(b, node, narrow, i), *narrow[i + 1 :])
    found = _identity(b, node, narrow)
    if found is not None:
        return found if b.shape(found) == node.shape else None
    sunk = sink_elementwise(b, node, narrow)
    if sunk is None and node.op == "add":
        sunk = join(b, narrow)
    if sunk is not None:
        return sunk
    return b.add(node.op, *narrow) if narrow != inputs else None


def _fold(b: Builder, node: Node, inputs: tuple[int, ...]) -> int:
    """Compute an operation on constants with the reference's own arithmetic.

    A NaN gets one encoding: its own bits differ from machine to machine.
    """
    bits = [np.array(b.nodes[source]["bits"], np.uint32).view(np.float32) for source in inputs]
    scalar = Node(node.op, (), (), node.dtype, node.attributes)
    with np.errstate(all="ignore"):
        value = np.asarray(apply(scalar, bits, {}), dtype=np.float32)
    found = NAN if np.isnan(value) else int(value.view(np.uint32))
    return b.constant_bits(found, node.shape)


def _narrow(b: Builder, node: Node, inputs: tuple[int, ...], index: int) -> int:
    """Return input `index` without a broadcast that the other inputs bring about anyway."""
    source = b.nodes[inputs[index]]
    narrow = None
    if source.op == "constant" and source.shape:
        narrow = b.constant_bits(source.integer("bits"))
    elif source.op == "add" and _bits(b, source.inputs[1]) == MINUS_ZERO:
        narrow = source.inputs[0]
    if narrow is None:
        return inputs[index]
    shapes = [b.shape(narrow if i == index else other) for i, other in enumerate(inputs)]
    return narrow if broadcast(node.op, *shapes) == node.shape else inputs[index]


def _identity(b: Builder, node: Node, inputs: tuple[int, ...]) -> int | None:
    """Return what an operation with a neutral element or with its own inverse comes to."""
    bits = [_bits(b, source) for source in inputs]
    ops = [b.nodes[source].op for source in inputs]
    match node.op, bits:
        case ("add", [_, 0x80000000]) | ("sub", [_, 0]) | ("mul" | "div", [_, 0x3F800000]):
            return inputs[0]
        case ("add", [0x80000000, _]) | ("mul", [0x3F800000, _]):
            return inputs[1]
    match node.op, ops:
        case "neg", ["neg"]:
            return b.nodes[inputs[0]].inputs[0]
        case "add", [_, "neg"]:
            return b.add("sub", inputs[0], b.nodes[inputs[1]].inputs[0])
        case "sub", [_, "neg"]:
            return b.add("add", inputs[0], b.nodes[inputs[1]].inputs[0])
    return inputs[1] if node.op == "where" and inputs[1] == inputs[2] else None


def _bits(b: Builder, source: int) -> int | None:
    node = b.nodes[source]
    return node.integer("bits") if node.op == "constant" else None


def _reshape(b: Builder, node: Node, inputs: tuple[int, ...]) -> int | None:
    source = b.nodes[inputs[0]]
    if source.shape == node.shape:
        return inputs[0]
    if source.op == "constant":
        return b.constant_bits(source.integer("bits"), node.shape)
    if source.op == "reshape":
        return _as(b, source.inputs[0], node.shape)
    return None


def _sum(b: Builder, node: Node, inputs: tuple[int, ...]) -> int | None:
    """A sum of one term is that term: accumulators start at -0.0."""
    return inputs[0] if b.shape(inputs[0]) == node.shape and len(inputs) == 1 else None


def _as(b: Builder, value: int, shape: tuple[int, ...]) -> int:
    """Return `value` in another shape, through at most one reshape."""
    if b.shape(value) == shape:
        return value
    node = b.nodes[value]
    return (
        _as(b, node.inputs[0], shape)
        if node.op == "reshape"
        else b.add("reshape", value, shape=shape)
    )


def _matmul(b: Builder, node: Node, inputs: tuple[int, ...]) -> int | None:
    """A matmul with a side of 1 is a product or a sequential sum of products, without a tile."""
    left, right = inputs[:2]
    if len(node.shape) != 2:
        return None
    rows, columns = node.shape
    inner = b.shape(left)[0 if node["ta"] else 1]
    bias = inputs[2] if len(inputs) == 3 else None
    if inner == 1:
        product = b.add("mul", _as(b, left, (rows, 1)), _as(b, right, (1, columns)))
        return product if bias is None else b.add("add", bias, product)
    if columns == 1:
        line, inner_first = left, bool(node["ta"])
        vector, others = right, rows
    elif rows == 1:
        line, inner_first = right, not node["tb"]
        vector, others = left, columns
    else:
        return None
    axis = 0 if inner_first else 1
    sides = (1, others) if inner_first else (others, 1)
    terms = (_as(b, vector, (inner, 1) if inner_first else (1, inner)), line)
    product = b.add("mul", *(terms if rows == 1 else terms[::-1]))
    start = () if bias is None else (_as(b, bias, sides if columns != 1 else (1, 1)),)
    total = b.add("sum", product, *start, axes=(axis,), order="sequential")
    return _as(b, total, node.shape)


_RULES: dict[str, Rewrite] = {
    "reshape": _reshape,
    "sum": _sum,
    "matmul": _matmul,
    "transpose": sink_transpose,
    "slice": sink_slice,
    "assemble": sink_assemble,
}
