"""What the operations of the EVM compute: words in, words out, and nothing remembered."""

import operator
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Final

from eth_keys.datatypes import Signature
from eth_keys.exceptions import BadSignature, ValidationError

WORD: Final = 1 << 256
SIGN: Final = 1 << 255
PUSH0: Final = 0x5F
PUSH32: Final = 0x7F


def address_of(word: int) -> str:
    """Return the address in a word."""
    return f"0x{word % (1 << 160):040x}"


def signed(word: int) -> int:
    """Return a word as a number with a sign."""
    return word - WORD if word >= SIGN else word


def word_at(data: bytes, at: int) -> int:
    """Return the word of calldata at a place; beyond the end are zeros."""
    return int.from_bytes(data[at : at + 32].ljust(32, b"\0"), "big")


def sign_extend(size: int, word: int) -> int:
    """Return a word whose sign is in a lower byte."""
    if size > 30:
        return word
    bit = 1 << (8 * size + 7)
    low = word % (2 * bit)
    return low - 2 * bit if low & bit else low


def divide(first: int, second: int) -> int:
    """Divide toward zero; by zero it is zero."""
    quotient = abs(first) // abs(second) if second else 0
    return -quotient if (first < 0) != (second < 0) else quotient


def remainder(first: int, second: int) -> int:
    """Return what is left of a division toward zero, with the first one's sign."""
    return first - second * divide(first, second) if second else 0


def ecrecover(data: bytes) -> bytes:
    """Answer as the precompile at 1: who signed, in a word, or nothing."""
    digest, v, r, s = data[:32].ljust(32, b"\0"), *(word_at(data, at) for at in (32, 64, 96))
    if v not in (27, 28):
        return b""
    try:
        key = Signature(vrs=(v - 27, r, s)).recover_public_key_from_msg_hash(digest)
    except (BadSignature, ValidationError):
        return b""
    return key.to_canonical_address().rjust(32, b"\0")


def operations(code: bytes) -> Iterator[tuple[int, int]]:
    """Yield the place and number of each operation of some code."""
    pc = 0
    while pc < len(code):
        yield pc, code[pc]
        pc += 1 + (code[pc] - PUSH0 if PUSH0 <= code[pc] <= PUSH32 else 0)


@lru_cache(maxsize=256)
def pushes(code: bytes) -> dict[int, int]:
    """Return by place what each PUSH of some code pushes."""
    found = {}
    for pc, op in operations(code):
        if PUSH0 <= op <= PUSH32:
            size = op - PUSH0
            found[pc] = int.from_bytes(code[pc + 1 : pc + 1 + size].ljust(size, b"\0"), "big")
    return found


BINARY: Final[dict[int, Callable[[int, int], int]]] = {
    0x01: operator.add,
    0x02: operator.mul,
    0x03: operator.sub,
    0x04: lambda a, b: a // b if b else 0,
    0x05: lambda a, b: divide(signed(a), signed(b)),
    0x06: lambda a, b: a % b if b else 0,
    0x07: lambda a, b: remainder(signed(a), signed(b)),
    0x0A: lambda a, b: pow(a, b, WORD),
    0x0B: sign_extend,
    0x10: operator.lt,
    0x11: operator.gt,
    0x12: lambda a, b: signed(a) < signed(b),
    0x13: lambda a, b: signed(a) > signed(b),
    0x14: operator.eq,
    0x16: operator.and_,
    0x17: operator.or_,
    0x18: operator.xor,
    0x1A: lambda a, b: b.to_bytes(32, "big")[a] if a < 32 else 0,
    0x1B: lambda a, b: b << a if a < 256 else 0,
    0x1C: lambda a, b: b >> a if a < 256 else 0,
    0x1D: lambda a, b: signed(b) >> min(a, 255),
}
