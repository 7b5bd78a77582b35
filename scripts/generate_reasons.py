"""Write contracts/src/ReasonTexts.vy and reasons.vy: the reasons why the contracts refuse.

A reason as a string costs about 80 bytes of code where it is used, a number of one byte a quarter
of that. So the texts of contracts/reasons.txt stand once on a chain, in a contract of their own.
Its address follows from its bytecode, and `reasons.vy` holds it: whatever changes a text changes
the address. `--check` compares instead of writing, and exits 1 with one line on a difference.
"""

import re
from functools import cache

from compile_contracts import compile_contract
from written import ROOT, write_or_compare

from delea.chain.commons import address_of

TEXTS = ROOT / "contracts" / "reasons.txt"
SOURCES = ROOT / "contracts" / "src"
NAME = "ReasonTexts"
MAX_BYTES = 31
MAX_REASONS = 256
MEND = "make generate"
TELLER = '''#pragma version ==0.4.3
#pragma evm-version cancun
#pragma optimize codesize
"""
@title The texts of the reasons
@notice Written by scripts/generate_reasons.py from reasons.txt: do not edit.
@dev The contracts that refuse call it, and pass its revert on. It keeps nothing, calls nobody and
    belongs to nobody; its address follows from its bytecode.
"""


@external
@view
def __default__():
    """
    @notice Revert with the text of the reason whose number is the whole call; no other has one.
    """
    reason: uint256 = convert(slice(msg.data, 0, 32), uint256)
{texts}'''
ASKER = '''#pragma version ==0.4.3
"""
@title Why a call is refused
@notice Written by scripts/generate_reasons.py from reasons.txt: do not edit.
@dev A reason is a number. Its text stands in a contract that all share, ReasonTexts.vy, at the
    address that its bytecode gives. Callers see an ordinary Error(string).
"""

TEXTS: constant(address) = {address}

{numbers}

@internal
@view
def _require(holds: bool, reason: uint256):
    """
    @notice Revert unless something holds.
    @param holds Whether it does
    @param reason The reason if it does not
    """
    if not holds:
        raw_call(TEXTS, abi_encode(reason), is_static_call=True)  # reverts, and this with its text
        raise  # without one, if nothing stands there
'''


def name_of(text: str) -> str:
    """Return the constant that stands for a reason."""
    return re.sub(r"[^A-Z0-9]+", "_", text.upper())


@cache
def texts() -> list[str]:
    """Return the reasons, each at the place that is its number."""
    found = sorted(set(TEXTS.read_text().splitlines()))
    for text in found:
        if not re.fullmatch(f"[ -~]{{1,{MAX_BYTES}}}", text) or '"' in text:
            raise SystemExit(f"a reason of 1 to {MAX_BYTES} plain letters expected, got {text!r}")
    if len(found) > MAX_REASONS:
        raise SystemExit(f"at most {MAX_REASONS} reasons expected, got {len(found)}")
    return found


def teller() -> str:
    """Return the whole source of the contract that holds the texts."""
    lines = (f'    assert reason != {n}, "{text}"\n' for n, text in enumerate(texts()))
    return TELLER.format(texts="".join(lines))


def asker() -> str:
    """Return the whole source of the module that the other contracts refuse with."""
    code = bytes.fromhex(str(compile_contract(NAME)["bytecode"]).removeprefix("0x"))
    lines = (f"{name_of(t)}: constant(uint256) = {n}  # {t}\n" for n, t in enumerate(texts()))
    return ASKER.format(address=address_of(code), numbers="".join(lines))


def main() -> int:
    """Write or compare both files; the second is made from the first."""
    wrong = write_or_compare(SOURCES / f"{NAME}.vy", teller, __doc__, MEND)
    return wrong or write_or_compare(SOURCES / "reasons.vy", asker, __doc__, MEND)


if __name__ == "__main__":
    raise SystemExit(main())
