"""Matrix multiplication: every shape and transposition is a call of `matmul.wat`'s $matmul.

An operand whose axes walk memory unevenly (a convolution's windows) is packed block by block: rows
of a block by block of c's rows, rows of b block by block of k, each block going on where the one
before ended. The order of additions is the same: k ascending, one accumulator per output.
"""

from dataclasses import dataclass
from importlib.resources import files
from math import prod

from delea.compiler.kernel import Matmul, Operand, Runs
from delea.compiler.place import Addresses, parameters
from delea.compiler.plan import ZEROS

PANEL = 16
TILE_BYTES = 2 * PANEL * 4
BLOCK_BYTES = 256 << 10
"""A block stays in a second-level cache."""

NARROW = 32
"""Up to so many columns of b, packing a costs more than it brings."""

DEEPEST = 512
"""Blocks of k so deep: a panel of b fills a first-level cache."""

PACKED = 8192
"""So many numbers of a, packed, stay in a second-level cache beside a panel."""

ENTRY_BYTES = 8
"""An entry of a sparse row's list: where b's row lies, and the number."""

WIDE_COPY = 256
"""From so many bytes on, a run is copied by one bulk instruction."""


@dataclass(frozen=True, slots=True)
class Blocks:
    """An uneven operand's rows, cut: a loop over `outer`, a block of `inner` packed each time."""

    operand: Operand
    outer: Runs
    inner: Runs

    @property
    def rows(self) -> int:
        """Rows of a block."""
        return prod(size for size, _ in self.inner)

    @property
    def width(self) -> int:
        """Numbers of a row."""
        return prod(size for size, _ in self.operand.columns)

    @property
    def byte_length(self) -> int:
        """Bytes of a block."""
        return 4 * self.rows * self.width


def workspace(kernel: Matmul) -> int:
    """Return the bytes a matmul needs: what $matmul works in, a block if it packs one."""
    blocks = blocks_of(kernel)
    if blocks is None:
        return _work(kernel, kernel.k)
    if blocks.operand is kernel.b:
        return _work(kernel, blocks.rows) + blocks.byte_length
    return _work(kernel, kernel.k) + blocks.byte_length + _panels(kernel.n, kernel.k)


def _work(kernel: Matmul, k: int) -> int:
    """Return the bytes one call works in: a tile, panels of b, packed rows of a; or a list."""
    if kernel.sparse:
        return ENTRY_BYTES * k
    depth = _depth(kernel.n, k)
    rows = min(kernel.m + kernel.m % 2, PACKED // depth & -2) if kernel.n > NARROW else 0
    return TILE_BYTES + _panels(kernel.n, depth) + 16 * rows * depth


def _depth(n: int, k: int) -> int:
    """Return how deep $matmul's blocks of k are; pack.wat's $depth is the same."""
    return k if n <= NARROW else -(-k // -(-k // DEEPEST))


def _panels(n: int, k: int) -> int:
    """Return the bytes of all panels of b."""
    return 4 * k * -(-n // PANEL) * PANEL


def blocks_of(kernel: Matmul) -> Blocks | None:
    """Return how the uneven operand is cut, if there is one."""
    for side in (kernel.a, kernel.b):
        scattered = kernel.sparse and side is kernel.b and side.columns[-1][1] != 1
        if len(side.rows) > 1 or len(side.columns) > 1 or scattered:
            width = prod(size for size, _ in side.columns)
            cut = len(side.rows) - 1
            while cut and prod(s for s, _ in side.rows[cut - 1 :]) * width * 4 <= BLOCK_BYTES:
                cut -= 1
            return Blocks(side, side.rows[:cut], side.rows[cut:])
    return None


def emit_matmul(name: str, kernel: Matmul, addresses: Addresses, panel: int) -> str:
    """Return the functions of a matmul kernel, `$name` the one to call; workspace at `panel`."""
    blocks = blocks_of(kernel)
    if blocks is None:
        return _whole(name, kernel, addresses, panel)
    block_at = panel + _work(kernel, blocks.rows if blocks.operand is kernel.b else kernel.k)
    packing = _pack(f"{name}_pack", blocks, block_at)
    return packing + "\n" + _blocked(name, kernel, blocks, addresses, (panel, block_at))


def _whole(name: str, kernel: Matmul, addresses: Addresses, panel: int) -> str:
    """Return the function that reads both operands where they lie; a batch is a nest of loops."""
    bias = addresses[kernel.bias].expression() if kernel.bias else 0
    (a_row, a_k), (b_k, b_column) = _strides(kernel.a), _strides(kernel.b)
    sizes = (kernel.m, kernel.n, kernel.k)
    function, b_walk = ("$sparse", (b_k,)) if kernel.sparse else ("$matmul", (b_column, b_k))
    call = (
        f"(call {function} (local.get $a) {_numbers(a_row, a_k)} (local.get $b)"
        f" {_numbers(*b_walk)} (local.get $c) {_numbers(*sizes, bias, panel, 0)})"
    )
    body = call + _move("$c", 4 * kernel.m * kernel.n)
    axes = [axis for axis, size in enumerate(kernel.batch) if size != 1]
    for axis in reversed(axes):
        steps = {"$a": 4 * kernel.a.batch[axis], "$b": 4 * kernel.b.batch[axis]}
        body = _loop(f"$n{axis}", kernel.batch[axis], body, steps)
    counters = [f"$n{axis}" for axis in axes]
    starts = {"$a": _start(kernel.a, addresses), "$b": _start(kernel.b, addresses)}
    starts["$c"] = addresses[kernel.c].expression()
    return _function(name, counters, starts, body, parameters(addresses))


def _blocked(
    name: str,
    kernel: Matmul,
    blocks: Blocks,
    addresses: Addresses,
    workspaces: tuple[int, int],
) -> str:
    """Return the function that packs a block of one operand and multiplies, block by block."""
    panel, block_at = workspaces
    bias = addresses[kernel.bias].expression() if kernel.bias else 0
    row, rows = 4 * blocks.width, blocks.rows
    pack = f"(call ${name}_pack (local.get $from))"
    if blocks.operand is kernel.a:
        b_k, b_column = _strides(kernel.b)
        b = _start(kernel.b, addresses)
        last = _numbers(rows, kernel.n, kernel.k, bias, panel, 0)
        panels = block_at + blocks.byte_length
        before = _numbers(b, b_column, b_k, kernel.n, kernel.k, panels)
        before = f"(call $pack_all {before})"
        body = f"{pack}(call $matmul {_numbers(block_at, row, 4, panels, 0, 0)}"
        body += f" (local.get $c) {last})" + _move("$c", 4 * rows * kernel.n)
        starts = {"$c": addresses[kernel.c].expression()}
    else:
        a_row, a_k = _strides(kernel.a)
        function, b_walk = ("$sparse", (row,)) if kernel.sparse else ("$matmul", (4, row))
        c = addresses[kernel.c].expression()
        first = f"(local.get $a) {_numbers(a_row, a_k, block_at, *b_walk, c)}"
        last = f"{_numbers(kernel.m, kernel.n, rows, bias, panel)} (local.get $more)"
        body = f"{pack}(call {function} {first} {last})"
        body += _move("$a", a_k * rows) + "(local.set $more (i32.const 1))"
        starts, before = {"$a": _start(kernel.a, addresses), "$more": "(i32.const 0)"}, ""
    counters = [f"$n{i}" for i in range(len(blocks.outer))]
    for counter, (size, stride) in reversed(list(zip(counters, blocks.outer, strict=True))):
        body = _loop(counter, size, body, {"$from": 4 * stride})
    starts["$from"] = _start(blocks.operand, addresses)
    return _function(name, counters, starts, before + body, parameters(addresses))


def _pack(name: str, blocks: Blocks, block_at: int) -> str:
    """Return the function that copies the block at $from to `block_at`, row after row."""
    *outer, (length, stride) = blocks.operand.columns
    counters = [f"$n{i}" for i in range(len(blocks.inner) + len(outer))]
    if stride == 1 and 4 * length >= WIDE_COPY:
        body = f"(memory.copy (local.get $to) (local.get $from) (i32.const {4 * length}))"
        body += _move("$to", 4 * length)
    elif stride == 1:
        body = "".join(_copied(length)) + _move("$to", 4 * length)
    else:
        counters.append("$last")
        one = "(i32.store (local.get $to) (i32.load (local.get $from)))" + _move("$to", 4)
        body = _loop("$last", length, one, {"$from": 4 * stride})
    runs = [*blocks.inner, *outer]
    for counter, (size, step) in reversed(list(zip(counters, runs, strict=False))):
        body = _loop(counter, size, body, {"$from": 4 * step})
    return _function(name, counters, {"$to": f"(i32.const {block_at})"}, body, "(param $from i32)")


def _copied(length: int) -> list[str]:
    """Return the copies of a short run, four numbers at a time and then one."""
    lines, at = [], 0
    for size, kind in ((4, "v128"), (1, "i32")):
        while length - at >= size:
            load = f"({kind}.load offset={4 * at} (local.get $from))"
            lines.append(f"({kind}.store offset={4 * at} (local.get $to) {load})")
            at += size
    return lines


def _strides(side: Operand) -> tuple[int, int]:
    """Return the bytes between rows and between columns of an even operand, never 0.

    An axis of one element has a stride of 0, which $matmul would take to mean packed panels.
    """
    return 4 * (side.rows[0][1] or 1), 4 * (side.columns[0][1] or 1)


def _start(side: Operand, addresses: Addresses) -> str:
    return addresses[side.buffer].expression(4 * side.offset)


def _function(name: str, counters: list[str], starts: dict[str, str], body: str, given: str) -> str:
    locals_ = " ".join(f"(local {x} i32)" for x in [*starts, *counters])
    begin = " ".join(f"(local.set {x} {at})" for x, at in starts.items())
    return f"(func ${name} {given} {locals_} {begin} {body})"


def _loop(counter: str, size: int, body: str, steps: dict[str, int]) -> str:
    """Return `body` `size` times, addresses moved on after each and back at the end."""
    on = "".join(_move(address, step) for address, step in steps.items())
    back = "".join(_move(address, -step * size) for address, step in steps.items())
    label = f"$l{counter[1:]}"
    down = f"(local.tee {counter} (i32.sub (local.get {counter}) (i32.const 1)))"
    start = f"(local.set {counter} (i32.const {size}))"
    return f"{start}(loop {label} {body} {on}(br_if {label} {down})){back}"


def _move(address: str, step: int) -> str:
    return f"(local.set {address} (i32.add (local.get {address}) (i32.const {step})))"


def _numbers(*numbers: int | str) -> str:
    """Return numbers, or expressions, as arguments."""
    return " ".join(n if isinstance(n, str) else f"(i32.const {n})" for n in numbers)


def emit_functions(*, dense: bool = True, sparse: bool = True) -> str:
    """Return what `matmul.wat` and `sparse.wat` define, each if it is called."""
    folder = files(__package__).joinpath("wat")
    names = [*(("matmul", "pack") if dense else ()), *(("sparse",) if sparse else ())]
    texts = [folder.joinpath(f"{name}.wat").read_text(encoding="utf-8") for name in names]
    numbers = {"MINUS_ZEROS": ZEROS, "NARROW": NARROW, "DEEPEST": DEEPEST, "PACKED": PACKED}
    numbers["BEFORE_DEEPEST"] = DEEPEST - 1
    text = "".join(texts)
    for name, number in numbers.items():
        text = text.replace(f"(i32.const {name})", f"(i32.const {number})")
    return text
