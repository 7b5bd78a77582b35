"""A module without recursion fills the stack, which is larger in one engine than in another."""

from frame import refusal, run
from victim import Pieces, module

from delea.errors import PolicyError
from delea.runtime import check_module


def attack() -> str:
    """Try, and say why it failed."""
    hostile = module(
        Pieces(
            more="(func (local "
            + "v128 " * 500
            + ") (loop) (loop) call 6)"
            + "".join(f"(func (local {'v128 ' * 500}) (loop) call {n})" for n in range(7, 22))
            + "(func)"
        )
    )
    told = refusal(lambda: check_module(hostile), PolicyError)
    return f"the largest stack that any engine can need is summed over every path of calls; {told}"


if __name__ == "__main__":
    run(attack)
