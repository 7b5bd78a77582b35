"""Lowering: a node's element at a point of a kernel's space becomes values of the kernel's body."""

from dataclasses import dataclass, field

from delea.compiler.kernel import Access, Accumulator, Buffer, Loop
from delea.compiler.view import View, row_major, same_but_ones, view_of, view_through
from delea.graph import I32, Graph, Node
from delea.graph.programs import PROGRAMS

BROADCAST = -1

Axes = tuple[int, ...]
"""For each axis of a node, the kernel's axis it runs with, BROADCAST, or `fixed` at an index."""


def fixed(index: int) -> int:
    """Return what stands in `Axes` for an axis that stays at one index; also its own inverse."""
    return BROADCAST - 1 - index


class NotPointwise(Exception):  # noqa: N818 - no fault: the answer "not in this kernel"
    """A value of the kernel would be read at another point than the one that computes it."""


@dataclass(slots=True)
class Lowering:
    """Lowers the values of one kernel into `loop`.

    `places` says where leaves and the results of other kernels lie; `inside` are the values this
    kernel stores and `reductions` those it reduces, by number: both may only be read at the point
    that computes them. `is_asking` whether all can be lowered at all leaves the body empty.
    """

    graph: Graph
    loop: Loop
    places: dict[int, Buffer]
    inside: set[int]
    reductions: dict[int, int]
    is_asking: bool = False
    _known: dict[tuple[int, Axes], int] = field(default_factory=dict)

    def point(self, number: int) -> int:
        """Lower a node whose shape is the kernel's space."""
        return self._at(number, self._own_axes(number))

    def at(self, number: int, axes: Axes) -> int:
        """Lower a node at any place: its axes run with the kernel's, or stay where they are."""
        shape = self.graph.nodes[number].shape
        pairs = zip(axes, shape, strict=True)
        return self._at(number, tuple(BROADCAST if size == 1 else axis for axis, size in pairs))

    def compute(self, number: int) -> int:
        """Lower such a node by its operation, wherever else it may be stored."""
        node, axes = self.graph.nodes[number], self._own_axes(number)
        if self._needs_memory(number):
            return self._viewed(number, axes, aside=number)
        return self._compute(node, axes)

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

    def store(self, number: int, target: Access) -> None:
        """Store a node's value; the target's strides are those of the kernel's space."""
        padded = target.strides + (0,) * len(self.loop.reduced)
        access = Access(target.buffer, padded, target.offset)
        self.loop.stores.append((self.point(number), access))

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
            view = View(number, 0, row_major(node.shape))
            return self._load(view, node.dtype, axes)
        if self._needs_memory(number):
            return self._viewed(number, axes, aside=number if own else None)
        return self._compute(node, axes)

    def _compute(self, node: Node, axes: Axes) -> int:
        body = self.loop.body
        match node.op:
            case "constant":
                return body.bits(node.integer("bits"))
            case "iota":
                axis = axes[node.integer("axis")]
                still = 0 if axis == BROADCAST else fixed(axis)
                return body.index(axis) if axis >= 0 else body.bits(still, "i32")
            case "transpose":
                order = node.integers("axes")
                back = tuple(axes[order.index(axis)] for axis in range(len(order)))
                return self._at(node.inputs[0], back)
            case "reshape":
                return self._reshaped(node, axes)
        arguments = [self._operand(source, node.shape, axes) for source in node.inputs]
        return 0 if self.is_asking else self._apply(node, arguments)

    def _apply(self, node: Node, arguments: list[int]) -> int:
        body = self.loop.body
        if node.op == "cast" and node.dtype == I32:
            return body.integers(*arguments)
        program = PROGRAMS.get(node.op)
        return program(body, *arguments) if program else body.apply(node.op, *arguments)

    def _operand(self, number: int, shape: tuple[int, ...], axes: Axes) -> int:
        """Lower an operand that broadcasts to `shape`."""
        own = self.graph.nodes[number].shape
        last = axes[len(shape) - len(own) :]
        kept = (BROADCAST if s == 1 else axis for s, axis in zip(own, last, strict=True))
        return self._at(number, tuple(kept))

    def _reshaped(self, node: Node, axes: Axes) -> int:
        """Read through a reshape by which only sizes of 1 come and go."""
        source = self.graph.nodes[node.inputs[0]]
        moving = (a for a, size in zip(axes, node.shape, strict=True) if size != 1)
        inner = tuple(BROADCAST if size == 1 else next(moving) for size in source.shape)
        return self._at(node.inputs[0], inner)

    def _needs_memory(self, number: int) -> bool:
        op = self.graph.nodes[number].op
        return op in {"slice", "window"} or (
            op == "reshape" and not same_but_ones(self.graph, number)
        )

    def _viewed(self, number: int, axes: Axes, *, aside: int | None = None) -> int:
        """Read a view of what another kernel stored."""
        find = view_of if aside is None else view_through
        view = find(self.graph, number, self.places)
        assert view is not None, "a slice or a reshape reads what lies in memory"
        if view.base in self.reductions or view.base in self.inside:
            raise NotPointwise
        return self._load(view, self.graph.nodes[number].dtype, axes)

    def _load(self, view: View, dtype: str, axes: Axes) -> int:
        if self.is_asking:
            return 0
        strides, offset = [0] * (len(self.loop.space) + len(self.loop.reduced)), view.offset
        for axis, stride in zip(axes, view.strides, strict=True):
            if axis >= 0:
                strides[axis] += stride
            elif axis != BROADCAST:
                offset += stride * fixed(axis)
        access = Access(self.places[view.base], tuple(strides), offset)
        return self.loop.body.load(access, dtype)
