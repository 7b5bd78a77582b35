"""A module of many calls stalls whoever checks it."""

from frame import refusal, run
from victim import Pieces, module

from delea.errors import PolicyError
from delea.runtime import check_module


def attack() -> str:
    """Try, and say why it failed."""
    hostile = module(Pieces(more=("(func " + "call 12 " * 18_000 + ")") * 7 + "(func)"))
    told = refusal(lambda: check_module(hostile), PolicyError)
    return f"what shapes control flow is counted and capped: a check takes milliseconds; {told}"


if __name__ == "__main__":
    run(attack)
