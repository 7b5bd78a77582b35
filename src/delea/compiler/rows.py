"""Whose rows decide a row: inference and evaluation take rows in chunks, so each stands alone.

A graph of two rows is run on marks: bit 0 of an element says that the first row may decide it,
bit 1 that the second may. An operation gives each element the marks of all that it is made from.
"""

from __future__ import annotations

from dataclasses import replace
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any

import numpy as np

from delea.errors import GraphError
from delea.graph.interpret import apply as interpret_node
from delea.graph.ops import MATMULS, REDUCTIONS, VIEWS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from delea.graph import Graph, Node

ROWS = 2
_MARKS = np.array([1, 2], np.uint8)


def check_rows(graph: Graph, output: str, what: str) -> None:
    """Raise GraphError if one row of a two-row graph's output depends on the other row.

    Batch normalization and the like mix rows in training alone, and so may a network of one's own.
    """
    marks: list[NDArray[np.uint8]] = []
    for node in graph.nodes:
        marks.append(_mark(node, [marks[source] for source in node.inputs]))
    found = marks[graph.output(output)].reshape(ROWS, -1)
    if (found & _MARKS[::-1, None]).any():
        raise GraphError(
            f"{what} of each row from that row alone expected, got one that other rows change: "
            "outside of training rows come in chunks (is the batch the first axis everywhere, as "
            "with batch_first=True?)"
        )


def _mark(node: Node, inputs: list[NDArray[np.uint8]]) -> NDArray[np.uint8]:
    """Return the marks of a node's elements."""
    found: Any = np.uint8(0)
    match node.op:
        case "input":
            found = _MARKS.reshape(ROWS, *(1,) * (len(node.shape) - 1))
        case "assemble":
            blank = dict(node.attributes) | {"bits": 0}  # what it is filled with is no row's
            found = interpret_node(replace(node, attributes=tuple(blank.items())), inputs, {})
        case "fold":
            found = _fold(node, inputs[0])
        case op if op in VIEWS:
            found = interpret_node(node, inputs, {})
        case op if op in REDUCTIONS:
            kept = np.bitwise_or.reduce(inputs[0], axis=node.integers("axes"), keepdims=True)
            found = reduce(or_, inputs[1:], kept)
        case op if op in MATMULS:
            found = _matmul(node, inputs)
        case "gather":
            table = np.bitwise_or.reduce(inputs[0], axis=0)  # any row may be looked up: (width,)
            found = inputs[1][..., None] | table
        case "scatter":
            found = reduce(or_, (np.bitwise_or.reduce(part, axis=None) for part in inputs))
        case _:
            found = reduce(or_, inputs, np.uint8(0))
    return np.broadcast_to(np.asarray(found, np.uint8), node.shape)


def _matmul(node: Node, inputs: list[NDArray[np.uint8]]) -> NDArray[np.uint8]:
    left = np.bitwise_or.reduce(inputs[0], axis=-2 if node["ta"] else -1)  # (..., m)
    right = np.bitwise_or.reduce(inputs[1], axis=-1 if node["tb"] else -2)  # (..., n)
    found: NDArray[np.uint8] = left[..., :, None] | right[..., None, :]
    return reduce(or_, inputs[2:], found)


def _fold(node: Node, marks: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Fold how often each row comes, and mark where it is at least once."""
    counts = [interpret_node(node, [(marks & mark).astype(np.int64)], {}) for mark in _MARKS]
    found: NDArray[np.uint8] = reduce(or_, map(np.multiply, np.minimum(counts, 1), _MARKS))
    return found
