"""The instructions a module may use, as one grammar over bytes, and names of those it may not.

`STEP` reads a run of plain instructions and then at most one that shapes control flow, so a body
is checked by one match per block or call. Each instruction starts with bytes of its own and every
number has one legal form: the grammar is a prefix code, and a match is never ambiguous.
"""

import re


def _set(*spans: tuple[int, int]) -> bytes:
    """Return a character class of the bytes in `spans`, both ends included."""
    return b"[" + b"".join(b"\\x%02x-\\x%02x" % span for span in spans) + b"]"


# Shortest LEB128 only: a last byte that adds nothing is refused, so each number has one form.
U32 = rb"(?:[\x00-\x7f]|[\x80-\xff]{1,3}[\x01-\x7f]|[\x80-\xff]{4}[\x01-\x0f])"
S32 = (
    rb"(?:[\x00-\x7f]"
    rb"|[\x80-\xff]{0,2}(?:[\x80-\xbf][\x01-\x7f]|[\xc0-\xff][\x00-\x7e])"
    rb"|[\x80-\xff]{3}(?:[\x80-\xbf][\x01-\x07\x78-\x7f]|[\xc0-\xff][\x00-\x07\x78-\x7e]))"
)
S64 = (
    rb"(?:[\x00-\x7f]"
    rb"|[\x80-\xff]{0,7}(?:[\x80-\xbf][\x01-\x7f]|[\xc0-\xff][\x00-\x7e])"
    rb"|[\x80-\xff]{8}(?:[\x80-\xbf]\x7f|[\xc0-\xff]\x00))"
)

CONSTANTS = {
    0x7F: re.compile(rb"\x41(" + S32 + rb")\x0b"),
    0x7E: re.compile(rb"\x42(" + S64 + rb")\x0b"),
    0x7D: re.compile(rb"\x43(.{4})\x0b", re.DOTALL),
    0x7C: re.compile(rb"\x44(.{8})\x0b", re.DOTALL),
    0x7B: re.compile(rb"\xfd\x0c(.{16})\x0b", re.DOTALL),
}
"""By value type: an initial value, which is one constant."""

_SIMD_LOW = _set(
    (0x0E, 0x14),  # swizzle, splats
    (0x23, 0x53),  # comparisons, bitwise, any_true
    (0x5E, 0x7F),  # float conversions, i8x16
)
# Numbers from 128 on take two bytes, the second is 1. The gaps are numbers nobody has.
_SIMD_HIGH = _set(
    (0x80, 0x99), (0x9B, 0xA1), (0xA3, 0xA4), (0xA7, 0xAE), (0xB1, 0xB1), (0xB5, 0xBA),
    (0xBC, 0xC1), (0xC3, 0xC4), (0xC7, 0xCE), (0xD1, 0xD1), (0xD5, 0xE1), (0xE3, 0xED),
    (0xEF, 0xFF),
)  # fmt: skip
_PARTS = {
    b"u32": U32,
    b"s32": S32,
    b"s64": S64,
    b"memarg": rb"[\x00-\x04]" + U32,  # alignment up to 16; bit 6 would name a second memory
    b"low": _SIMD_LOW,
    b"high": _SIMD_HIGH,
}
STEP = re.compile(
    rb"""
    (?: [\x00\x01\x0f\x1a\x1b\x45-\xc4]  # unreachable, nop, return, drop, select, arithmetic
      | [\x20-\x24] %(u32)b              # locals, globals
      | [\x28-\x3e] %(memarg)b           # loads, stores
      | \x3f\x00                         # memory.size
      | \x41 %(s32)b | \x42 %(s64)b | \x43.{4} | \x44.{8}
      | \xfc [\x00-\x07]                 # saturating truncation
      | \xfc\x0a\x00\x00 | \xfc\x0b\x00  # memory.copy, memory.fill
      | \xfd %(low)b
      | \xfd %(high)b \x01
      | \xfd [\x00-\x0b\x5c\x5d] %(memarg)b  # loads, store, load with zeros
      | \xfd\x0c .{16}                       # v128.const
      | \xfd\x0d [\x00-\x1f]{16}             # shuffle
      | \xfd [\x15-\x22] [\x00-\x0f]         # extract and replace a lane
      | \xfd [\x54-\x5b] %(memarg)b [\x00-\x0f]  # load and store a lane
    ){0,256}
    (?: (?P<block> [\x02-\x04] [\x40\x7b-\x7f] )  # block, loop, if; no result or one
      | (?P<else> \x05 )
      | (?P<end> \x0b )
      | (?P<branch> [\x0c\x0d] %(u32)b )
      | \x10 (?P<call> %(u32)b )
      | \x0e (?P<table> %(u32)b )
    )?
    """
    % _PARTS,
    re.DOTALL | re.VERBOSE,
)
"""Up to 256 plain instructions, then perhaps one of control: a br_table up to its length."""

LABEL = re.compile(U32)

_REFUSED = {
    0x06: "exceptions", 0x07: "exceptions", 0x08: "exceptions", 0x09: "exceptions",
    0x0A: "exceptions", 0x18: "exceptions", 0x19: "exceptions", 0x1F: "exceptions",
    0x11: "call_indirect", 0x12: "tail calls", 0x13: "tail calls", 0x14: "call_ref",
    0x15: "tail calls", 0x1C: "select with types", 0x25: "tables", 0x26: "tables",
    0x40: "memory.grow", 0xD0: "references", 0xD1: "references", 0xD2: "references",
    0xD3: "references", 0xD4: "references", 0xD5: "references", 0xD6: "references",
    0xFB: "garbage collection", 0xFE: "threads",
}  # fmt: skip


def refused_name(code: bytes, at: int) -> str:
    """Say which instruction at `at` the grammar does not know, for one line of error."""
    head = code[at : at + 4]
    if not head:
        return "the end of the code"
    if head[0] == 0xFD and len(head) > 2 and head[1] >= 0x80 and head[2] > 1:
        return f"relaxed or unknown SIMD ({head.hex(' ')})"
    if head[:2] in {b"\xfc\x08", b"\xfc\x09"}:
        return f"memory.init or data.drop ({head.hex(' ')})"
    name = _REFUSED.get(head[0], "an unknown, overlong or cut instruction")
    return f"{name} ({head.hex(' ')})"
