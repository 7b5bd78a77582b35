"""Write contracts/src/reasons.vy: the reasons why the contracts refuse, as numbers.

A reason as a string costs about 80 bytes of code where it is used, as a number of five bits for
each letter a third of that. The texts stand in contracts/reasons.txt. `--check` compares instead of
writing, and exits 1 with one line on a difference.
"""

import re

from written import ROOT, write_or_compare

TEXTS = ROOT / "contracts" / "reasons.txt"
OUTPUT = ROOT / "contracts" / "src" / "reasons.vy"
MAX_BYTES = 31
ALPHABET = " abcdefghijklmnopqrstuvwxyz:_"  # no text starts with the letter 0
HEAD = '''#pragma version ==0.4.3
"""
@title Why a call is refused
@notice Written by scripts/generate_reasons.py from reasons.txt: do not edit.
@dev A reason is a number: its letters by their places in the alphabet, five bits each. So it takes
    a third of the code of a string. Callers see an ordinary Error(string).
"""

'''
TAIL = f'''
ALPHABET: constant(uint256) = {int.from_bytes(ALPHABET[::-1].encode())}  # read from the low end


@internal
@pure
def _require(holds: bool, reason: uint256):
    """
    @notice Revert unless something holds.
    @param holds Whether it does
    @param reason The reason if it does not
    """
    if not holds:
        letters: uint256 = reason
        size: uint256 = 0
        text: uint256 = 0
        for i: uint256 in range({MAX_BYTES}):
            if letters == 0:
                break
            text = text >> 8 | ALPHABET >> unsafe_mul(8, letters & 31) << 248
            letters >>= 5
            size = unsafe_add(size, 1)
        raw_revert(
            abi_encode(convert(32, uint256), size, text, method_id=method_id("Error(string)"))
        )
'''


def name_of(text: str) -> str:
    """Return the constant that stands for a reason."""
    return re.sub(r"[^A-Z0-9]+", "_", text.upper())


def number_of(text: str) -> int:
    """Return a reason as the contracts write it."""
    if not 1 <= len(text) <= MAX_BYTES or text[0] == ALPHABET[0] or set(text) - set(ALPHABET):
        kind = f"1 to {MAX_BYTES} of the letters {ALPHABET!r}, the first not a blank"
        raise SystemExit(f"a reason of {kind} expected, got {text!r}")
    number = 0
    for letter in text:
        number = number << 5 | ALPHABET.index(letter)
    return number


def source() -> str:
    """Return the whole file."""
    texts = sorted(set(TEXTS.read_text().splitlines()))
    lines = [f"{name_of(t)}: constant(uint256) = {number_of(t)}  # {t}\n" for t in texts]
    return HEAD + "".join(lines) + TAIL


def main() -> int:
    """Write or compare the file."""
    return write_or_compare(OUTPUT, source, __doc__, "make generate")


if __name__ == "__main__":
    raise SystemExit(main())
