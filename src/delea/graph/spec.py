"""The check between passes: a graph is legal, or the fault is named."""

from delea.errors import GraphError
from delea.graph.node import F32, I32, Attribute, Graph, Node
from delea.graph.ops import ARITHMETIC, COMPARISONS, LEAVES, OPS, UNARY, check_shape, infer

MAX_NAME = 256
MAX_PARTS = 1024
_TYPES = {"name": str, "bits": int, "axis": int, "shape": tuple, "axes": tuple, "order": str}
_TYPES |= {"ta": bool, "tb": bool, "rows": int, "draw": int}
_TYPES |= dict.fromkeys(("starts", "sizes", "steps", "dilations"), tuple)
_ATTRIBUTES = {
    "input": ("name",),
    "state": ("name",),
    "constant": ("bits",),
    "iota": ("axis",),
    "reshape": ("shape",),
    "transpose": ("axes",),
    "matmul": ("ta", "tb"),
    "sparse_matmul": ("ta", "tb"),
    "sum": ("axes", "order"),
    "maximum": ("axes", "order"),
    "slice": ("sizes", "starts", "steps"),
    "assemble": ("bits", "shape", "starts", "steps"),
    "window": ("axes", "dilations", "sizes", "steps"),
    "fold": ("axes", "dilations", "shape", "sizes", "steps"),
    "scatter": ("rows",),
    "random": ("draw", "shape"),
}
_LEAF_DTYPES = {"input": (F32, I32), "state": (F32, I32), "constant": (F32,), "iota": (I32,)}
_INPUTS = {
    **dict.fromkeys(LEAVES, (0,)),
    **dict.fromkeys(
        UNARY | {"cast", "reshape", "transpose", "maximum", "slice", "window", "fold"}, (1,)
    ),
    **dict.fromkeys(ARITHMETIC | COMPARISONS, (2,)),
    "where": (3,),
    "sum": (1, 2),
    "matmul": (2, 3),
    "sparse_matmul": (2, 3),
    "gather": (2,),
    "scatter": (2,),
    "random": (1,),
    "assemble": range(1, MAX_PARTS + 1),
}


def check_graph(graph: Graph) -> None:
    """Raise GraphError unless every node is of the table, reads earlier nodes and infers its type.

    Reading only earlier nodes is single assignment and the absence of cycles in one rule.
    """
    for number, node in enumerate(graph.nodes):
        _check_node(graph, number, node)
    for what, names in (
        ("leaves", [name for op in ("input", "state") for name, _ in graph.leaves(op)]),
        ("outputs", [name for name, _ in graph.outputs]),
    ):
        if len(set(names)) != len(names):
            raise GraphError(f"{what} of different names expected, one comes twice")
    for name, source in graph.outputs:
        if not is_name(name):
            raise GraphError(f"outputs with a short printable name expected, got {name[:40]!r}")
        if not 0 <= source < len(graph.nodes):
            raise GraphError(f"output {name}: a node expected, got {source}")


def is_name(name: str) -> bool:
    """Return whether a leaf or an output may be called so."""
    return 0 < len(name) <= MAX_NAME and name.isprintable()


def _check_node(graph: Graph, number: int, node: Node) -> None:
    if node.op not in OPS:
        raise GraphError(f"node {number}: an operation of the table expected, got {node.op[:40]!r}")
    where = f"node {number} ({node.op})"
    if any(not 0 <= source < number for source in node.inputs):
        raise GraphError(f"{where}: inputs before it expected, got {node.inputs[:8]}")
    if len(node.inputs) not in _INPUTS[node.op]:
        raise GraphError(f"{where}: {_INPUTS[node.op]} inputs expected, got {len(node.inputs)}")
    if not _attributes_fit(node):
        raise GraphError(f"{where}: attributes {_ATTRIBUTES.get(node.op, ())} expected")
    try:
        check_shape(where, node.shape)
        expected = (node.shape, node.dtype)
        if node.op not in LEAVES:
            inputs = tuple(graph.nodes[source] for source in node.inputs)
            expected = infer(node.op, inputs, dict(node.attributes))
        elif node.dtype not in _LEAF_DTYPES[node.op]:
            expected = (node.shape, _LEAF_DTYPES[node.op][0])
    except GraphError as fault:
        raise GraphError(f"{where}: {fault}") from None
    if expected != (node.shape, node.dtype):
        raise GraphError(f"{where}: {expected} expected, got {(node.shape, node.dtype)}")


def _attributes_fit(node: Node) -> bool:
    """Return whether a node has its operation's attributes, each of its type and range."""
    if tuple(key for key, _ in node.attributes) != _ATTRIBUTES.get(node.op, ()):
        return False
    return all(
        type(value) is _TYPES[key] and _in_range(node, key, value) for key, value in node.attributes
    )


def _in_range(node: Node, key: str, value: Attribute) -> bool:
    match key, value:
        case "name", str(name):
            return is_name(name)
        case "bits", int(bits):
            return 0 <= bits < 1 << 32
        case "rows", int(rows):
            return 0 < rows < 1 << 31
        case "draw", int(draw):
            return 0 <= draw < 1 << 31
        case "axis", int(axis):
            return 0 <= axis < len(node.shape)
    return True
