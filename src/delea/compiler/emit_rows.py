"""Batches: Philox draws rows inside the module, and records are copied where kernels read them."""

from dataclasses import dataclass
from importlib.resources import files

from delea.artifact import Region

HEADER = 8
WORD = 4
WIDE_COPY = 128
"""From so many bytes on, a record's part is copied by one bulk instruction."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Where rows come from and how long one is; `words` is where a draw's four words are kept."""

    state: Region
    dataset: Region
    input_bytes: int
    target_bytes: int
    words: int
    widened: bool = False
    """Whether inputs are bytes, to be copied as int32."""


@dataclass(frozen=True, slots=True)
class Places:
    """Where the copied inputs and targets of a batch begin."""

    input: int
    target: int


def emit_draw() -> str:
    """Return `$draw`: four random words."""
    return files(__package__).joinpath("wat/draw.wat").read_text(encoding="utf-8")


def emit_batch(name: str, rows: Rows, batch: int, places: Places) -> str:
    """Return `$name`: copy a batch of train rows, drawn, or all in order if that many there are."""
    word = "(i32.and (local.get $i) (i32.const 3))"
    drawn = f"(i64.load32_u offset={rows.words} (i32.shl {word} (i32.const 2)))"
    number = "(i32.shr_u (local.get $i) (i32.const 2))"
    return f"""
(func ${name} (local $i i32) (local $rows i32) (local $row i32) {_LOCALS}
  (local.set $rows (i32.load offset={rows.dataset.offset} (i32.const 0)))
  {_start(places)}
  (loop $each
    (local.set $row (local.get $i))
    (if (i32.ne (local.get $rows) (i32.const {batch})) (then
      (if (i32.eqz {word}) (then
        (call $draw (i32.const {rows.state.offset}) {number} (i32.const {rows.words}))))
      (local.set $row (i32.wrap_i64 (i64.shr_u
        (i64.mul {drawn} (i64.extend_i32_u (local.get $rows))) (i64.const 32))))))
    {_copy_record(rows)}
    (br_if $each (i32.lt_u
      (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const {batch})))))"""


def emit_range(name: str, rows: Rows, places: Places) -> str:
    """Return `$name` (first row, count): copy consecutive rows."""
    return f"""
(func ${name} (param $row i32) (param $count i32) {_LOCALS}
  {_start(places)}
  (loop $each
    {_copy_record(rows)}
    (local.set $row (i32.add (local.get $row) (i32.const 1)))
    (br_if $each (local.tee $count (i32.sub (local.get $count) (i32.const 1))))))"""


_LOCALS = "(local $from i32) (local $input i32) (local $target i32)"


def _start(places: Places) -> str:
    return (
        f"(local.set $input (i32.const {places.input}))"
        f"(local.set $target (i32.const {places.target}))"
    )


def _copy_record(rows: Rows) -> str:
    """Return the code that copies record $row and moves $input and $target on."""
    record = rows.input_bytes + rows.target_bytes
    start = rows.dataset.offset + HEADER
    parts = [f"(local.set $from (i32.mul (local.get $row) (i32.const {record})))"]
    for name, at, length, wide in (
        ("$input", start, rows.input_bytes, rows.widened),
        ("$target", start + rows.input_bytes, rows.target_bytes, False),
    ):
        parts += _widen(name, at, length) if wide else _copy(name, at, length)
        moved = WORD * length if wide else length
        parts.append(f"(local.set {name} (i32.add (local.get {name}) (i32.const {moved})))")
    return "\n".join(parts)


def emit_widen() -> str:
    """Return `$widen`: so many bytes become as many int32."""
    return """
(func $widen (param $from i32) (param $to i32) (param $count i32)
  (loop $each
    (i32.store (local.get $to) (i32.load8_u (local.get $from)))
    (local.set $from (i32.add (local.get $from) (i32.const 1)))
    (local.set $to (i32.add (local.get $to) (i32.const 4)))
    (br_if $each (local.tee $count (i32.sub (local.get $count) (i32.const 1))))))"""


def _widen(to: str, source: int, count: int) -> list[str]:
    where = f"(i32.add (local.get $from) (i32.const {source}))"
    return [f"(call $widen {where} (local.get {to}) (i32.const {count}))"]


def _copy(to: str, source: int, length: int) -> list[str]:
    if length >= WIDE_COPY:
        where = f"(i32.add (local.get $from) (i32.const {source}))"
        return [f"(memory.copy (local.get {to}) {where} (i32.const {length}))"]
    lines, at = [], 0
    for size, kind in ((16, "v128"), (4, "i32")):
        while length - at >= size:
            load = f"({kind}.load offset={source + at} (local.get $from))"
            lines.append(f"({kind}.store offset={at} (local.get {to}) {load})")
            at += size
    return lines
