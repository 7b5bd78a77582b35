"""A module asks its host for a function, to reach a file or a clock."""

from frame import refusal, run
from victim import Pieces, module

from delea.errors import PolicyError
from delea.runtime import check_module


def attack() -> str:
    """Try, and say why it failed."""
    hostile = module(Pieces(memory='(import "env" "open" (func)) (memory (export "memory") 1 1)'))
    told = refusal(lambda: check_module(hostile), PolicyError)
    return f"a legal module has no import section, so it can only compute; {told}"


if __name__ == "__main__":
    run(attack)
