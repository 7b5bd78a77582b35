"""What nodes do, in PyTorch's words, as far as they can be told from the operations they became."""

from delea.graph import Graph, Node, float_bits

BOUND, GELU = float_bits(88.0), float_bits(-2.0 * 0.7978845608028654 * 0.044715)
ZERO, ONE = float_bits(0.0), float_bits(1.0)
SAYS_NOTHING = frozenset({"constant", "iota", "input", "state", "reshape", "transpose", "slice"})
PLAIN = frozenset({"add", "sub", "mul", "neg", "abs", "min", "cast", "where", "concat", "div"})
NAMES = {
    "less": "where",
    "equal": "where",
    "maximum": "max",
    "assemble": "concat",
    "window": "unfold",
    "sparse_matmul": "matmul",
    "gather": "embedding",
    "scatter": "embedding",
    "random": "dropout",
}
NEAR = 16
"""How many nodes around an exponential are looked at for the function it is part of."""

GATES = {"sigmoid", "silu", "gelu"}


def words(graph: Graph, nodes: list[int], most: int) -> list[str]:
    """Return what nodes do, each word once, at most `most`: then the plain ones are left out."""
    found: list[str] = []
    for number in nodes:
        word = _word(graph, graph.nodes[number])
        if word and word not in found:
            found.append(word)
    if GATES.intersection(found):
        found = [word for word in found if word not in ("exp", "min", "erf")]
    if len(found) > most:
        found = [word for word in found if word not in PLAIN] or found
    return [*found[: most - 1], "..."] if len(found) > most else found


def _word(graph: Graph, node: Node) -> str:
    if node.op in SAYS_NOTHING:
        return ""
    sources = [graph.nodes[source] for source in node.inputs]
    match node.op, [source.op for source in sources]:
        case "max", _ if any(_is(source, ZERO) for source in sources):
            return "relu"
        case "exp", ["sub"] if graph.nodes[sources[0].inputs[1]].op == "maximum":
            return "softmax"
        case "add", ["erf", "constant"] if _is(sources[1], ONE):
            return "gelu"
        case "div", [_, "add"]:
            return _gate(graph, node) or "div"
    return NAMES.get(node.op, node.op)


def _is(node: Node, bits: int) -> bool:
    return node.op == "constant" and node["bits"] == bits


def _gate(graph: Graph, node: Node) -> str:
    """Return what `x / (1 + exp(min(y, 88)))` is; empty for another quotient."""
    over, under = node.inputs
    powers = [n for n in graph.nodes[under].inputs if graph.nodes[n].op == "exp"]
    if not powers:
        return ""
    near = _near(graph, powers[0])
    if not any(_is(graph.nodes[number], BOUND) for number in near):
        return ""
    if _is(graph.nodes[over], ONE):
        return "sigmoid"
    if any(_is(graph.nodes[number], GELU) for number in near):
        return "gelu"
    return "silu" if over in near else ""  # else a gradient's quotient


def _near(graph: Graph, number: int) -> list[int]:
    """Return a few nodes that a node is computed from, the nearest first."""
    found = [number]
    for at in found:
        found += [n for n in graph.nodes[at].inputs if n not in found]
        if len(found) >= NEAR:
            break
    return found
