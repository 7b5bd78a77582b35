"""Gathering rows of a table, and adding rows back to it."""

from delea.compiler.kernel import Gather, Scatter
from delea.compiler.place import Addresses, Place, parameters

LANES = 4
MINUS_ZERO = "-0x0p+0"


def emit_gather(name: str, kernel: Gather, addresses: Addresses) -> str:
    """Return the function `$name`: out[i] = table[clip(index[i])]."""
    row = 4 * kernel.width
    source = f"(i32.add {addresses[kernel.table].expression()} {_offset(row)})"
    copied = f"(memory.copy (local.get $to) {source} (i32.const {row}))"
    return f"""
(func ${name} {parameters(addresses)} (local $i i32) (local $at i32) (local $to i32)
  (local.set $to {addresses[kernel.out].expression()})
  (loop $each
    {_clipped_index(addresses[kernel.index], kernel.rows)}
    {copied}
    (local.set $to (i32.add (local.get $to) (i32.const {row})))
    {_next(kernel.count)}))"""


def emit_scatter(name: str, kernel: Scatter, addresses: Addresses) -> str:
    """Return the function `$name`: out[clip(index[i])] += value[i], i ascending, from -0.0."""
    row, out = 4 * kernel.width, addresses[kernel.out]
    total = 4 * kernel.rows * kernel.width
    whole, rest = divmod(kernel.width, LANES)
    adds = [_add("f32", "f32", f"offset={16 * whole + 4 * i}") for i in range(rest)]
    wide = f"""
    (local.set $end (i32.add (local.get $to) (i32.const {16 * whole})))
    (loop $wide
      {_add("v128", "f32x4", "")}
      (local.set $from (i32.add (local.get $from) (i32.const 16)))
      (br_if $wide (i32.ne
        (local.tee $to (i32.add (local.get $to) (i32.const 16))) (local.get $end))))
    (local.set $from (i32.sub (local.get $from) (i32.const {16 * whole})))
    (local.set $to (i32.sub (local.get $to) (i32.const {16 * whole})))"""
    return f"""
(func ${name} {parameters(addresses)}
  (local $i i32) (local $at i32) (local $to i32) (local $from i32) (local $end i32)
  (loop $fill
    (f32.store offset={out.offset} {out.plus("(local.get $to)")} (f32.const {MINUS_ZERO}))
    (br_if $fill (i32.lt_u
      (local.tee $to (i32.add (local.get $to) (i32.const 4))) (i32.const {total}))))
  (local.set $from {addresses[kernel.value].expression()})
  (loop $each
    {_clipped_index(addresses[kernel.index], kernel.rows)}
    (local.set $to (i32.add {out.expression()} {_offset(row)}))
    {wide if whole else ""}
    {" ".join(adds)}
    (local.set $from (i32.add (local.get $from) (i32.const {row})))
    {_next(kernel.count)}))"""


def _add(memory: str, arithmetic: str, offset: str) -> str:
    loads = [f"({memory}.load {offset} (local.get {side}))" for side in ("$to", "$from")]
    return f"({memory}.store {offset} (local.get $to) ({arithmetic}.add {' '.join(loads)}))"


def _clipped_index(address: Place, rows: int) -> str:
    """Return the code that sets $at to row $i's index, clipped to [0, rows)."""
    at = address.plus("(i32.shl (local.get $i) (i32.const 2))")
    index = f"(i32.load offset={address.offset} {at})"
    return f"""(local.set $at {index})
    (if (i32.lt_s (local.get $at) (i32.const 0)) (then (local.set $at (i32.const 0))))
    (if (i32.ge_s (local.get $at) (i32.const {rows}))
      (then (local.set $at (i32.const {rows - 1}))))"""


def _offset(row: int) -> str:
    return f"(i32.mul (local.get $at) (i32.const {row}))"


def _next(count: int) -> str:
    moved = "(local.tee $i (i32.add (local.get $i) (i32.const 1)))"
    return f"(br_if $each (i32.lt_u {moved} (i32.const {count})))"
