"""A module waits on shared memory, so that its bits depend on the order of threads."""

from frame import refusal, run
from victim import Pieces, module

from delea.errors import PolicyError
from delea.runtime import check_module


def attack() -> str:
    """Try, and say why it failed."""
    hostile = module(Pieces(more="(func (drop (i32.atomic.load (i32.const 0))))"))
    told = refusal(lambda: check_module(hostile), PolicyError)
    return f"there are no atomics and no shared memory; {told}"


if __name__ == "__main__":
    run(attack)
