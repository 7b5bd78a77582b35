"""Which layer a node belongs to: the parameters around it tell, forward and backward."""

from dataclasses import dataclass, field
from math import prod

from delea.compiler.view import below
from delea.graph import Graph, Node
from delea.graph.ops import ELEMENTWISE, VIEWS

OPTIMIZER = "optimizer."
LOSS_LAYER = "loss"


@dataclass(slots=True)
class Owners:
    """A graph's nodes, each with what it belongs to.

    `forward` are the nodes that the loss or the output needs, `shared` those of the optimizer that
    belong to no parameter, such as the powers of Adam's betas. `updates` says of which parameter a
    node is part of the next value, `gradients` of which it is the gradient. `layers` has the layer
    of each node: of the parameter that it reads, else of what it is computed from.
    """

    graph: Graph
    forward: set[int] = field(init=False)
    shared: set[int] = field(default_factory=set)
    updates: dict[int, str] = field(default_factory=dict)
    gradients: dict[int, str] = field(default_factory=dict)
    layers: list[str] = field(default_factory=list)
    _order: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        states = {name for name, _ in self.graph.leaves("state")}
        results = [at for name, at in self.graph.outputs if name not in states]
        self.forward = below(self.graph, results)
        for number, node in enumerate(self.graph.nodes):
            if self.shared.issuperset(node.inputs) and _is_shared(node, states):
                self.shared.add(number)
        for name, at in self.graph.outputs:
            if name in states and at not in self.forward:
                self._trace_update(at, _parameter(name, states))
        for number in range(len(self.graph.nodes)):
            self.layers.append(self._layer(number))
            self._order.setdefault(self.layers[number], len(self._order))

    def parameter(self, number: int) -> str | None:
        """Return the parameter that a node is, perhaps seen another way; None if it is none."""
        node = self.graph.nodes[number]
        while node.op in VIEWS:
            node = self.graph.nodes[node.inputs[0]]
        if node.op != "state" or node.text("name").startswith(OPTIMIZER):
            return None
        return node.text("name")

    def parameters(self, number: int) -> list[str]:
        """Return the parameters that a node reads."""
        read = map(self.parameter, self.graph.nodes[number].inputs)
        return [name for name in read if name is not None]

    def _trace_update(self, root: int, parameter: str) -> None:
        """Walk from a parameter's next value, through what is of its size, to its gradient."""
        size = prod(self.graph.nodes[root].shape)
        stack, seen = [root], set[int]()
        while stack:
            number = stack.pop()
            node = self.graph.nodes[number]
            if number in seen | self.forward or prod(node.shape) != size:
                continue
            seen.add(number)
            if node.op in ELEMENTWISE | VIEWS:
                self.updates.setdefault(number, parameter)
                stack.extend(node.inputs)
            elif node.inputs:
                self.gradients.setdefault(number, parameter)

    def _layer(self, number: int) -> str:
        node = self.graph.nodes[number]
        if node.op == "input":
            return LOSS_LAYER if node.text("name") == "target" else ""
        read = self.parameters(number)
        if read and node.op not in VIEWS:
            return layer_of(read[-1])
        known = [self.layers[source] for source in node.inputs if self.layers[source]]
        if number not in self.forward:  # what runs backward belongs to what it runs through
            return min(known, key=self._order.__getitem__, default="")
        return max(known, key=self._order.__getitem__, default="")


def layer_of(parameter: str) -> str:
    """Return `blocks.0.fc1` for `blocks.0.fc1.weight`; a parameter of the network itself is one."""
    return parameter.rpartition(".")[0] or parameter


def _is_shared(node: Node, states: set[str]) -> bool:
    """Return whether a leaf, if the node is one, belongs to no parameter and no row."""
    if node.op == "input":
        return node.text("name") == "header"
    name = node.text("name") if node.op == "state" else OPTIMIZER
    return name.startswith(OPTIMIZER) and _parameter(name, states) == name


def _parameter(state: str, states: set[str]) -> str:
    """Return the parameter that a state tensor belongs to, such as one of Adam's moments."""
    if not state.startswith(OPTIMIZER):
        return state
    _, _, rest = state.removeprefix(OPTIMIZER).partition(".")
    return rest if rest in states else state
