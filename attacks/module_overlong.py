"""Two modules with different bytes mean the same, so one of them passes as another."""

from frame import refusal, run
from victim import Pieces, module, swap_code, swap_section

from delea.artifact.wasm import read_sections
from delea.errors import ArtifactError, PolicyError
from delea.runtime import check_module


def attack() -> str:
    """Try, and say why it failed."""
    legal = module(Pieces())
    types = next(s.body for s in read_sections(legal) if s.id == 1)
    overlong = bytes([types[0] | 0x80, 0]) + types[1:]
    told = refusal(lambda: check_module(swap_section(legal, 1, overlong)), ArtifactError)
    body = bytes.fromhex("00 41 80 00 1a 0b")  # i32.const 0 in two bytes, drop, end
    refusal(lambda: check_module(swap_code(legal, 0, body)), PolicyError)
    return f"a number has one legal encoding, in sections and in code; {told}"


if __name__ == "__main__":
    run(attack)
