"""A module grows its memory while it runs, past what was checked."""

from frame import refusal, run
from victim import Pieces, module

from delea.errors import PolicyError
from delea.runtime import check_module


def attack() -> str:
    """Try, and say why it failed."""
    hostile = module(Pieces(more="(func (drop (memory.grow (i32.const 1000))))"))
    told = refusal(lambda: check_module(hostile), PolicyError)
    return f"memory.grow is no legal instruction, and the memory has equal bounds; {told}"


if __name__ == "__main__":
    run(attack)
