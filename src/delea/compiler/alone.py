"""Kernels that are no loops over values: matmuls, gathers, scatters, draws, folds and fills."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

from delea.compiler.kernel import (
    Access,
    Buffer,
    Gather,
    Kernel,
    Loop,
    Matmul,
    Operand,
    Random,
    Scatter,
)
from delea.compiler.lower import BROADCAST, Lowering, fixed
from delea.compiler.view import View, row_major, side_of, squeeze, view_of
from delea.graph import F32, MINUS_ZERO, Graph, Node
from delea.graph.ops import MATMULS

ALONE = MATMULS | {"gather", "scatter", "fold", "random"}
"""Operations whose kernels are no loops over values."""

LANES = 4
MAX_PLACES = 32
"""So many places of a fold's window are added in one loop at most."""

Shape = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Alone:
    """Makes the kernels of nodes that share theirs with no other; `places` is where values lie."""

    graph: Graph
    places: dict[int, Buffer]

    def kernels(self, number: int) -> list[Kernel]:
        """Return what computes a node."""
        node, out = self.graph.nodes[number], self.places[number]
        if node.op in MATMULS:
            return [self._matmul(number)]
        if node.op == "assemble":
            return [_fill(out, node.integer("bits"))]
        if node.op == "fold":
            return [_fill(out, MINUS_ZERO), *self._fold(node, out)]
        if node.op == "random":
            return [Random(self.places[self._view(node.inputs[0]).base], out, node.integer("draw"))]
        first, second = (self.places[self._view(source).base] for source in node.inputs)
        rows, width = (node if node.op == "scatter" else self.graph.nodes[node.inputs[0]]).shape
        if node.op == "gather":
            return [Gather(first, second, out, second.elements, width, rows)]
        return [Scatter(first, second, out, first.elements, width, rows)]

    def _fold(self, node: Node, out: Buffer) -> Iterator[Loop]:
        """Yield the loops that add to each number what its windows' places hold.

        A loop does many places if its lanes are no pixels: run from the last window to the first,
        each number meets them in their order. What no memory holds is computed there: each element
        has one place, so it is done once.
        """
        rank, axes = len(node.shape), node.integers("axes")
        shape = self.graph.nodes[node.inputs[0]].shape[:rank]
        names = ("sizes", "steps", "dilations")
        sizes, steps, dilations = (node.integers(name) for name in names)
        own = row_major(node.shape)
        strides = list(own)
        for axis, step in zip(axes, steps, strict=True):
            strides[axis] *= step
        moving = tuple(stride for stride, size in zip(strides, shape, strict=True) if size != 1)
        places = []
        for inside in product(*map(range, sizes)):
            spans = zip(axes, inside, dilations, strict=True)
            at = sum(own[axis] * place * dilation for axis, place, dilation in spans)
            places.append((inside, Access(out, moving, at)))
        last = max(axes) + 1
        vectors = max(shape[last:], default=1) >= LANES and list(axes) == sorted(axes)
        most, backward = (MAX_PLACES, len(squeeze(shape[:last]))) if vectors else (1, 0)
        for at in range(0, len(places), most):
            yield self._accumulate(node.inputs[0], shape, places[at : at + most], backward)

    def _accumulate(
        self, source: int, shape: Shape, places: list[tuple[Shape, Access]], backward: int
    ) -> Loop:
        """Return the kernel that adds what `source` has at places of its windows to targets."""
        loop = Loop(squeeze(shape), backward=backward)
        numbers = iter(range(len(loop.space)))
        axes = tuple(BROADCAST if size == 1 else next(numbers) for size in shape)
        lowering = Lowering(self.graph, loop, self.places, set(), {})
        for inside, target in places:
            before = loop.body.load(target, F32)
            term = lowering.at(source, (*axes, *map(fixed, inside)))
            loop.stores.append((loop.body.add(before, term), target))
        return loop

    def _view(self, number: int) -> View:
        view = view_of(self.graph, number, self.places)
        assert view is not None, "what is read from memory lies in memory"
        return view

    def _matmul(self, number: int) -> Matmul:
        node = self.graph.nodes[number]
        left, right = node.inputs[:2]
        batch, (m, n) = node.shape[:-2], node.shape[-2:]
        k = self.graph.nodes[left].shape[-2 if node["ta"] else -1]
        bias = self.places[self._view(node.inputs[2]).base] if len(node.inputs) == 3 else None
        a = self._operand(left, batch, swapped=bool(node["ta"]))
        b = self._operand(right, batch, swapped=bool(node["tb"]))
        sparse = node.op == "sparse_matmul"
        return Matmul(a, b, self.places[number], bias, batch, m, n, k, sparse)

    def _operand(self, number: int, batch: tuple[int, ...], *, swapped: bool) -> Operand:
        side = side_of(self.graph, number, self.places)
        assert side is not None, "what a matmul reads lies in memory"
        rows, columns = (side.columns, side.rows) if swapped else (side.rows, side.columns)
        outer = (0,) * (len(batch) - len(side.batch)) + side.batch
        return Operand(self.places[side.base], side.offset, outer, rows, columns)


def _fill(target: Buffer, bits: int) -> Loop:
    """Return the kernel that fills a buffer with one number."""
    loop = Loop((target.elements,))
    loop.stores.append((loop.body.bits(bits), Access(target, (1,))))
    return loop
