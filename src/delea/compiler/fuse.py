"""Fusion: which kernel computes what.

Reductions over the same space share one pass over it; values that follow them pointwise become
their epilogue; stored values and outputs of one shape share a loop. Kernels that overwrite the
state run last, so that everything before them reads the state as it was.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import product
from math import prod

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
from delea.compiler.lower import Lowering, NotPointwise
from delea.compiler.materialize import materialize
from delea.compiler.view import View, row_major, side_of, squeeze, storage, view_of
from delea.graph import MINUS_ZERO, Graph, Node
from delea.graph.ops import MATMULS, REDUCTIONS

ALONE = MATMULS | {"gather", "scatter", "fold", "random"}
"""Operations whose kernels are no loops over values."""

MAX_STORES = 4
MAX_ACCUMULATORS = 4
FRESH = -1
"""The cluster of kernels that overwrite nothing."""


@dataclass(frozen=True, slots=True)
class Space:
    """What a kernel runs over; `pattern` says which axes (sizes of 1 aside) are reduced."""

    kept: tuple[int, ...]
    reduced: tuple[int, ...] = ()
    order: str = ""
    pattern: tuple[bool, ...] = ()


@dataclass(slots=True)
class Group:
    """A kernel in the making: reductions, and the values it stores and where.

    Kernels of one `cluster` overwrite states that depend on each other's old values.
    """

    space: Space
    cluster: int = FRESH
    reductions: list[int] = field(default_factory=list)
    stores: list[tuple[int, Access]] = field(default_factory=list)
    alone: int | None = None
    """The node of a kernel that is no loop: a matmul, a gather, a scatter, or the fill of one
    that is assembled."""


def fuse(graph: Graph, outputs: dict[str, Buffer], leaves: dict[str, Buffer]) -> list[Kernel]:
    """Return the kernels of a graph in an order in which they can run.

    `leaves` says where inputs and states lie, `outputs` where results go. An output may be the
    place of a state that the graph reads; where a kernel would then read what another has already
    overwritten, the result goes to memory of its own first and is copied at the end.
    """
    aside: dict[Buffer, Buffer] = {}
    while True:
        redirected = {name: aside.get(buffer, buffer) for name, buffer in outputs.items()}
        kernels = _Fusion(graph, redirected, leaves).kernels()
        unsafe = _overwritten_too_early(kernels, set(leaves.values()))
        if not unsafe:
            break
        aside |= {buffer: Buffer(f"next.{buffer.name}", buffer.elements) for buffer in unsafe}
    copied = sorted(aside.items(), key=lambda pair: pair[0].name)
    return kernels + [_copy(source, target) for target, source in copied]


class _Fusion:
    def __init__(self, graph: Graph, outputs: dict[str, Buffer], leaves: dict[str, Buffer]) -> None:
        self.graph = graph
        self.stored = materialize(graph)
        self.states = set(leaves.values())
        self.places = {
            number: leaves[node.text("name")]
            for number, node in enumerate(graph.nodes)
            if node.op in ("input", "state")
        }
        self.results = [
            (storage(graph, source), outputs[name])
            for name, source in sorted(graph.outputs, key=lambda output: output[1])
        ]
        self.groups: list[Group] = []
        self.owner: dict[int, int] = {}

    def kernels(self) -> list[Kernel]:
        copies = self._give_buffers()
        for number in sorted(self.stored):
            self._place(number)
        clusters = self._clusters(copies)
        for number, buffer in sorted(copies, key=lambda pair: clusters.get(pair[1], FRESH)):
            self._place_output(number, buffer, clusters.get(buffer, FRESH))
        needed = self._needed()
        return [kernel for group in self.groups for kernel in self._emit(group, needed)]

    def _give_buffers(self) -> list[tuple[int, Buffer]]:
        """Give each stored value its buffer, an output's if it can be; return the other outputs."""
        rest = []
        for number, buffer in self.results:
            if number in self.stored and number not in self.places and buffer not in self.states:
                self.places[number] = buffer
            else:
                rest.append((number, buffer))
        for number in sorted(self.stored - set(self.places)):
            self.places[number] = Buffer(f"t{number}", prod(self.graph.nodes[number].shape))
        return rest

    def _place(self, number: int) -> None:
        """Put a stored value into the first group that can compute it, or a new one."""
        node = self.graph.nodes[number]
        owners = self._owners(node.inputs)
        if node.op in ALONE:
            group = self._new(Space(()), FRESH)
            self.groups[group].alone = number
        elif node.op in REDUCTIONS:
            group = self._find_reducing(self._space(number), owners)
            self.groups[group].reductions.append(number)
        elif node.op == "assemble":
            group = self._place_parts(number)
        else:
            group = self._find_storing(number, owners, FRESH, fresh=True)
            target = self._whole(number, self.places[number])
            self.groups[group].stores.append((number, target))
        self.owner[number] = group

    def _place_output(self, number: int, buffer: Buffer, cluster: int) -> None:
        owners = self._owners((number,))
        group = self._find_storing(number, owners, cluster, fresh=False)
        self.groups[group].stores.append((number, self._whole(number, buffer)))

    def _place_parts(self, number: int) -> int:
        """Store each part of an assembled value in its place; return the last group to do so."""
        node, buffer = self.graph.nodes[number], self.places[number]
        shapes = [self.graph.nodes[source].shape for source in node.inputs]
        last = -1
        if sum(map(prod, shapes)) < prod(node.shape):
            last = self._new(Space((buffer.elements,)), FRESH)
            self.groups[last].alone = number
        strides, rank = row_major(node.shape), len(node.shape)
        for part, (source, shape) in enumerate(zip(node.inputs, shapes, strict=True)):
            own = slice(part * rank, (part + 1) * rank)
            starts, steps = node.integers("starts")[own], node.integers("steps")[own]
            offset = sum(a * stride for a, stride in zip(starts, strides, strict=True))
            walks = zip(shape, steps, strides, strict=True)
            moving = (step * stride for size, step, stride in walks if size != 1)
            owners = self._owners((source,)) | ({last} if last >= 0 else set())
            group = self._find_storing(source, owners, FRESH, fresh=False)
            self.groups[group].stores.append((source, Access(buffer, tuple(moving), offset)))
            last = max(last, group)
        return last

    def _whole(self, number: int, buffer: Buffer) -> Access:
        return Access(buffer, row_major(squeeze(self.graph.nodes[number].shape)))

    def _clusters(self, outputs: list[tuple[int, Buffer]]) -> dict[Buffer, int]:
        """Number the overwritten states; those read for one another's next value share a number."""
        overwritten = [(number, buffer) for number, buffer in outputs if buffer in self.states]
        clusters = {buffer: i for i, (_, buffer) in enumerate(overwritten)}
        for number, buffer in overwritten:
            read = {self.places[leaf] for leaf in self._below((number,)) if leaf in self.places}
            joined = {clusters[other] for other in read | {buffer} if other in clusters}
            for other, cluster in clusters.items():
                if cluster in joined:
                    clusters[other] = min(joined)
        return clusters

    def _find_reducing(self, space: Space, owners: set[int]) -> int:
        for index, group in enumerate(self.groups):
            free = len(group.reductions) < MAX_ACCUMULATORS
            apart = all(owner < index for owner in owners)
            if group.alone is None and group.space == space and free and apart:
                return index
        return self._new(space, FRESH)

    def _find_storing(self, number: int, owners: set[int], cluster: int, *, fresh: bool) -> int:
        kept = squeeze(self.graph.nodes[number].shape)
        for index, group in enumerate(self.groups):
            if (
                group.alone is None
                and group.cluster == cluster
                and group.space.kept == kept
                and (cluster != FRESH or len(group.stores) < MAX_STORES)
                and (not group.reductions or index in owners)
                and all(owner <= index for owner in owners)
                and not self._reads_parts(number, index, fresh=fresh)
                and self._is_pointwise(number, group, fresh=fresh)
            ):
                return index
        return self._new(Space(kept), cluster)

    def _new(self, space: Space, cluster: int) -> int:
        self.groups.append(Group(space, cluster))
        return len(self.groups) - 1

    def _space(self, number: int) -> Space:
        """Return the space of a reduction; one term has only one order."""
        node = self.graph.nodes[number]
        shape = self.graph.nodes[node.inputs[0]].shape
        axes = [(size, i in node.integers("axes")) for i, size in enumerate(shape) if size != 1]
        reduced = tuple(size for size, reduced in axes if reduced)
        return Space(
            tuple(size for size, reduced in axes if not reduced),
            reduced,
            node.text("order") if reduced else "sequential",
            tuple(reduced for _, reduced in axes),
        )

    def _owners(self, numbers: tuple[int, ...]) -> set[int]:
        """Return the groups whose results are read when `numbers` are computed."""
        return {self.owner[number] for number in self._stored_below(numbers)}

    def _stored_below(self, numbers: tuple[int, ...]) -> set[int]:
        return self._below(numbers) & self.stored

    def _below(self, numbers: tuple[int, ...]) -> set[int]:
        """Return the nodes that `numbers` are computed from, down to what lies in memory."""
        seen: set[int] = set()
        stack = list(numbers)
        while stack:
            number = stack.pop()
            if number not in seen:
                seen.add(number)
                if number not in self.stored:
                    stack.extend(self.graph.nodes[number].inputs)
        return seen

    def _is_pointwise(self, number: int, group: Group, *, fresh: bool) -> bool:
        """Return whether the value can be computed at each point of the group's own results."""
        lowering = self._lowering(group)
        try:
            for inner in sorted(lowering.inside):  # one by one: a chain of them may be long
                lowering.point(inner)
            lowering.compute(number) if fresh else lowering.point(number)
        except NotPointwise:
            return False
        return True

    def _reads_parts(self, number: int, index: int, *, fresh: bool) -> bool:
        """Return whether a value reads what group `index` assembles, in memory only after it."""
        read = self._stored_below(self.graph.nodes[number].inputs if fresh else (number,))
        return any(
            self.graph.nodes[n].op == "assemble" and self.owner[n] == index
            for n in read
            if n in self.owner
        )

    def _lowering(self, group: Group) -> Lowering:
        loop = Loop(group.space.kept, group.space.reduced, group.space.order)
        index = self._index(group)
        inside = {n for n, _ in group.stores if n in self.stored and self.owner[n] == index}
        reductions = {number: i for i, number in enumerate(group.reductions)}
        return Lowering(self.graph, loop, self.places, inside, reductions)

    def _index(self, group: Group) -> int:
        return next(i for i, other in enumerate(self.groups) if other is group)

    def _needed(self) -> set[int]:
        """Return the reductions whose results must lie in memory: read by another kernel."""
        outputs = {number for number, buffer in self.results if self.places.get(number) == buffer}
        needed = set(outputs)
        for index, group in enumerate(self.groups):
            read: set[int] = set()
            if group.alone is not None and self.graph.nodes[group.alone].op in ALONE:
                read = self._stored_below(self.graph.nodes[group.alone].inputs)
            for number in group.reductions:
                read |= self._stored_below(self.graph.nodes[number].inputs)
            for number, _ in group.stores:
                own = number in self.stored and self.owner[number] == index
                inputs = self.graph.nodes[number].inputs if own else (number,)
                read |= self._stored_below(inputs)
            needed |= {number for number in read if self.owner[number] != index}
        return needed

    def _emit(self, group: Group, needed: set[int]) -> list[Kernel]:
        if group.alone is not None:
            return self._emit_alone(group.alone)
        lowering = self._lowering(group)
        for number in group.reductions:
            lowering.reduce(number)
        kept = [n for n in group.reductions if n in needed]
        results = [(n, self._whole(n, self.places[n])) for n in kept]
        for number, target in results + group.stores:
            lowering.store(number, target)
        return [lowering.loop]

    def _emit_alone(self, number: int) -> list[Kernel]:
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
        """Yield, for each place inside the window, the loop that adds what it holds."""
        view, shape = self._view(node.inputs[0]), self.graph.nodes[node.inputs[0]].shape
        names = ("axes", "sizes", "steps", "dilations")
        axes, sizes, steps, dilations = (node.integers(name) for name in names)
        rank = len(node.shape)
        strides = list(row_major(node.shape))
        for axis, step in zip(axes, steps, strict=True):
            strides[axis] *= step
        for inside in product(*map(range, sizes)):
            spans = zip(axes, inside, dilations, strict=True)
            own = row_major(node.shape)
            at = sum(own[axis] * place * dilation for axis, place, dilation in spans)
            held = sum(p * st for p, st in zip(inside, view.strides[rank:], strict=True))
            source = Access(self.places[view.base], view.strides[:rank], view.offset + held)
            yield _accumulate(shape[:rank], source, Access(out, tuple(strides), at))

    def _view(self, number: int) -> View:
        view = view_of(self.graph, number, set(self.places))
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
        side = side_of(self.graph, number, set(self.places))
        assert side is not None, "what a matmul reads lies in memory"
        rows, columns = (side.columns, side.rows) if swapped else (side.rows, side.columns)
        outer = (0,) * (len(batch) - len(side.batch)) + side.batch
        return Operand(self.places[side.base], side.offset, outer, rows, columns)


def _overwritten_too_early(kernels: list[Kernel], states: set[Buffer]) -> set[Buffer]:
    """Return the states that are read after, or elsewhere than, where a kernel overwrites them."""
    unsafe: set[Buffer] = set()
    read_later: set[Buffer] = set()
    for kernel in reversed(kernels):
        written = set(kernel.writes()) & states
        unsafe |= written & read_later
        read_later.update(kernel.reads())
        if isinstance(kernel, Loop):
            targets = {access.buffer: access for _, access in kernel.stores}
            loads = [v.detail for v in kernel.body.values if isinstance(v.detail, Access)]
            unsafe |= {
                access.buffer
                for access in loads
                if access.buffer in written and access != targets[access.buffer]
            }
    return unsafe


def _accumulate(space: tuple[int, ...], source: Access, target: Access) -> Loop:
    """Return the kernel that adds one place in memory to another."""
    kept = [axis for axis, size in enumerate(space) if size != 1]
    source, target = (
        Access(access.buffer, tuple(access.strides[axis] for axis in kept), access.offset)
        for access in (source, target)
    )
    loop = Loop(tuple(space[axis] for axis in kept))
    values = [loop.body.load(access, "f32") for access in (target, source)]
    loop.stores.append((loop.body.add(*values), target))
    return loop


def _fill(target: Buffer, bits: int) -> Loop:
    """Return the kernel that fills a buffer with one number."""
    loop = Loop((target.elements,))
    loop.stores.append((loop.body.bits(bits), Access(target, (1,))))
    return loop


def _copy(source: Buffer, target: Buffer) -> Loop:
    """Return the kernel that copies one buffer over another."""
    space = (source.elements,)
    loop = Loop(space)
    value = loop.body.load(Access(source, row_major(space)), "f32")
    loop.stores.append((value, Access(target, row_major(space))))
    return loop
