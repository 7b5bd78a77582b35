"""A module asks its host for a function, to reach a file or a clock, or for a table to share."""

from frame import refusal, run
from victim import Pieces, module

from delea.errors import PolicyError
from delea.runtime import check_module


def attack() -> str:
    """Try, and say why it failed."""
    for thing in ("(func)", "(table 1 funcref)"):  # a table shifts no index that is checked
        memory = f'(import "env" "open" {thing}) (memory (export "memory") 1 1)'
        hostile = module(Pieces(memory=memory))
        told = refusal(lambda wasm=hostile: check_module(wasm), PolicyError)
    return f"a legal module has no import section, so it can only compute; {told}"


if __name__ == "__main__":
    run(attack)
