"""A module recurses until the stack ends, which is elsewhere in each engine."""

from frame import refusal, run
from victim import Pieces, module

from delea.errors import PolicyError
from delea.runtime import check_module


def attack() -> str:
    """Try, and say why it failed."""
    hostile = module(Pieces(more="(func call 6) (func call 5)"))
    told = refusal(lambda: check_module(hostile), PolicyError)
    return f"the call graph is read before anything runs, and may have no cycle; {told}"


if __name__ == "__main__":
    run(attack)
