"""Random numbers: Philox draws, four numbers each."""

from delea.compiler.kernel import Random
from delea.compiler.place import NOTHING, Addresses, parameters

WORDS = 4
DRAWN_BYTES = 16


def emit_random(name: str, kernel: Random, addresses: Addresses, words: int) -> str:
    """Return the function `$name`: out[i] = upper 24 bits of word i, times 2^-24.

    Four words are drawn at `words`; what is past the end is not copied.
    """
    out = addresses[kernel.out]
    draws, rest = divmod(kernel.out.elements, WORDS)
    word = f"(v128.load offset={words} (i32.const 0))"
    small = f"(f32x4.convert_i32x4_s (i32x4.shr_u {word} (i32.const 8)))"
    number = f"(f32x4.mul {small} (v128.const f32x4 0x1p-24 0x1p-24 0x1p-24 0x1p-24))"
    last = [
        f"(v128.store32_lane offset={out.offset + DRAWN_BYTES * draws + 4 * i} {i} "
        f"{out.plus(NOTHING)} (local.get $numbers))"
        for i in range(rest)
    ]
    header = addresses[kernel.header].expression()
    draw = f"(i32.add (local.get $i) (i32.const {kernel.draw}))"
    each = f"""
  (loop $each
    (call $draw {header} {draw} (i32.const {words}))
    (v128.store offset={out.offset} {out.plus("(i32.shl (local.get $i) (i32.const 4))")} {number})
    (br_if $each (i32.lt_u
      (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const {draws}))))"""
    tail = f"""
  (call $draw {header} {draw} (i32.const {words}))
  (local.set $numbers {number})
  {" ".join(last)}"""
    return f"""
(func ${name} {parameters(addresses)} (local $i i32) (local $numbers v128)
  {each if draws else ""}
  {tail if rest else ""})"""
