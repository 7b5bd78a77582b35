"""Lowering: a node's element at a point of a kernel's space becomes values of the kernel's body."""

from dataclasses import dataclass, field
from math import prod

from delea.compiler.kernel import Access, Accumulator, Buffer, Loop
from delea.graph import Graph, Node
from delea.graph.functions import exp, log, tanh

BROADCAST = -1
_PROGRAMS = {"exp": exp, "log": log, "tanh": tanh}

Axes = tuple[int, ...]
"""For each axis of a node, the kernel's axis it runs with, or BROADCAST."""


class NotPointwise(Exception):  # noqa: N818 - no fault: the answer "not in this kernel"
    """A value of the kernel would be read at another point than the one that computes it."""


def storage(graph: Graph, number: int) -> int:
    """Return the node in whose memory `number` lies: reshapes aside, itself."""
    while graph.nodes[number].op == "reshape":
        number = graph.nodes[number].inputs[0]
    return number


def same_but_ones(graph: Graph, reshape: int) -> bool:
    """Return whether a reshape only adds and drops axes of size 1."""
    node = graph.nodes[reshape]
    source = graph.nodes[node.inputs[0]]
    return squeeze(source.shape) == squeeze(node.shape)


def squeeze(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Return the sizes that are not 1."""
    return tuple(size for size in shape if size != 1)


@dataclass(slots=True)
class Lowering:
    """Lowers the values of one kernel into `loop`.

    `places` says where leaves and the results of other kernels lie; `inside` are the values this
    kernel stores and `reductions` those it reduces, by number: both may only be read at the point
    that computes them.
    """

    graph: Graph
    loop: Loop
    places: dict[int, Buffer]
    inside: set[int]
    reductions: dict[int, int]
    _known: dict[tuple[int, Axes], int] = field(default_factory=dict)

    def point(self, number: int) -> int:
        """Lower a node whose shape is the kernel's space."""
        return self._at(number, self._own_axes(number))

    def compute(self, number: int) -> int:
        """Lower such a node by its operation, wherever else it may be stored."""
        return self._compute(self.graph.nodes[number], self._own_axes(number))

    def reduce(self, number: int) -> None:
        """Add a reduction of the graph as the kernel's next accumulator."""
        node = self.graph.nodes[number]
        source = self.graph.nodes[node.inputs[0]].shape
        kept, reduced = iter(range(len(self.loop.space))), iter(self.loop.reduced_axes)
        axes = tuple(
            BROADCAST if size == 1 else next(reduced if i in node.integers("axes") else kept)
            for i, size in enumerate(source)
        )
        value = self._at(node.inputs[0], axes)
        start = None
        if len(node.inputs) > 1:
            start = self._operand(node.inputs[1], node.shape, self._own_axes(number))
        self.loop.accumulators.append(Accumulator(node.op, value, start))

    def store(self, number: int, buffer: Buffer) -> None:
        """Store a node's value in row-major order of the kernel's space."""
        strides = row_major(self.loop.space) + (0,) * len(self.loop.reduced)
        self.loop.stores.append((self.point(number), Access(buffer, strides)))

    def _own_axes(self, number: int) -> Axes:
        moving = iter(range(len(self.loop.space)))
        shape = self.graph.nodes[number].shape
        return tuple(BROADCAST if size == 1 else next(moving) for size in shape)

    def _at(self, number: int, axes: Axes) -> int:
        key = (number, axes)
        if key not in self._known:
            self._known[key] = self._lower(number, axes)
        return self._known[key]

    def _lower(self, number: int, axes: Axes) -> int:
        node = self.graph.nodes[number]
        own = number in self.reductions or number in self.inside
        if own and axes != self._own_axes(number):
            raise NotPointwise
        if number in self.reductions:
            return self.loop.body.accumulator(self.reductions[number])
        if number in self.places and not own:
            return self._load(self.places[number], node, axes)
        return self._compute(node, axes)

    def _compute(self, node: Node, axes: Axes) -> int:
        body = self.loop.body
        match node.op:
            case "constant":
                return body.bits(node.integer("bits"))
            case "iota":
                axis = axes[node.integer("axis")]
                return body.bits(0, "i32") if axis == BROADCAST else body.index(axis)
            case "transpose":
                order = node.integers("axes")
                back = tuple(axes[order.index(axis)] for axis in range(len(order)))
                return self._at(node.inputs[0], back)
            case "reshape":
                return self._reshaped(node, axes)
        arguments = [self._operand(source, node.shape, axes) for source in node.inputs]
        program = _PROGRAMS.get(node.op)
        return program(body, *arguments) if program else body.apply(node.op, *arguments)

    def _operand(self, number: int, shape: tuple[int, ...], axes: Axes) -> int:
        """Lower an operand that broadcasts to `shape`."""
        own = self.graph.nodes[number].shape
        last = axes[len(shape) - len(own) :]
        kept = (BROADCAST if s == 1 else axis for s, axis in zip(own, last, strict=True))
        return self._at(number, tuple(kept))

    def _reshaped(self, node: Node, axes: Axes) -> int:
        """Read through a reshape: only sizes of 1 come and go, or the elements lie in memory."""
        source = self.graph.nodes[node.inputs[0]]
        if squeeze(source.shape) == squeeze(node.shape):
            moving = (a for a, size in zip(axes, node.shape, strict=True) if size != 1)
            inner = tuple(BROADCAST if size == 1 else next(moving) for size in source.shape)
            return self._at(node.inputs[0], inner)
        base = storage(self.graph, node.inputs[0])
        if base in self.reductions or base in self.inside:
            raise NotPointwise
        return self._load(self.places[base], node, axes)

    def _load(self, buffer: Buffer, node: Node, axes: Axes) -> int:
        strides = [0] * (len(self.loop.space) + len(self.loop.reduced))
        for axis, stride in zip(axes, row_major(node.shape), strict=True):
            if axis != BROADCAST:
                strides[axis] += stride
        return self.loop.body.load(Access(buffer, tuple(strides)), node.dtype)


def row_major(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Return the strides, in elements, of a tensor in row-major order."""
    return tuple(prod(shape[axis + 1 :]) for axis in range(len(shape)))
