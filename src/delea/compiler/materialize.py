"""Which values of a graph get memory, and which are recomputed in the kernels that read them."""

from math import prod

from delea.compiler.view import (
    ensure_memory,
    is_row_major,
    same_but_ones,
    side_of,
    squeeze,
    view_of,
)
from delea.graph import MINUS_ZERO, Graph, Node
from delea.graph.ops import ELEMENTWISE, LEAVES, MATMULS, MOVES, REDUCTIONS, VIEWS

CHEAP = 4
"""Up to so many operations are recomputed rather than stored and loaded again."""

COSTS = {"exp": 16, "log": 24, "tanh": 30, "erf": 32, "div": 4, "sqrt": 4}
COSTS |= {"sin": 40, "cos": 40, "pow": 130}
LANES = 4
COMPUTED = REDUCTIONS | MOVES | MATMULS
"""Operations whose results always lie in memory."""


DEEP = 64
"""A chain of so many operations is cut by a store: a kernel's expressions stay shallow."""

READ_FROM_MEMORY = frozenset({"gather", "scatter", "random"})

DEAR = 16
"""From so many operations on, a value is stored for kernels that cannot run together."""

AGAIN = 64
"""A transposed value that is read so many times over is copied into the order it is read in."""

Readers = set[tuple[tuple[int, ...], tuple[int, ...], str, int]]
"""Spaces in which a value is read, each with how many kernels at least run before."""


def materialize(graph: Graph) -> set[int]:
    """Return the nodes that get a buffer of their own.

    All reductions and matmuls; and an elementwise value that a matmul or a reshape reads, that a
    larger space would recompute for each of its elements, that is dear and read in two spaces or by
    kernels that cannot run together, or that ends a long chain.
    """
    costs, levels = _costs(graph), _levels(graph)
    stored = {n for n, node in enumerate(graph.nodes) if node.op in COMPUTED}
    stored |= _ends_of_chains(graph)
    readers: list[Readers] = [set() for _ in graph.nodes]
    for _, source in graph.outputs:
        readers[source].add((graph.nodes[source].shape, (), "map", levels[source]))
    dear: set[int] = set()
    for number in range(len(graph.nodes) - 1, -1, -1):
        node = graph.nodes[number]
        is_elementwise = node.op in ELEMENTWISE and number not in stored
        if is_elementwise and _is_dear(node.shape, readers[number], costs[number]):
            dear.add(number)
            stored.add(number)
        if node.op == "transpose" and _is_scattered(graph, number, readers[number]):
            ensure_memory(graph, node.inputs[0], stored)
            stored.add(number)
        _tell_inputs(graph, number, readers, stored, levels[number])
    return stored - _cheap_after_all(graph, dear, stored, readers)


def _cheap_after_all(
    graph: Graph, dear: set[int], stored: set[int], readers: list[Readers]
) -> set[int]:
    """Return those stored as dear that are little work from what else is stored."""
    cheap: dict[int, int] = {}
    for number in sorted(dear):
        node = graph.nodes[number]
        cost = COSTS.get(node.op, 1)
        for source in node.inputs:
            if source in cheap:
                cost += cheap[source]
            elif source not in stored and graph.nodes[source].op not in LEAVES:
                cost += DEAR
        widest = max(prod(space) for space, _, _, _ in readers[number])
        if cost < CHEAP and widest <= prod(node.shape):
            cheap[number] = cost
    return set(cheap)


def _is_dear(shape: tuple[int, ...], readers: Readers, cost: int) -> bool:
    spaces = {(space, axes, order) for space, axes, order, _ in readers}
    if not cost:
        return False
    if max((prod(space) for space, _, _ in spaces), default=0) > prod(shape):
        return True
    return (len(spaces) > 1 and cost > CHEAP) or (len(readers) > 1 and cost >= DEAR)


def _is_scattered(graph: Graph, number: int, readers: Readers) -> bool:
    """Return whether neighbours lie apart in what a far larger space reads again and again."""
    node = graph.nodes[number]
    order = [axis for axis, size in zip(node.integers("axes"), node.shape, strict=True) if size > 1]
    most = max((prod(space) for space, _, _, _ in readers), default=0)
    return bool(order) and order[-1] != max(order) and most >= AGAIN * prod(node.shape)


def _tell_inputs(  # noqa: C901, PLR0912 - one line per kind of operation reads best
    graph: Graph, number: int, readers: list[Readers], stored: set[int], level: int
) -> None:
    """Tell a node's inputs in which spaces they are read."""
    node = graph.nodes[number]
    if node.op in MATMULS:
        _ensure_sides(graph, node, stored)
    elif node.op == "fold":  # reads each element once, wherever it is
        readers[node.inputs[0]].add((graph.nodes[node.inputs[0]].shape, (), "map", level))
    elif node.op == "assemble":
        for part in node.inputs:
            readers[part].add((graph.nodes[part].shape, (), "map", level))
    elif node.op in READ_FROM_MEMORY:
        for source in node.inputs:
            _ensure_row_major(graph, source, stored)
    elif node.op in VIEWS and number not in stored and not _is_transparent(graph, number):
        if readers[number]:  # a matmul alone sees to itself
            ensure_memory(graph, number, stored)
    elif node.op in REDUCTIONS:
        shape = graph.nodes[node.inputs[0]].shape
        if _splits_vectors(shape, node):
            _ensure_row_major(graph, node.inputs[0], stored)
        readers[node.inputs[0]].add((shape, node.integers("axes"), node.text("order"), level))
        for start in node.inputs[1:]:
            readers[start].add((node.shape, (), "map", level))
    else:
        here: Readers = {(node.shape, (), "map", level)} if number in stored else readers[number]
        for source in node.inputs:
            readers[source] |= here


def _splits_vectors(shape: tuple[int, ...], reduction: Node) -> bool:
    """Return whether a `lanes4` reduction over several axes needs its input in one run."""
    if reduction["order"] != "lanes4":
        return False
    sizes = [size for axis, size in enumerate(shape) if axis in reduction.integers("axes")]
    return len(squeeze(tuple(sizes))) > 1 and squeeze(tuple(sizes))[-1] % LANES != 0


def _is_transparent(graph: Graph, number: int) -> bool:
    """Return whether a view of a value can be computed without the value lying in memory."""
    op = graph.nodes[number].op
    return op == "transpose" or (op == "reshape" and same_but_ones(graph, number))


def _ensure_sides(graph: Graph, matmul: Node, stored: set[int]) -> None:
    """Add to `stored` what it takes for a matmul to read its inputs where they lie.

    One side at most may have axes that walk memory unevenly: it is packed block by block.
    """
    uneven = False
    for number, source in enumerate(matmul.inputs[:2]):
        node = graph.nodes[source]
        whole = uneven or (number == 0 and matmul.op == "sparse_matmul")
        if node.op == "reshape" and source not in stored and not whole:
            ensure_memory(graph, node.inputs[0], stored)
            side = side_of(graph, source, stored)
            if side is not None:
                uneven = side.is_uneven
                continue
        ensure_memory(graph, source, stored)
    for bias in matmul.inputs[2:]:
        _ensure_row_major(graph, bias, stored)


def _ensure_row_major(graph: Graph, number: int, stored: set[int]) -> None:
    """Add to `stored` what it takes for a node to lie in memory in row-major order."""
    ensure_memory(graph, number, stored)
    view = view_of(graph, number, stored)
    if view is None or not is_row_major(view, graph.nodes[number].shape):
        stored.add(number)


def _levels(graph: Graph) -> list[int]:
    """Return, for each node, how many kernels at least run one after the other before its own."""
    levels: list[int] = []
    for node in graph.nodes:
        below = (levels[n] + (graph.nodes[n].op in COMPUTED) for n in node.inputs)
        levels.append(max(below, default=0))
    return levels


def _costs(graph: Graph) -> list[int]:
    """Return, for each node, the operations of one element from leaves, reductions and matmuls."""
    costs: list[int] = []
    for node in graph.nodes:
        cost = 0
        if node.op not in COMPUTED:
            cost = min(sum(costs[source] for source in node.inputs), DEEP)
        if node.op in ELEMENTWISE and not _adds_nothing(graph, node.op, node.inputs):
            cost += COSTS.get(node.op, 1)
        costs.append(cost)
    return costs


def _ends_of_chains(graph: Graph) -> set[int]:
    """Return elementwise nodes, each at most `DEEP` operations after the one before."""
    ends, depths = set(), list[int]()
    for number, node in enumerate(graph.nodes):
        depth = max((depths[source] for source in node.inputs), default=0)
        if node.op in COMPUTED:
            depth = 0
        elif node.op not in LEAVES:
            depth += COSTS.get(node.op, 1)
        if depth > DEEP and node.op in ELEMENTWISE:
            ends.add(number)
            depth = 0
        depths.append(depth)
    return ends


def _adds_nothing(graph: Graph, op: str, inputs: tuple[int, ...]) -> bool:
    """Return whether the node only broadcasts: it adds -0.0."""
    last = graph.nodes[inputs[-1]]
    return op == "add" and last.op == "constant" and last["bits"] == MINUS_ZERO
