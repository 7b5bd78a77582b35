"""Fusion: which kernel computes what.

Reductions over the same space share one pass over it; values that follow them pointwise become
their epilogue; stored values and outputs of one shape share a loop. Kernels that overwrite the
state run last, so that everything before them reads the state as it was.
"""

from math import prod

from delea.compiler.alone import ALONE, Alone
from delea.compiler.group import FRESH, Groups, Space
from delea.compiler.kernel import (
    Access,
    Buffer,
    Kernel,
    Loop,
)
from delea.compiler.lower import Lowering, NotPointwise
from delea.compiler.materialize import materialize
from delea.compiler.view import below, row_major, squeeze, storage
from delea.graph import Graph
from delea.graph.ops import REDUCTIONS


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
        self.groups = Groups()
        self.owner: dict[int, int] = {}
        self.asked: dict[int, Lowering] = {}

    def kernels(self) -> list[Kernel]:
        copies = self._give_buffers()
        for number in sorted(self.stored):
            self._place(number)
        clusters = self._clusters(copies)
        for number, buffer in sorted(copies, key=lambda pair: clusters.get(pair[1], FRESH)):
            self._place_output(number, buffer, clusters.get(buffer, FRESH))
        needed = self._needed()
        return [
            kernel for index in range(len(self.groups.all)) for kernel in self._emit(index, needed)
        ]

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
        if node.op in ALONE:
            group = self.groups.add_alone(number, Space(()))
        elif node.op in REDUCTIONS:
            latest = self._latest(self._stored_below(node.inputs))
            group = self.groups.reduce(number, self._space(number), latest)
        elif node.op == "assemble":
            group = self._place_parts(number)
        else:
            group = self._find_storing(number, FRESH, fresh=True)
            self.groups.store(group, number, self._whole(number, self.places[number]))
        self.owner[number] = group

    def _place_output(self, number: int, buffer: Buffer, cluster: int) -> None:
        group = self._find_storing(number, cluster, fresh=False)
        self.groups.store(group, number, self._whole(number, buffer))

    def _place_parts(self, number: int) -> int:
        """Store each part of an assembled value in its place; return the last group to do so."""
        node, buffer = self.graph.nodes[number], self.places[number]
        shapes = [self.graph.nodes[source].shape for source in node.inputs]
        last = -1
        if sum(map(prod, shapes)) < prod(node.shape):
            last = self.groups.add_alone(number, Space((buffer.elements,)))
        strides, rank = row_major(node.shape), len(node.shape)
        for part, (source, shape) in enumerate(zip(node.inputs, shapes, strict=True)):
            own = slice(part * rank, (part + 1) * rank)
            starts, steps = node.integers("starts")[own], node.integers("steps")[own]
            offset = sum(a * stride for a, stride in zip(starts, strides, strict=True))
            walks = zip(shape, steps, strides, strict=True)
            moving = (step * stride for size, step, stride in walks if size != 1)
            group = self._find_storing(source, FRESH, fresh=False, after=last)
            self.groups.store(group, source, Access(buffer, tuple(moving), offset))
            last = max(last, group)
        return last

    def _whole(self, number: int, buffer: Buffer) -> Access:
        return Access(buffer, row_major(squeeze(self.graph.nodes[number].shape)))

    def _clusters(self, outputs: list[tuple[int, Buffer]]) -> dict[Buffer, int]:
        """Number the overwritten states; those read for one another's next value share a number."""
        overwritten = [(number, buffer) for number, buffer in outputs if buffer in self.states]
        above = {buffer: buffer for _, buffer in overwritten}
        order = {buffer: i for i, (_, buffer) in enumerate(overwritten)}

        def first(buffer: Buffer) -> Buffer:
            while above[buffer] != buffer:
                above[buffer] = buffer = above[above[buffer]]
            return buffer

        for number, buffer in overwritten:
            read = {
                self.places[leaf]
                for leaf in below(self.graph, (number,), self.stored)
                if leaf in self.places
            }
            joined = {first(other) for other in read | {buffer} if other in above}
            least = min(joined, key=order.__getitem__)
            above |= dict.fromkeys(joined, least)
        return {buffer: order[first(buffer)] for buffer in above}

    def _find_storing(self, number: int, cluster: int, *, fresh: bool, after: int = FRESH) -> int:
        """Return the first kernel that can store a value: with room, no earlier than `after`."""
        kept = squeeze(self.graph.nodes[number].shape)
        read = self._stored_below(self.graph.nodes[number].inputs if fresh else (number,))
        latest = max(self._latest(read), after)
        for index in self.groups.with_room(kept, cluster, latest):
            own = [n for n in read if self.owner.get(n) == index]
            parts = any(self.graph.nodes[n].op == "assemble" for n in own)
            unread = self.groups.all[index].reductions and not own
            if not (parts or unread) and self._is_pointwise(number, index, fresh=fresh):
                return index
        return self.groups.add_storing(kept, cluster)

    def _latest(self, read: set[int]) -> int:
        """Return the last kernel whose results are among `read`, or FRESH."""
        return max((self.owner[number] for number in read), default=FRESH)

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

    def _stored_below(self, numbers: tuple[int, ...]) -> set[int]:
        return below(self.graph, numbers, self.stored) & self.stored

    def _is_pointwise(self, number: int, index: int, *, fresh: bool) -> bool:
        """Return whether the value can be computed at each point of the group's own results."""
        asked = self.asked.get(index)
        if asked is None:
            asked = self.asked[index] = self._lowering(index, is_asking=True)
        self._tell(asked, index)
        try:
            for inner in sorted(asked.inside):  # one by one: a chain of them may be long
                asked.point(inner)
            asked.compute(number) if fresh else asked.point(number)
        except NotPointwise:
            return False
        return True

    def _lowering(self, index: int, *, is_asking: bool = False) -> Lowering:
        space = self.groups.all[index].space
        loop = Loop(space.kept, space.reduced, space.order)
        lowering = Lowering(self.graph, loop, self.places, set(), {}, is_asking)
        self._tell(lowering, index)
        return lowering

    def _tell(self, lowering: Lowering, index: int) -> None:
        """Tell a group's lowering what the group computes by now.

        What was lowered before stays right: a value is placed before those that read it.
        """
        group = self.groups.all[index]
        own = (n for n, _ in group.stores if n in self.stored and self.owner[n] == index)
        lowering.inside.update(own)
        lowering.reductions |= {number: i for i, number in enumerate(group.reductions)}

    def _needed(self) -> set[int]:
        """Return the reductions whose results must lie in memory: read by another kernel."""
        outputs = {number for number, buffer in self.results if self.places.get(number) == buffer}
        needed = set(outputs)
        for index, group in enumerate(self.groups.all):
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

    def _emit(self, index: int, needed: set[int]) -> list[Kernel]:
        group = self.groups.all[index]
        if group.alone is not None:
            return Alone(self.graph, self.places).kernels(group.alone)
        lowering = self._lowering(index)
        for number in group.reductions:
            lowering.reduce(number)
        kept = [n for n in group.reductions if n in needed]
        results = [(n, self._whole(n, self.places[n])) for n in kept]
        for number, target in results + group.stores:
            lowering.store(number, target)
        return [lowering.loop]


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


def _copy(source: Buffer, target: Buffer) -> Loop:
    """Return the kernel that copies one buffer over another."""
    space = (source.elements,)
    loop = Loop(space)
    value = loop.body.load(Access(source, row_major(space)), "f32")
    loop.stores.append((value, Access(target, row_major(space))))
    return loop
