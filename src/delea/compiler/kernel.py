"""What fusion makes of a graph: kernels over an iteration space, reading and writing buffers."""

from dataclasses import dataclass, field

from delea.graph import F32, I32, MASK, MINUS_ZERO, float_bits

COMPARISONS = frozenset({"less", "equal"})


@dataclass(frozen=True, slots=True)
class Buffer:
    """A stored tensor: `name` says whose, `elements` how many of 4 bytes."""

    name: str
    elements: int


@dataclass(frozen=True, slots=True)
class Access:
    """A place in a buffer that moves by `strides` elements along each axis of the kernel."""

    buffer: Buffer
    strides: tuple[int, ...]
    offset: int = 0


@dataclass(frozen=True, slots=True)
class Value:
    """One value of a body: an operation on earlier values, or a leaf.

    Leaves: `load` (its access), `constant` (its bits), `index` (its axis), `accumulator` (its
    number).
    """

    op: str
    arguments: tuple[int, ...] = ()
    dtype: str = F32
    detail: Access | int | None = None


@dataclass(slots=True)
class Body:
    """The values of a kernel, each once; also `functions.Lanes`, so exp and tanh unfold into it."""

    values: list[Value] = field(default_factory=list)
    _known: dict[Value, int] = field(default_factory=dict)

    def _add(self, value: Value) -> int:
        found = self._known.get(value)
        if found is None:
            found = self._known[value] = len(self.values)
            self.values.append(value)
        return found

    def load(self, access: Access, dtype: str) -> int:
        """Read a buffer."""
        return self._add(Value("load", (), dtype, access))

    def bits(self, bits: int, dtype: str = F32) -> int:
        """Return the constant with these 32 bits."""
        return self._add(Value("constant", (), dtype, bits))

    def index(self, axis: int) -> int:
        """Return the int32 index along an axis of the kernel."""
        return self._add(Value("index", (), I32, axis))

    def accumulator(self, number: int) -> int:
        """Return the kernel's reduction `number`."""
        return self._add(Value("accumulator", (), F32, number))

    def apply(self, op: str, *arguments: int) -> int:
        """Return an operation on earlier values; adding -0.0 is left out."""
        if op == "add":
            left, right = arguments
            if self._is(right, MINUS_ZERO):
                return left
            if self._is(left, MINUS_ZERO):
                return right
        dtype = MASK if op in COMPARISONS else F32
        return self._add(Value(op, arguments, dtype))

    def _is(self, value: int, bits: int) -> bool:
        found = self.values[value]
        return found.op == "constant" and found.detail == bits

    # functions.Lanes

    def number(self, value: float) -> int:
        """Return `value`, rounded to float32."""
        return self.bits(float_bits(value))

    def add(self, a: int, b: int) -> int:
        """Return a + b."""
        return self.apply("add", a, b)

    def sub(self, a: int, b: int) -> int:
        """Return a - b."""
        return self.apply("sub", a, b)

    def mul(self, a: int, b: int) -> int:
        """Return a * b."""
        return self.apply("mul", a, b)

    def div(self, a: int, b: int) -> int:
        """Return a / b."""
        return self.apply("div", a, b)

    def max(self, a: int, b: int) -> int:
        """Return a < b ? b : a."""
        return self.apply("max", a, b)

    def min(self, a: int, b: int) -> int:
        """Return b < a ? b : a."""
        return self.apply("min", a, b)

    def neg(self, a: int) -> int:
        """Return -a."""
        return self.apply("neg", a)

    def abs(self, a: int) -> int:
        """Return |a|."""
        return self.apply("abs", a)

    def nearest(self, a: int) -> int:
        """Return a rounded to an integer, ties to even."""
        return self.apply("nearest", a)

    def less(self, a: int, b: int) -> int:
        """Return the mask a < b."""
        return self.apply("less", a, b)

    def equal(self, a: int, b: int) -> int:
        """Return the mask a == b."""
        return self.apply("equal", a, b)

    def where(self, mask: int, a: int, b: int) -> int:
        """Return mask ? a : b."""
        return self.apply("where", mask, a, b)

    def integers(self, a: int) -> int:
        """Return a as int32, towards zero."""
        return self._add(Value("truncate", (a,), I32))

    def power_of_two(self, n: int, shift: int) -> int:
        """Return 2^floor(n / 2^shift)."""
        whole = self._add(Value("truncate", (n,), I32))
        return self._scale(self._add(Value("shift_right", (whole,), I32, shift)))

    def power_of_two_rest(self, n: int) -> int:
        """Return 2^(n - floor(n / 2))."""
        whole = self._add(Value("truncate", (n,), I32))
        half = self._add(Value("shift_right", (whole,), I32, 1))
        return self._scale(self._add(Value("subtract_integers", (whole, half), I32)))

    def _scale(self, whole: int) -> int:
        biased = self._add(Value("add_integers", (whole, self.bits(127, I32)), I32))
        return self._add(Value("shift_left", (biased,), F32, 23))

    def mantissa(self, a: int) -> int:
        """Return a's mantissa scaled to [0.5, 1)."""
        low = self._add(Value("and", (a, self.bits(0x007FFFFF, I32)), I32))
        return self._add(Value("or", (low, self.bits(0x3F000000, I32)), F32))

    def exponent(self, a: int) -> int:
        """Return e with a = mantissa(a) * 2^e."""
        high = self._add(Value("shift_right", (a,), I32, 23))
        unbiased = self._add(Value("subtract_integers", (high, self.bits(126, I32)), I32))
        return self._add(Value("cast", (unbiased,), F32))


@dataclass(frozen=True, slots=True)
class Accumulator:
    """A reduction: `sum` or `maximum` of a value, from a start (None: the operation's own)."""

    op: str
    value: int
    start: int | None


@dataclass(slots=True)
class Loop:
    """A kernel of nested loops: for each point of `space`, reduce over `reduced`, then store.

    Axes of accesses and indices are numbered through `space`, then `reduced`. The first `backward`
    axes of the space run from their ends: there the order of points shows.
    """

    space: tuple[int, ...]
    reduced: tuple[int, ...] = ()
    order: str = ""
    body: Body = field(default_factory=Body)
    accumulators: list[Accumulator] = field(default_factory=list)
    stores: list[tuple[int, Access]] = field(default_factory=list)
    backward: int = 0

    @property
    def reduced_axes(self) -> range:
        """The numbers of the reduced axes."""
        return range(len(self.space), len(self.space) + len(self.reduced))

    def reads(self) -> list[Buffer]:
        """Return the buffers it loads."""
        return [v.detail.buffer for v in self.body.values if isinstance(v.detail, Access)]

    def writes(self) -> list[Buffer]:
        """Return the buffers it stores."""
        return [access.buffer for _, access in self.stores]


Runs = tuple[tuple[int, int], ...]
"""One axis as (size, stride in elements) pairs, outermost first."""


@dataclass(frozen=True, slots=True)
class Operand:
    """Where a matmul reads a matrix, or a batch of them: any transposition, slice or window."""

    buffer: Buffer
    offset: int
    batch: tuple[int, ...]
    rows: Runs
    columns: Runs


@dataclass(frozen=True, slots=True)
class Matmul:
    """c (*batch, m, n) = a (*batch, m, k) b (*batch, k, n); `bias` (n,) starts the accumulators."""

    a: Operand
    b: Operand
    c: Buffer
    bias: Buffer | None
    batch: tuple[int, ...]
    m: int
    n: int
    k: int
    sparse: bool = False
    """Whether terms whose number of a is zero are skipped."""

    def reads(self) -> list[Buffer]:
        """Return the buffers it loads."""
        return [self.a.buffer, self.b.buffer] + ([self.bias] if self.bias else [])

    def writes(self) -> list[Buffer]:
        """Return the buffer it stores."""
        return [self.c]


@dataclass(frozen=True, slots=True)
class Gather:
    """out[i] = table[clip(index[i])]: `count` rows of `width` numbers of a table of `rows`."""

    table: Buffer
    index: Buffer
    out: Buffer
    count: int
    width: int
    rows: int

    def reads(self) -> list[Buffer]:
        """Return the buffers it loads."""
        return [self.table, self.index]

    def writes(self) -> list[Buffer]:
        """Return the buffer it stores."""
        return [self.out]


@dataclass(frozen=True, slots=True)
class Scatter:
    """out[clip(index[i])] += value[i], i ascending, from -0.0: the other way of a gather."""

    index: Buffer
    value: Buffer
    out: Buffer
    count: int
    width: int
    rows: int

    def reads(self) -> list[Buffer]:
        """Return the buffers it loads."""
        return [self.index, self.value]

    def writes(self) -> list[Buffer]:
        """Return the buffer it stores."""
        return [self.out]


@dataclass(frozen=True, slots=True)
class Random:
    """Uniform numbers of the Philox draws from number `draw` on, under the seed in `header`."""

    header: Buffer
    out: Buffer
    draw: int

    def reads(self) -> list[Buffer]:
        """Return the buffer it loads."""
        return [self.header]

    def writes(self) -> list[Buffer]:
        """Return the buffer it stores."""
        return [self.out]


Kernel = Loop | Matmul | Gather | Scatter | Random
