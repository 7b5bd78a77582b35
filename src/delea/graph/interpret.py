"""The reference interpreter: NumPy float32 with every order of additions spelled out.

This is the definition; compiled output must equal it bit for bit (a NaN's own bits aside).
"""

from collections.abc import Callable, Mapping
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from delea.graph.node import F32, Graph, Node
from delea.graph.numpy_lanes import NumpyLanes
from delea.graph.ops import REDUCTIONS
from delea.graph.philox import uniform
from delea.graph.programs import PROGRAMS

Array = NDArray[Any]
LANES = 4
_numpy = NumpyLanes()

_ELEMENTWISE: dict[str, Callable[..., Array]] = {
    "add": _numpy.add,
    "sub": _numpy.sub,
    "mul": _numpy.mul,
    "div": _numpy.div,
    "max": _numpy.max,
    "min": _numpy.min,
    "neg": _numpy.neg,
    "abs": _numpy.abs,
    "sqrt": np.sqrt,
    "less": _numpy.less,
    "equal": _numpy.equal,
    "where": _numpy.where,
}


def interpret(graph: Graph, leaves: Mapping[str, Array]) -> dict[str, Array]:
    """Return the graph's outputs by name, given its `input` and `state` leaves by name."""
    values: list[Array] = []
    with np.errstate(all="ignore"):
        for node in graph.nodes:
            values.append(apply(node, [values[source] for source in node.inputs], leaves))
    return {name: values[source] for name, source in graph.outputs}


def apply(node: Node, inputs: list[Array], leaves: Mapping[str, Array]) -> Array:
    """Return the value of one node."""
    match node.op:
        case "input" | "state":
            value = leaves[node.text("name")].reshape(node.shape)
        case "constant" | "iota":
            value = _leaf(node)
        case "reshape":
            value = np.reshape(inputs[0], node.shape)
        case "transpose":
            value = np.transpose(inputs[0], node.integers("axes"))
        case "matmul" | "sparse_matmul":
            value = _matmul(node, inputs)
        case op if op in _MOVES:
            value = _MOVES[op](node, inputs)
        case op if op in PROGRAMS:
            value = PROGRAMS[op](_numpy, *inputs)
        case op if op in REDUCTIONS:
            value = _reduce(node, inputs)
        case op:
            value = _ELEMENTWISE[op](*inputs)
    return value


def _leaf(node: Node) -> Array:
    if node.op == "constant":
        number = np.array(node["bits"], dtype=np.uint32).view(np.float32)
        return np.broadcast_to(number, node.shape)
    axis = node.integer("axis")
    sizes = [size if i == axis else 1 for i, size in enumerate(node.shape)]
    index = np.arange(node.shape[axis], dtype=np.int32).reshape(sizes)
    return np.broadcast_to(index, node.shape)


def _cast(node: Node, inputs: list[Array]) -> Array:
    """Convert; to int32 towards zero, the ends of its range for what is beyond, 0 for a NaN."""
    value = inputs[0]
    if node.dtype == F32:
        return value.astype(np.float32)
    wide = np.nan_to_num(value.astype(np.float64), nan=0.0, posinf=2.0**31, neginf=-(2.0**31))
    return np.clip(np.trunc(wide), -(2**31), 2**31 - 1).astype(np.int32)


def _reduce(node: Node, inputs: list[Array]) -> Array:
    """Reduce by the node's order; elements are numbered in row-major order."""
    axes = node.integers("axes")
    kept = [axis for axis in range(inputs[0].ndim) if axis not in axes]
    moved = np.transpose(inputs[0], (*axes, *kept))
    rows = moved.reshape(-1, *(moved.shape[len(axes) :]))  # (elements, kept...)
    step = _numpy.add if node.op == "sum" else _numpy.max
    start = np.float32(-0.0) if node.op == "sum" else np.float32(-np.inf)
    lanes = 1 if node["order"] == "sequential" else LANES
    totals = [np.full(rows.shape[1:], start) for _ in range(lanes)]
    if len(inputs) > 1:
        totals = [np.broadcast_to(inputs[1], node.shape).reshape(rows.shape[1:])]
    for i, row in enumerate(rows):
        totals[i % lanes] = step(totals[i % lanes], row)
    if lanes == LANES:
        totals = [step(step(totals[0], totals[1]), step(totals[2], totals[3]))]
    return totals[0].reshape(node.shape)


def _matmul(node: Node, inputs: list[Array]) -> Array:
    a = np.swapaxes(inputs[0], -1, -2) if node["ta"] else inputs[0]  # (..., m, k)
    b = np.swapaxes(inputs[1], -1, -2) if node["tb"] else inputs[1]  # (..., k, n)
    total = np.full(node.shape, np.float32(-0.0))
    if len(inputs) > 2:
        total = np.broadcast_to(inputs[2], node.shape)
    for k in range(a.shape[-1]):
        left = a[..., :, k, None]  # (..., m, 1)
        after = total + left * b[..., None, k, :]  # (..., m, n)
        total = after if node.op == "matmul" else np.where(left != 0, after, total)
    return total


def _slice(node: Node, inputs: list[Array]) -> Array:
    names = ("starts", "sizes", "steps")
    spans = zip(*(node.integers(name) for name in names), strict=True)
    return inputs[0][tuple(slice(a, a + (n - 1) * step + 1, step) for a, n, step in spans)]


def _assemble(node: Node, inputs: list[Array]) -> Array:
    fill = np.array(node["bits"], dtype=np.uint32).view(np.float32)
    whole = np.full(node.shape, fill, dtype=inputs[0].dtype)
    starts, steps = (np.reshape(node.integers(k), (len(inputs), -1)) for k in ("starts", "steps"))
    for part, first, step in zip(inputs, starts, steps, strict=True):
        spans = zip(first, step, part.shape, strict=True)
        whole[tuple(slice(a, a + (n - 1) * by + 1, by) for a, by, n in spans)] = part
    return whole


def _window(node: Node, inputs: list[Array]) -> Array:
    view = inputs[0]
    spans = (node.integers(name) for name in ("axes", "sizes", "steps", "dilations"))
    for axis, size, step, dilation in zip(*spans, strict=True):
        count = node.shape[axis]
        index = np.arange(count)[:, None] * step + np.arange(size) * dilation  # (count, size)
        view = np.moveaxis(np.take(view, index, axis=axis), axis + 1, -1)
    return view


def _fold(node: Node, inputs: list[Array]) -> Array:
    whole = np.full(node.shape, -0.0, dtype=inputs[0].dtype)
    names = ("axes", "sizes", "steps", "dilations")
    axes, sizes, steps, dilations = (node.integers(name) for name in names)
    for inside in np.ndindex(*sizes):
        where = [slice(None)] * len(node.shape)
        for axis, at, step, dilation in zip(axes, inside, steps, dilations, strict=True):
            first = at * dilation
            where[axis] = slice(first, first + (inputs[0].shape[axis] - 1) * step + 1, step)
        whole[tuple(where)] = whole[tuple(where)] + inputs[0][(..., *inside)]
    return whole


def _gather(node: Node, inputs: list[Array]) -> Array:
    table, index = inputs
    rows: Array = table[np.clip(index, 0, len(table) - 1)]
    return rows.reshape(node.shape)


def _scatter(node: Node, inputs: list[Array]) -> Array:
    rows = node.integer("rows")
    whole = np.full(node.shape, -0.0, dtype=inputs[1].dtype)
    index = np.clip(inputs[0], 0, rows - 1).reshape(-1)
    for at, value in zip(index, inputs[1].reshape(len(index), -1), strict=True):
        whole[at] = whole[at] + value
    return whole


def _random(node: Node, inputs: list[Array]) -> Array:
    return uniform(inputs[0], node.integer("draw"), prod(node.shape)).reshape(node.shape)


_MOVES: dict[str, Callable[[Node, list[Array]], Array]] = {
    "slice": _slice,
    "window": _window,
    "fold": _fold,
    "assemble": _assemble,
    "cast": _cast,
    "gather": _gather,
    "scatter": _scatter,
    "random": _random,
}
