"""The check between passes: a graph is legal, or the fault is named."""

from delea.errors import GraphError
from delea.graph.node import Graph, Node
from delea.graph.ops import LEAVES, OPS, infer

_LEAF_ATTRIBUTES = {"input": "name", "state": "name", "constant": "bits", "iota": "axis"}


def check_graph(graph: Graph) -> None:
    """Raise GraphError unless every node is of the table, reads earlier nodes and infers its type.

    Reading only earlier nodes is single assignment and the absence of cycles in one rule.
    """
    for number, node in enumerate(graph.nodes):
        _check_node(graph, number, node)
    names = [name for op in ("input", "state") for name, _ in graph.leaves(op)]
    if len(set(names)) != len(names):
        raise GraphError("leaves of different names expected, one comes twice")
    for name, source in graph.outputs:
        if not 0 <= source < len(graph.nodes):
            raise GraphError(f"output {name}: a node expected, got {source}")


def _check_node(graph: Graph, number: int, node: Node) -> None:
    where = f"node {number} ({node.op})"
    if node.op not in OPS:
        raise GraphError(f"{where}: an operation of the table expected")
    if any(not 0 <= source < number for source in node.inputs):
        raise GraphError(f"{where}: inputs before it expected, got {node.inputs}")
    if node.op in LEAVES:
        if node.inputs or [key for key, _ in node.attributes] != [_LEAF_ATTRIBUTES[node.op]]:
            raise GraphError(f"{where}: a leaf with its one attribute expected")
        return
    inputs = tuple(graph.nodes[source] for source in node.inputs)
    try:
        expected = infer(node.op, inputs, dict(node.attributes))
    except (KeyError, IndexError, ValueError, AssertionError):
        raise GraphError(f"{where}: other inputs or attributes expected") from None
    if expected != (node.shape, node.dtype):
        raise GraphError(f"{where}: {expected} expected, got {(node.shape, node.dtype)}")
