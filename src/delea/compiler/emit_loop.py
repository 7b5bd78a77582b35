"""From a loop kernel to a Wasm function: four lanes at a time, every order of additions kept.

One axis becomes the lanes: an axis of the space, so that each lane is an output with an accumulator
of its own, or for `lanes4` the reduced axis itself. Addresses: accesses that move alike share one
offset local; where each begins is the constant offset of its load or store. What does not change
in the reduction is computed before it. Vectors past the end of an axis are computed whole and
stored lane by lane: reading past a buffer is harmless, writing never happens.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from delea.compiler.collapse import accesses, collapse
from delea.compiler.emit_value import Point, Values
from delea.compiler.kernel import Accumulator, Loop
from delea.compiler.place import Addresses, parameters

LANES = 4
REGISTERS = 16
SUM_START, MAXIMUM_START = "-0x0p+0", "-inf"


def emit_loop(name: str, loop: Loop, addresses: Addresses) -> str:
    """Return the function `$name` that runs a kernel, its buffers at `addresses`."""
    return _Emitter(collapse(loop), addresses).function(name)


@dataclass(slots=True)
class _Emitter:
    loop: Loop
    addresses: Addresses
    values: Values = field(init=False)
    lane_axis: int | None = field(init=False)

    def __post_init__(self) -> None:
        self.lane_axis = _lane_axis(self.loop)
        self.values = Values(self.loop, self.addresses, self.lane_axis)

    @property
    def sizes(self) -> tuple[int, ...]:
        return self.loop.space + self.loop.reduced

    def function(self, name: str) -> str:
        values = self.values
        outer = [axis for axis in range(len(self.loop.space)) if axis != self.lane_axis]
        self._nest(outer, self._lanes if self._lanes_are_outputs() else self._point_lanes4)
        return (
            f"(func ${name} {parameters(self.addresses)} {values.declarations()}\n{values.code()})"
        )

    def _lanes_are_outputs(self) -> bool:
        return self.loop.order != "lanes4"

    # loops

    def _nest(self, axes: list[int], body: Callable[[], None]) -> None:
        """Run `body` for every index of `axes`, the first axis outermost."""
        if not axes:
            body()
            return
        axis, *rest = axes
        size, inner = self.sizes[axis], lambda: self._nest(rest, body)
        if axis < self.loop.backward:
            self._advance(axis, size - 1)
            self._repeat(axis, size, -1, inner)
            self._advance(axis, 1)
        else:
            self._repeat(axis, size, 1, inner)
            self._advance(axis, -size)

    def _repeat(self, axis: int, times: int, step: int, body: Callable[[], None]) -> None:
        """Run `body` `times` times, moving on by `step` elements of `axis` after each."""
        values = self.values
        if times == 1:
            body()
            self._advance(axis, step)
            return
        moving = values.moving(axis)
        lead, stride = moving[0] if moving else (values.counter(), 1)
        if not moving:
            values.emit(f"(local.set {lead} (i32.const 0))")
        label, end = values.label(), values.local("i32")
        total = times * step * stride
        values.emit(f"(local.set {end} (i32.add (local.get {lead}) (i32.const {total})))")
        values.emit(f"(loop {label}")
        body()
        for offset, bytes_ in moving[1:]:
            values.emit(f"(local.set {offset} {_plus(offset, step * bytes_)})")
        moved = f"(local.tee {lead} {_plus(lead, step * stride)})"
        values.emit(f"(br_if {label} (i32.ne {moved} (local.get {end}))))")

    def _advance(self, axis: int, elements: int) -> None:
        for offset, bytes_ in self.values.moving(axis):
            self.values.emit(f"(local.set {offset} {_plus(offset, elements * bytes_)})")

    # lanes are outputs

    def _lanes(self) -> None:
        """Cover the lane axis: blocks of several vectors, single vectors, then a rest."""
        if self.lane_axis is None:
            self._outputs(Point(1, 1))
            return
        size = self.sizes[self.lane_axis]
        vectors, rest = divmod(size, LANES)
        wide = self._unroll(vectors)
        blocks, singles = divmod(vectors, wide)
        if blocks:
            step = LANES * wide
            self._repeat(self.lane_axis, blocks, step, lambda: self._outputs(Point(wide, LANES)))
        if singles:
            self._repeat(self.lane_axis, singles, LANES, lambda: self._outputs(Point(1, LANES)))
        if rest:
            self._outputs(Point(1, rest))
        self._advance(self.lane_axis, -vectors * LANES)

    def _unroll(self, vectors: int) -> int:
        """Return how many vectors of outputs fit the registers together."""
        need, shared = self.values.pressure()
        fitting = [
            wide
            for wide in (1, 2, 3, 4, 5)
            if wide <= vectors and (wide == 1 or need * wide + shared <= REGISTERS)
        ]
        even = [wide for wide in fitting if vectors % wide == 0]
        widest = max(fitting, default=1)
        return max((wide for wide in even if 2 * wide > widest), default=widest)

    def _outputs(self, point: Point) -> None:
        """Compute and store `point.vectors` vectors of outputs."""
        values = self.values
        values.begin(point)
        totals = []
        for number, accumulator in enumerate(self.loop.accumulators):
            start = accumulator.start
            for u in range(point.vectors):
                total = values.local("v128")
                first = _start(accumulator) if start is None else values.text(start, u)
                values.emit(f"(local.set {total} {first})")
                totals.append((number, accumulator, u, total))
        if totals:
            values.hoist()
            self._nest(list(self.loop.reduced_axes), lambda: self._accumulate(totals))
        for number, _, u, total in totals:
            values.accumulated(number, u, f"(local.get {total})")
        self._store(point)

    def _accumulate(self, totals: list[tuple[int, Accumulator, int, str]]) -> None:
        values = self.values
        for _, accumulator, u, total in totals:
            term = values.text(accumulator.value, u)
            values.emit(f"(local.set {total} {_step(accumulator, total, term)})")

    def _store(self, point: Point) -> None:
        """Store every result; what a later one still reads of a place is read before it is lost."""
        for at, (value, access) in enumerate(self.loop.stores):
            later = [value for value, _ in self.loop.stores[at + 1 :]]
            for u in range(point.vectors):
                text = self.values.text(value, u)
                self.values.rescue(access, later, u)
                self.values.store(access, u, text)

    # lanes are terms of one output

    def _point_lanes4(self) -> None:
        """Reduce along memory, four running totals, then store one output."""
        values = self.values
        point = Point(1, 1)
        assert self.lane_axis is not None, "a lanes4 reduction has an axis"
        values.begin(point)
        totals = []
        for accumulator in self.loop.accumulators:
            totals.append((accumulator, values.local("v128")))
            values.emit(f"(local.set {totals[-1][1]} {_start(accumulator)})")
        values.hoist()
        outer = [axis for axis in self.loop.reduced_axes if axis != self.lane_axis]
        vectors, rest = divmod(self.sizes[self.lane_axis], LANES)
        assert not (outer and rest), "lanes4 over several axes keeps whole vectors"
        self._nest(outer, lambda: self._terms(totals, vectors, rest))
        for number, (accumulator, total) in enumerate(totals):
            values.accumulated(number, 0, _combine(accumulator, total, values))
        values.leave_reduction()
        self._store(point)

    def _terms(self, totals: list[tuple[Accumulator, str]], vectors: int, rest: int) -> None:
        assert self.lane_axis is not None, "a lanes4 reduction has an axis"
        if vectors:
            self._repeat(self.lane_axis, vectors, LANES, lambda: self._add_vector(totals, LANES))
        if rest:
            self._add_vector(totals, rest)
        self._advance(self.lane_axis, -vectors * LANES)

    def _add_vector(self, totals: list[tuple[Accumulator, str]], lanes: int) -> None:
        values = self.values
        values.begin_terms(lanes)
        for accumulator, total in totals:
            after = _step(accumulator, total, values.text(accumulator.value, 0))
            if lanes < LANES:  # lanes past the end keep their totals
                mask = " ".join("-1" if lane < lanes else "0" for lane in range(LANES))
                before = f"(local.get {total}) (v128.const i32x4 {mask})"
                after = f"(v128.bitselect {after} {before})"
            values.emit(f"(local.set {total} {after})")


def _lane_axis(loop: Loop) -> int | None:
    """Return the axis that becomes the lanes; None for a kernel of one point."""
    if loop.order == "lanes4":
        return len(loop.space) + len(loop.reduced) - 1
    if not loop.space:
        return None
    places = accesses(loop)

    def awkward(axis: int) -> tuple[bool, int, int]:
        scattered = sum(access.strides[axis] not in (0, 1) for access in places)
        return loop.space[axis] < LANES, scattered, -axis

    return min(range(loop.backward, len(loop.space)), key=awkward)


def _start(accumulator: Accumulator) -> str:
    start = SUM_START if accumulator.op == "sum" else MAXIMUM_START
    return f"(f32x4.splat (f32.const {start}))"


def _step(accumulator: Accumulator, total: str, term: str) -> str:
    operation = "f32x4.add" if accumulator.op == "sum" else "f32x4.pmax"
    return f"({operation} (local.get {total}) {term})"


def _combine(accumulator: Accumulator, total: str, values: Values) -> str:
    """Return (l0 + l1) + (l2 + l3), in every lane."""
    odd = "4 5 6 7 4 5 6 7 12 13 14 15 12 13 14 15"
    upper = "8 9 10 11 8 9 10 11 8 9 10 11 8 9 10 11"
    for lanes in (odd, upper):
        moved = f"(i8x16.shuffle {lanes} (local.get {total}) (local.get {total}))"
        values.emit(f"(local.set {total} {_step(accumulator, total, moved)})")
    return f"(f32x4.splat (f32x4.extract_lane 0 (local.get {total})))"


def _plus(local: str, bytes_: int) -> str:
    return f"(i32.add (local.get {local}) (i32.const {bytes_}))"
