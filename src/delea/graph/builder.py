"""Build graphs: every node is checked as it is added, and equal nodes are one node."""

from delea.errors import DtypeError
from delea.graph.node import F32, I32, Attribute, Graph, Node, Shape, float_bits
from delea.graph.ops import along_memory, check_shape, infer


class Builder:
    """Collects nodes; a node is named by its number."""

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self._known: dict[Node, int] = {}

    def leaf(self, op: str, name: str, shape: Shape, dtype: str) -> int:
        """Add an `input` or a `state`."""
        return self._add(Node(op, (), shape, dtype, (("name", name),)))

    def constant(self, number: float, shape: Shape = ()) -> int:
        """Add a tensor that holds `number`, rounded to float32, in every element."""
        try:
            return self.constant_bits(float_bits(float(number)), shape)
        except OverflowError:
            raise DtypeError("a number within float32 expected, got a larger one") from None

    def constant_bits(self, bits: int, shape: Shape = ()) -> int:
        """Add a tensor that holds the float32 of these 32 bits in every element."""
        return self._add(Node("constant", (), shape, F32, (("bits", bits),)))

    def iota(self, shape: Shape, axis: int) -> int:
        """Add the int32 index along `axis`."""
        return self._add(Node("iota", (), shape, I32, (("axis", axis),)))

    def add(self, op: str, *inputs: int, **attributes: Attribute) -> int:
        """Add `op` on earlier nodes; its shape and type follow from theirs."""
        shape, dtype = infer(op, tuple(self.nodes[i] for i in inputs), attributes)
        return self._add(Node(op, inputs, shape, dtype, tuple(sorted(attributes.items()))))

    def copy(self, node: Node, inputs: tuple[int, ...], *, op: str) -> int:
        """Add a node like one of another graph, on inputs of this one, perhaps as another `op`."""
        return self._add(Node(op, inputs, node.shape, node.dtype, node.attributes))

    def reduce(self, op: str, value: int, axes: tuple[int, ...]) -> int:
        """Add a reduction, with the order that suits the layout whatever the batch is.

        Axes of size 1 aside, a reduction over the last axes runs along memory: `lanes4`. Any
        other adds whole rows: `sequential`, vectorised across the outputs.
        """
        order = "lanes4" if along_memory(self.shape(value), axes) else "sequential"
        return self.add(op, value, axes=tuple(sorted(axes)), order=order)

    def shape(self, node: int) -> Shape:
        """Return the shape of a node."""
        return self.nodes[node].shape

    def graph(self, outputs: dict[str, int]) -> Graph:
        """Return the graph of everything added so far."""
        return Graph(tuple(self.nodes), tuple(outputs.items()))

    def _add(self, node: Node) -> int:
        found = self._known.get(node)
        if found is not None:
            return found
        check_shape(node.op, node.shape)
        self.nodes.append(node)
        self._known[node] = len(self.nodes) - 1
        return len(self.nodes) - 1
