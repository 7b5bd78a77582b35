"""The values of a loop kernel as Wasm expressions, at the point the loops have reached."""

from dataclasses import dataclass, field

from delea.compiler.kernel import Access, Loop, Value
from delea.compiler.place import NOTHING, Addresses
from delea.graph import F32

LANES = 4
WORD = 4
_OPERATIONS = {
    "add": "f32x4.add",
    "sub": "f32x4.sub",
    "mul": "f32x4.mul",
    "div": "f32x4.div",
    "max": "f32x4.pmax",
    "min": "f32x4.pmin",
    "neg": "f32x4.neg",
    "abs": "f32x4.abs",
    "sqrt": "f32x4.sqrt",
    "nearest": "f32x4.nearest",
    "less": "f32x4.lt",
    "cast": "f32x4.convert_i32x4_s",
    "truncate": "i32x4.trunc_sat_f32x4_s",
    "add_integers": "i32x4.add",
    "subtract_integers": "i32x4.sub",
    "and": "v128.and",
    "or": "v128.or",
}
_SHIFTS = {"shift_right": "i32x4.shr_s", "shift_left": "i32x4.shl"}
ARITHMETIC = frozenset({"add", "sub", "mul", "div", "max", "min", "neg", "abs", "sqrt"})


@dataclass(frozen=True, slots=True)
class Point:
    """What is computed at once: so many vectors, of which so many lanes are stored."""

    vectors: int
    lanes: int


@dataclass(slots=True)
class Values:
    """Writes expressions and statements; keeps locals, offsets and what is already computed."""

    loop: Loop
    addresses: Addresses
    lane_axis: int | None
    _lines: list[str] = field(default_factory=list)
    _locals: list[str] = field(default_factory=list)
    _offsets: dict[tuple[int, ...], str] = field(default_factory=dict)
    _constants: dict[str, str] = field(default_factory=dict)
    _computed: dict[tuple[int, int], str] = field(default_factory=dict)
    _outside: dict[tuple[int, int], str] = field(default_factory=dict)
    _point: Point = Point(1, 1)
    _labels: int = 0
    _lanes_move: bool = True
    _uses: list[int] = field(init=False)
    _varies: list[frozenset[int]] = field(init=False)
    _after: list[bool] = field(init=False)

    def __post_init__(self) -> None:
        self._analyse()
        for value in self.loop.body.values:
            if isinstance(value.detail, Access):
                self._offset(_bytes(value.detail))
            elif value.op == "index":
                self._offset(self._index_strides(value))
        for _, access in self.loop.stores:
            self._offset(_bytes(access))

    def _analyse(self) -> None:
        """Find how often each value is used, along which axes it changes, and what is epilogue."""
        values = self.loop.body.values
        self._uses = [0] * len(values)
        self._varies, self._after = [], []
        space = frozenset(range(len(self.loop.space)))
        for value in values:
            for argument in value.arguments:
                self._uses[argument] += 1
            axes: frozenset[int] = frozenset().union(*(self._varies[a] for a in value.arguments))
            if isinstance(value.detail, Access):
                axes = frozenset(axis for axis, s in enumerate(value.detail.strides) if s)
            elif value.op == "index" and isinstance(value.detail, int):
                axes = frozenset({value.detail})
            elif value.op == "accumulator":
                axes = space
            self._varies.append(axes)
            below = any(self._after[a] for a in value.arguments)
            self._after.append(below or value.op == "accumulator")
        for accumulator in self.loop.accumulators:
            self._uses[accumulator.value] += 1
        for value_number, _ in self.loop.stores:
            self._uses[value_number] += 1

    # statements

    def emit(self, line: str) -> None:
        """Add a statement."""
        self._lines.append(line)

    def local(self, kind: str) -> str:
        """Return a new local."""
        self._locals.append(kind)
        return f"$x{len(self._locals) - 1}"

    def label(self) -> str:
        """Return a new loop label."""
        self._labels += 1
        return f"$l{self._labels}"

    def counter(self) -> str:
        """Return a local that counts a loop along which no access moves."""
        return self.local("i32")

    def declarations(self) -> str:
        """Return the declarations of all locals."""
        return " ".join(f"(local $x{i} {kind})" for i, kind in enumerate(self._locals))

    def code(self) -> str:
        """Return the statements; constants first, for V8 rebuilds one wherever it stands."""
        constants = [f"(local.set {name} {text})" for text, name in self._constants.items()]
        return "\n".join(constants + self._lines)

    # addresses

    def moving(self, axis: int) -> list[tuple[str, int]]:
        """Return the offsets that move along `axis`, with their bytes per element of it."""
        return [(name, strides[axis]) for strides, name in self._offsets.items() if strides[axis]]

    def _offset(self, strides: tuple[int, ...]) -> str:
        if not any(strides):
            return NOTHING
        if strides not in self._offsets:
            self._offsets[strides] = self.local("i32")
        return f"(local.get {self._offsets[strides]})"

    def _at(self, access: Access) -> tuple[int, str]:
        """Return the constant and the moving part of an access's address."""
        place = self.addresses[access.buffer]
        moving = place.plus(self._offset(_bytes(access)))
        return place.offset + WORD * access.offset, moving

    def _index_strides(self, value: Value) -> tuple[int, ...]:
        """Return the strides of an offset that counts elements along the index's axis."""
        axes = range(len(self.loop.space) + len(self.loop.reduced))
        return tuple(int(axis == value.detail) for axis in axes)

    # points

    def begin(self, point: Point) -> None:
        """Start computing `point`: nothing is known yet."""
        self._point = point
        self._computed, self._outside = {}, {}
        self._lanes_move = self.lane_axis is not None and self.lane_axis < len(self.loop.space)

    def begin_terms(self, lanes: int) -> None:
        """Start computing a vector of terms along a reduced axis."""
        self._point = Point(1, lanes)
        self._computed = dict(self._outside)
        self._lanes_move = True

    def hoist(self) -> None:
        """Compute what the reduction needs and does not change; forget the rest."""
        reduced = set(self.loop.reduced_axes)
        for number in self._needed_by_reduction():
            value = self.loop.body.values[number]
            changing = bool(self._varies[number] & reduced)
            if changing or value.op == "constant":
                continue
            for u in range(self._point.vectors if self._moves(number) else 1):
                self._keep(number, u, self.text(number, u))
        self._outside = dict(self._computed)

    def _needed_by_reduction(self) -> list[int]:
        """Return the values read directly by ones that change in the reduction, or reduced."""
        reduced = set(self.loop.reduced_axes)
        below, stack = set(), [a.value for a in self.loop.accumulators]
        direct = set(stack)
        while stack:
            number = stack.pop()
            if number in below or not self._varies[number] & reduced:
                continue
            below.add(number)
            arguments = self.loop.body.values[number].arguments
            direct.update(arguments)
            stack.extend(arguments)
        return sorted(direct)

    def accumulated(self, number: int, u: int, text: str) -> None:
        """Say where the result of reduction `number` is; what changed in the loop is forgotten."""
        if number == 0 and u == 0:
            self._computed = dict(self._outside)
        for value_number, value in enumerate(self.loop.body.values):
            if value.op == "accumulator" and value.detail == number:
                self._keep(value_number, u, text)

    def leave_reduction(self) -> None:
        """After a reduction along the lanes, one output is left, in every lane."""
        self._point, self._lanes_move = Point(1, 1), False

    # expressions

    def _moves(self, number: int) -> bool:
        return self._lanes_move and self.lane_axis in self._varies[number]

    def _keep(self, number: int, u: int, text: str) -> None:
        if text.startswith("(local.get"):
            self._computed[number, u] = text
            return
        name = self.local("v128")
        self.emit(f"(local.set {name} {text})")
        self._computed[number, u] = f"(local.get {name})"

    def text(self, number: int, u: int) -> str:
        """Return an expression for a value in vector `u` of the point."""
        key = (number, u if self._moves(number) else 0)
        if key in self._computed:
            return self._computed[key]
        value = self.loop.body.values[number]
        if value.op == "constant":
            return self._constant(value)
        text = self._expression(value, key[1])
        shared = self._uses[number] > 1 or (not self._moves(number) and self._point.vectors > 1)
        if not shared:
            return text
        self._keep(number, key[1], text)
        return self._computed[key]

    def rescue(self, target: Access, later: list[int], u: int) -> None:
        """Load what values `later` to be computed read of `target`: it is about to change."""
        stack, seen = list(later), set[int]()
        while stack:
            number = stack.pop()
            key = (number, u if self._moves(number) else 0)
            if number in seen or key in self._computed:
                continue
            seen.add(number)
            value = self.loop.body.values[number]
            if isinstance(value.detail, Access) and self._meet(value.detail, target):
                self._keep(number, key[1], self._load(value.detail, key[1], value.dtype))
            stack.extend(value.arguments)

    def _meet(self, read: Access, written: Access) -> bool:
        """Return whether two accesses may touch the same number at one point."""
        if read.buffer != written.buffer:
            return False
        span = self._point.vectors * LANES * max(1, self._lane_stride(written.strides))
        return read.strides != written.strides or abs(read.offset - written.offset) < span

    def _constant(self, value: Value) -> str:
        text = f"(v128.const i32x4 {' '.join([str(value.detail)] * LANES)})"
        if text not in self._constants:
            self._constants[text] = self.local("v128")
        return f"(local.get {self._constants[text]})"

    def _expression(self, value: Value, u: int) -> str:
        if isinstance(value.detail, Access):
            return self._load(value.detail, u, value.dtype)
        if value.op == "index":
            return self._index(value, u)
        arguments = [self.text(argument, u) for argument in value.arguments]
        if value.op == "where":
            return self._where(value, arguments)
        if value.op in _SHIFTS:
            return f"({_SHIFTS[value.op]} {arguments[0]} (i32.const {value.detail}))"
        operation = _OPERATIONS.get(value.op)
        if value.op == "equal":
            integers = self.loop.body.values[value.arguments[0]].dtype == "i32"
            operation = "i32x4.eq" if integers else "f32x4.eq"
        assert operation is not None, f"an operation of a body, not {value.op}"
        return f"({operation} {' '.join(arguments)})"

    def _where(self, value: Value, arguments: list[str]) -> str:
        mask, yes, no = value.arguments
        values = self.loop.body.values
        if values[no].op == "constant" and values[no].detail == 0:
            return f"(v128.and {arguments[1]} {arguments[0]})"
        if values[yes].op == "constant" and values[yes].detail == 0:
            return f"(v128.andnot {arguments[2]} {arguments[0]})"
        assert values[mask].dtype == "mask", "where selects by a mask"
        return f"(v128.bitselect {arguments[1]} {arguments[2]} {arguments[0]})"

    def _lane_stride(self, strides: tuple[int, ...]) -> int:
        return strides[self.lane_axis] if self._lanes_move and self.lane_axis is not None else 0

    def _load(self, access: Access, u: int, dtype: str) -> str:
        base, offset = self._at(access)
        stride = self._lane_stride(access.strides)
        if stride == 0 and dtype != F32:
            return f"(v128.load32_splat offset={base} {offset})"
        if stride == 0:  # Cranelift takes load32_splat through an integer register
            return f"(f32x4.splat (f32.load offset={base} {offset}))"
        if stride == 1:
            return f"(v128.load offset={base + WORD * LANES * u} {offset})"
        first = base + WORD * LANES * u * stride
        text = f"(v128.load32_zero offset={first} {offset})"
        for lane in range(1, self._point.lanes):
            text = (
                f"(v128.load32_lane offset={first + WORD * stride * lane} {lane} {offset} {text})"
            )
        return text

    def _index(self, value: Value, u: int) -> str:
        first = f"(i32x4.splat {self._offset(self._index_strides(value))})"
        if not (self._lanes_move and value.detail == self.lane_axis):
            return first
        lanes = " ".join(str(LANES * u + lane) for lane in range(LANES))
        return f"(i32x4.add {first} (v128.const i32x4 {lanes}))"

    def store(self, access: Access, u: int, text: str) -> None:
        """Store the point's lanes of vector `u`."""
        base, offset = self._at(access)
        stride = self._lane_stride(access.strides)
        if stride == 1 and self._point.lanes == LANES:
            self.emit(f"(v128.store offset={base + WORD * LANES * u} {offset} {text})")
            return
        if not text.startswith("(local.get"):
            name = self.local("v128")
            self.emit(f"(local.set {name} {text})")
            text = f"(local.get {name})"
        for lane in range(self._point.lanes):
            at = base + WORD * stride * (LANES * u + lane)
            self.emit(f"(v128.store32_lane offset={at} {lane} {offset} {text})")

    # what fits the registers

    def pressure(self) -> tuple[int, int]:
        """Return the registers needed per vector, and those shared by all vectors of a point."""
        self._lanes_move = self.lane_axis is not None and self.lane_axis < len(self.loop.space)
        values, reduced = self.loop.body.values, set(self.loop.reduced_axes)
        if not self.loop.accumulators:
            return max(2, len(values) // 2), 0
        needed = self._needed_by_reduction()
        per_vector = len(self.loop.accumulators)
        shared = 2
        for number in needed:
            changing = bool(self._varies[number] & reduced)
            if self._moves(number):
                per_vector += not changing
            elif values[number].op in ("load", "constant") or not changing:
                shared += 1
        return per_vector, shared


def _bytes(access: Access) -> tuple[int, ...]:
    return tuple(WORD * stride for stride in access.strides)
