"""The graph: the intermediate representation, its gradient table and its reference interpreter."""

from delea.graph.builder import Builder
from delea.graph.gradients import gradient
from delea.graph.interpret import interpret
from delea.graph.node import F32, I32, MASK, MINUS_ZERO, Graph, Node, bits_float, float_bits
from delea.graph.philox import draw_rows
from delea.graph.plain import from_plain, to_plain
from delea.graph.spec import check_graph

__all__ = [
    "F32",
    "I32",
    "MASK",
    "MINUS_ZERO",
    "Builder",
    "Graph",
    "Node",
    "bits_float",
    "check_graph",
    "draw_rows",
    "float_bits",
    "from_plain",
    "gradient",
    "interpret",
    "to_plain",
]
