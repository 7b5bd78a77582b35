"""Matmuls by mostly zeros skip them: behind a max-pooling at most one gradient in four is not zero.

The choice is part of the definition, for it shows: a skipped zero does not meet an infinity and
does not turn -0.0 into 0.0. It is made once, from the graph alone, before a module is emitted.
"""

from math import prod

from delea.graph import Builder, Graph
from delea.graph.ops import VIEWS

SPARSE = 0.3
"""Up to this estimated part of numbers that are not zero, zeros are skipped."""


def sparsify(graph: Graph) -> Graph:
    """Return the graph with `sparse_matmul` where the left operand is estimated mostly zero."""
    parts = densities(graph)
    builder = Builder()
    renamed: list[int] = []
    for node in graph.nodes:
        inputs = tuple(renamed[source] for source in node.inputs)
        skips = node.op == "matmul" and len(node.shape) == 2 and parts[node.inputs[0]] <= SPARSE
        renamed.append(builder.copy(node, inputs, op="sparse_matmul" if skips else node.op))
    return builder.graph({name: renamed[source] for name, source in graph.outputs})


def densities(graph: Graph) -> list[float]:
    """Estimate, for each node, the part of its elements that are not zero.

    A choice between a value and zero keeps half of it, for want of a better guess; the choices of
    a pooling keep one in as many as there are places in its window.
    """
    found: list[float] = []
    for node in graph.nodes:
        parts = [found[source] for source in node.inputs]
        density = 1.0
        if node.op == "constant":
            density = float(node.integer("bits") & 0x7FFFFFFF != 0)
        elif node.op == "where":
            density = (parts[1] + parts[2]) / 2
        elif node.op == "mul":
            density = min(parts)
        elif node.op in VIEWS or node.op == "neg":
            density = parts[0]
        elif node.op == "assemble":
            held = [prod(graph.nodes[source].shape) for source in node.inputs]
            kept = sum(part * size for part, size in zip(parts, held, strict=True))
            rest = prod(node.shape) - sum(held)
            filled = rest if node.integer("bits") & 0x7FFFFFFF else 0
            density = (kept + filled) / prod(node.shape)
        found.append(density)
    return found
