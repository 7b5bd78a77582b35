"""Packing blocks of a matmul's uneven operand: a convolution's windows, side by side in memory.

Also the few words of Wasm text that the emitters of matmuls share.
"""

from dataclasses import dataclass
from math import prod

from delea.compiler.kernel import Operand, Runs

WIDE_COPY = 256
"""From so many bytes on, a run is copied by one bulk instruction."""

PACKED_STEP = 32
"""Bytes from a number of a packed row to the next: two rows, four times each."""

SHORT_RUN = 16
"""So many numbers of a run are packed without a loop."""


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

    @property
    def packed_length(self) -> int:
        """Bytes of a block packed for tiles: pairs of rows, each number four times over."""
        return PACKED_STEP * self.width * -(-self.rows // 2)


def pack(name: str, blocks: Blocks, block_at: int) -> str:
    """Return the function that copies the block at $from to `block_at`, row after row."""
    *outer, (length, stride) = blocks.operand.columns
    counters = [f"$n{i}" for i in range(len(blocks.inner) + len(outer))]
    if stride == 1 and 4 * length >= WIDE_COPY:
        body = f"(memory.copy (local.get $to) (local.get $from) (i32.const {4 * length}))"
        body += move("$to", 4 * length)
    elif stride == 1:
        body = "".join(_copied(length)) + move("$to", 4 * length)
    else:
        counters.append("$last")
        one = "(i32.store (local.get $to) (i32.load (local.get $from)))" + move("$to", 4)
        body = loop("$last", length, one, {"$from": 4 * stride})
    runs = [*blocks.inner, *outer]
    for counter, (size, step) in reversed(list(zip(counters, runs, strict=False))):
        body = loop(counter, size, body, {"$from": 4 * step})
    return function(name, counters, {"$to": f"(i32.const {block_at})"}, body, "(param $from i32)")


def _copied(length: int) -> list[str]:
    """Return the copies of a short run, four numbers at a time and then one."""
    lines, at = [], 0
    for size, kind in ((4, "v128"), (1, "i32")):
        while length - at >= size:
            load = f"({kind}.load offset={4 * at} (local.get $from))"
            lines.append(f"({kind}.store offset={4 * at} (local.get $to) {load})")
            at += size
    return lines


def pack_rows(name: str, blocks: Blocks, block_at: int) -> str:
    """Return the function that packs the block at $from as tiles read it: [pair][k][2][4].

    The rows of a pair are packed one after the other, each number four times over; from a pair's
    first row to its second it is 16 bytes, from its second to the next pair's first it is on.
    """
    *outer, (length, stride) = blocks.operand.columns
    counters = [f"$n{i}" for i in range(len(blocks.inner) + len(outer))] + ["$last"]
    body = _splatted(length, stride)
    runs = [*blocks.inner, *outer]
    row_bytes, rows = PACKED_STEP * blocks.width, len(blocks.inner)
    for counter, (size, step) in reversed(list(zip(counters, runs, strict=False))[rows:]):
        body = loop(counter, size, body, {"$from": 4 * step})
    body += "(local.set $to (i32.add (local.get $to) (local.get $on)))"
    body += f"(local.set $on (i32.sub (i32.const {-row_bytes}) (local.get $on)))"
    for counter, (size, step) in reversed(list(zip(counters, runs, strict=False))[:rows]):
        body = loop(counter, size, body, {"$from": 4 * step})
    starts = {"$to": f"(i32.const {block_at})", "$on": f"(i32.const {16 - row_bytes})"}
    locals_ = "(param $from i32) (local $four v128)"
    return function(name, counters, starts, body, locals_)


def _splatted(length: int, stride: int) -> str:
    """Return the packing of a run: four numbers at a time where they are neighbours, then one."""
    one = "(v128.store (local.get $to) (v128.load32_splat (local.get $from)))"
    one += move("$to", PACKED_STEP)
    if stride != 1:
        return loop("$last", length, one, {"$from": 4 * stride})
    four = "(local.set $four (v128.load (local.get $from)))"
    for lane in range(4):
        lanes = " ".join(str(4 * lane + byte) for byte in range(4))
        splat = f"(i8x16.shuffle {' '.join([lanes] * 4)} (local.get $four) (local.get $four))"
        four += f"(v128.store offset={PACKED_STEP * lane} (local.get $to) {splat})"
    four += move("$to", 4 * PACKED_STEP)
    fours, rest = divmod(length, 4)
    if length <= SHORT_RUN:
        body = (four + move("$from", 16)) * fours
    else:
        body = loop("$last", fours, four, {"$from": 16}) + move("$from", 16 * fours)
    body += (one + move("$from", 4)) * rest
    return body + move("$from", -4 * length)


def function(name: str, counters: list[str], starts: dict[str, str], body: str, given: str) -> str:
    """Return `$name` with what it is `given`: counters, addresses and where these start."""
    locals_ = " ".join(f"(local {x} i32)" for x in [*starts, *counters])
    begin = " ".join(f"(local.set {x} {at})" for x, at in starts.items())
    return f"(func ${name} {given} {locals_} {begin} {body})"


def loop(counter: str, size: int, body: str, steps: dict[str, int]) -> str:
    """Return `body` `size` times, addresses moved on after each and back at the end."""
    on = "".join(move(address, step) for address, step in steps.items())
    back = "".join(move(address, -step * size) for address, step in steps.items())
    label = f"$l{counter[1:]}"
    down = f"(local.tee {counter} (i32.sub (local.get {counter}) (i32.const 1)))"
    start = f"(local.set {counter} (i32.const {size}))"
    return f"{start}(loop {label} {body} {on}(br_if {label} {down})){back}"


def move(address: str, step: int) -> str:
    """Return the instruction that moves an address on by `step` bytes."""
    return f"(local.set {address} (i32.add (local.get {address}) (i32.const {step})))"


def numbers(*numbers: int | str) -> str:
    """Return numbers, or expressions, as arguments."""
    return " ".join(n if isinstance(n, str) else f"(i32.const {n})" for n in numbers)
