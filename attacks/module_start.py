"""A module runs code as soon as it is loaded, before anybody called it."""

from frame import refusal, run
from victim import Pieces, module

from delea.errors import PolicyError
from delea.runtime import check_module


def attack() -> str:
    """Try, and say why it failed."""
    hostile = module(Pieces(more="(func (loop br 0)) (start 5)"))
    told = refusal(lambda: check_module(hostile), PolicyError)
    return f"a legal module has no start section; {told}"


if __name__ == "__main__":
    run(attack)
