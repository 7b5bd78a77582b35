"""Which axis of each value counts the rows: a graph of so many rows is then one of any number.

A graph is made for a fixed number of rows. The rows are followed from the input through every
operation, forth and back, until nothing new is found. An axis that counts them may have a multiple
of their number.
"""

from math import prod

from delea.graph import Graph, Node
from delea.graph.ops import ELEMENTWISE

Pair = tuple[int, int]
"""An axis of an input, and the axis of the output that it becomes."""

Spot = tuple[int, int]
"""The axis that counts the rows, and what it counts before them: (5 * rows,) may be five times."""


class NotByRows(Exception):  # noqa: N818 - no fault: the answer "for this number of rows alone"
    """Something is done to the rows that is not done to each alike."""


def row_axes(graph: Graph, rows: int) -> list[int | None]:
    """Return, for each node, the axis that counts the rows, if any.

    Raises:
        NotByRows: there is no such axis for some node, or more than one.
    """
    spots: list[Spot | None] = [(0, 1) if node.op == "input" else None for node in graph.nodes]
    changed = True
    while changed:
        changed = False
        for number, node in enumerate(graph.nodes):
            for place, source in enumerate(node.inputs):
                changed |= _unite(graph, spots, (number, place, source), rows)
    for number, node in enumerate(graph.nodes):
        _check(graph, node, spots[number], rows)
    return [None if spot is None else spot[0] for spot in spots]


def _unite(graph: Graph, spots: list[Spot | None], link: tuple[int, int, int], rows: int) -> bool:
    """Give an input and an output the spot that one of them has; return whether that was new."""
    number, place, source = link
    node, shape = graph.nodes[number], graph.nodes[source].shape
    own, out = spots[source], spots[number]
    if own is not None:
        forth = _moved(node, place, shape, own, rows)
        if forth is None or out not in (None, forth):
            raise NotByRows
        spots[number] = forth
    elif out is not None:
        spots[source] = _moved_back(node, place, shape, out, rows)
    return (own, out) != (spots[source], spots[number])


def _moved(node: Node, place: int, shape: tuple[int, ...], spot: Spot, rows: int) -> Spot | None:
    """Return where the rows of an input are in the output."""
    if node.op == "reshape":
        return _through_reshape(shape, spot, node.shape, rows)
    axis = dict(_pairs(node, place, shape)).get(spot[0])
    return None if axis is None else (axis, spot[1])


def _moved_back(
    node: Node, place: int, shape: tuple[int, ...], spot: Spot, rows: int
) -> Spot | None:
    """Return where the rows of the output come from in an input, if they come from there."""
    if node.op == "reshape":
        return _through_reshape(node.shape, spot, shape, rows)
    axis = {out: own for own, out in _pairs(node, place, shape)}.get(spot[0])
    return None if axis is None else (axis, spot[1])


def _check(graph: Graph, node: Node, spot: Spot | None, rows: int) -> None:
    """Raise NotByRows where what the rows are found in cannot count them."""
    if spot is None:
        return
    axis, before = spot
    if node.op == "state" or node.shape[axis] % (before * rows):
        raise NotByRows
    if node.op == "slice":
        whole = node.integers("starts")[axis] == 0 and node.integers("steps")[axis] == 1
        if not whole or node.shape[axis] != graph.nodes[node.inputs[0]].shape[axis]:
            raise NotByRows


def _through_reshape(
    shape: tuple[int, ...], spot: Spot, wanted: tuple[int, ...], rows: int
) -> Spot | None:
    """Return where the rows are in another shape: so many elements stay before them."""
    before = prod(shape[: spot[0]]) * spot[1]
    passed = 1
    for axis, size in enumerate(wanted):
        if before % passed == 0 and size > 1 and size % (before // passed * rows) == 0:
            return axis, before // passed
        passed *= size
    return None


def _pairs(node: Node, place: int, shape: tuple[int, ...]) -> list[Pair]:
    """Return which axes of input `place` are whose of the output; elsewhere they are its own."""
    rank = len(node.shape)
    pairs = [(i, i) for i in range(min(len(shape), rank))]
    if node.op in ELEMENTWISE or (node.op == "sum" and place == 1):
        shift = rank - len(shape)
        return [(i, i + shift) for i, size in enumerate(shape) if size != 1]
    match node.op:
        case "transpose":
            pairs = [(axis, i) for i, axis in enumerate(node.integers("axes"))]
        case "matmul" | "sparse_matmul":
            pairs = _through_matmul(node, place, shape)
        case "gather" if place == 0:
            pairs = [(1, rank - 1)]
        case "sum" | "maximum" | "window" | "fold":
            pairs = [pair for pair in pairs if pair[0] not in node.integers("axes")]
        case "assemble":
            starts = node.integers("starts")[place * rank : (place + 1) * rank]
            pairs = [(i, i) for i, n in enumerate(shape) if n == node.shape[i] and not starts[i]]
    return pairs


def _through_matmul(node: Node, place: int, shape: tuple[int, ...]) -> list[Pair]:
    rank = len(node.shape)
    if place == 2:
        return [(0, rank - 1)]
    own = len(shape)
    shift = rank - own
    stacked = [(i, i + shift) for i in range(own - 2) if shape[i] != 1]
    if place == 0:
        return [*stacked, (own - 1 if node["ta"] else own - 2, rank - 2)]
    return [*stacked, (own - 2 if node["tb"] else own - 1, rank - 1)]
