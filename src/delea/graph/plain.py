"""A graph as plain lists and numbers, for the artifact's canonical encoding, and strictly back."""

from typing import Any

from delea.errors import GraphError
from delea.graph.node import Attribute, Graph, Node
from delea.graph.spec import check_graph

MAX_NODES = 1 << 16


def to_plain(graph: Graph) -> dict[str, Any]:
    """Return the graph as lists, texts, integers and booleans."""
    return {
        "nodes": [
            [
                node.op,
                list(node.inputs),
                list(node.shape),
                node.dtype,
                {k: list(v) if isinstance(v, tuple) else v for k, v in node.attributes},
            ]
            for node in graph.nodes
        ],
        "outputs": [list(output) for output in graph.outputs],
    }


def from_plain(value: Any) -> Graph:
    """Read a foreign graph and check it.

    Raises:
        GraphError: not such a value, or not a legal graph.
    """
    match value:
        case {"nodes": list(nodes), "outputs": list(outputs), **rest} if not rest:
            pass
        case _:
            raise GraphError("a graph of nodes and outputs expected")
    if len(nodes) > MAX_NODES:
        raise GraphError(f"a graph of at most {MAX_NODES} nodes expected, got {len(nodes)}")
    graph = Graph(tuple(map(_node, nodes)), tuple(map(_output, outputs)))
    check_graph(graph)
    return graph


def _node(value: Any) -> Node:
    match value:
        case [str(op), list(inputs), list(shape), str(dtype), dict(attributes)]:
            pairs = tuple((key, _attribute(attributes[key])) for key in sorted(attributes))
            return Node(op, _integers(inputs), _integers(shape), dtype, pairs)
    raise GraphError("a node [op, inputs, shape, dtype, attributes] expected")


def _attribute(value: Any) -> Attribute:
    return _integers(value) if isinstance(value, list) else _scalar(value)


def _scalar(value: Any) -> int | str | bool:
    if not isinstance(value, int | str | bool):
        raise GraphError(f"an integer, a text or a boolean expected, got {type(value).__name__}")
    return value


def _integers(values: list[Any]) -> tuple[int, ...]:
    if any(type(item) is not int or abs(item) > 1 << 32 for item in values):
        raise GraphError("a list of 32-bit integers expected")
    return tuple(values)


def _output(value: Any) -> tuple[str, int]:
    match value:
        case [str(name), int(source)] if type(source) is int:
            return name, source
    raise GraphError("an output [name, node] expected")
