"""Write contracts/src/reasons.vy: the reasons why the contracts refuse, as numbers.

A reason as a string costs about 80 bytes of code where it is used, as a number half of that. The
texts stand in contracts/reasons.txt. `--check` compares instead of writing, and exits 1 with one
line on a difference.
"""

import re

from written import ROOT, write_or_compare

TEXTS = ROOT / "contracts" / "reasons.txt"
OUTPUT = ROOT / "contracts" / "src" / "reasons.vy"
MAX_BYTES = 31
HEAD = '''#pragma version ==0.4.3
"""
@title Why a call is refused
@notice Written by scripts/generate_reasons.py from reasons.txt: do not edit.
@dev A reason is a number, its text in ASCII and the length of that in the last byte, so that it
    takes half the code of a string. Callers see an ordinary Error(string).
"""

'''
TAIL = '''

@internal
@pure
def _require(holds: bool, reason: uint256):
    """
    @notice Revert unless something holds.
    @param holds Whether it does
    @param reason The reason if it does not
    """
    if not holds:
        size: uint256 = reason & 255
        text: uint256 = (reason >> 8) << (256 - 8 * size)
        raw_revert(
            abi_encode(convert(32, uint256), size, text, method_id=method_id("Error(string)"))
        )
'''


def name_of(text: str) -> str:
    """Return the constant that stands for a reason."""
    return re.sub(r"[^A-Z0-9]+", "_", text.upper())


def number_of(text: str) -> int:
    """Return a reason as the contracts write it."""
    data = text.encode("ascii")
    if not 1 <= len(data) <= MAX_BYTES:
        raise SystemExit(f"a reason of 1 to {MAX_BYTES} bytes expected, got {text!r}")
    return int.from_bytes(data + bytes([len(data)]))


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
