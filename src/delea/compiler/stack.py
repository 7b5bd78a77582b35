"""Products that are added up become one product over a longer inner axis.

What an unrolled layer does with a weight at every step gives a gradient A0^T B0 + A1^T B1 + ...: as
one product of the As and of the Bs, below one another, it is written once and not once a step. The
order of additions becomes another one, so the choice is part of the definition: it is made once,
from the graph alone, before a module is emitted.
"""

from delea.graph import MINUS_ZERO, Builder, Graph


def stack_products(graph: Graph) -> Graph:
    """Return the graph with sums of products stacked, wherever that moves fewer numbers."""
    sums = _sums(graph)
    if not sums:
        return graph
    builder = Builder()
    renamed: list[int] = []
    for number, node in enumerate(graph.nodes):
        if number in sums:
            renamed.append(_stacked(builder, graph, renamed, sums[number]))
        else:
            inputs = tuple(renamed[source] for source in node.inputs)
            renamed.append(builder.copy(node, inputs, op=node.op))
    return builder.graph({name: renamed[source] for name, source in graph.outputs})


def _sums(graph: Graph) -> dict[int, list[int]]:
    """Return the nodes that add up several products and nothing else, each with its products."""
    uses = [0] * len(graph.nodes)
    for node in graph.nodes:
        for source in node.inputs:
            uses[source] += 1
    for _, source in graph.outputs:
        uses[source] += 1
    terms: dict[int, list[int]] = {}
    for number, node in enumerate(graph.nodes):
        if _is_product(graph, number):
            terms[number] = [number]
        elif node.op == "add" and all(uses[n] == 1 and n in terms for n in node.inputs):
            terms[number] = [n for source in node.inputs for n in terms.pop(source)]
    return {number: found for number, found in terms.items() if len(found) > 1}


def _is_product(graph: Graph, number: int) -> bool:
    """Return whether a node is A^T B with less to copy of A and B than there is to add.

    Then neither of its sizes is 1, and what it is added to has its shape.
    """
    node = graph.nodes[number]
    if node.op != "matmul" or len(node.shape) != 2 or len(node.inputs) != 2:
        return False
    rows, columns = node.shape
    inner = graph.nodes[node.inputs[0]].shape[0]
    return bool(node["ta"]) and not node["tb"] and inner * (rows + columns) < rows * columns


def _stacked(b: Builder, graph: Graph, renamed: list[int], products: list[int]) -> int:
    sides = []
    for side in (0, 1):
        parts = [renamed[graph.nodes[product].inputs[side]] for product in products]
        starts, rows = list[int](), 0
        for part in parts:
            starts += (rows, 0)
            rows += b.shape(part)[0]
        spans = {"starts": tuple(starts), "steps": (1, 1) * len(parts)}
        shape = (rows, b.shape(parts[0])[1])
        sides.append(b.add("assemble", *parts, shape=shape, bits=MINUS_ZERO, **spans))
    return b.add("matmul", *sides, ta=True, tb=False)
