"""A module uses a fused multiply-add, whose bits depend on the processor."""

from frame import refusal, run
from victim import Pieces, module

from delea.errors import PolicyError
from delea.runtime import check_module


def attack() -> str:
    """Try, and say why it failed."""
    hostile = module(
        Pieces(
            more="(func (param v128) local.get 0 local.get 0 local.get 0 f32x4.relaxed_madd drop)"
        )
    )
    told = refusal(lambda: check_module(hostile), PolicyError)
    return f"the grammar of instructions has no relaxed ones; {told}"


if __name__ == "__main__":
    run(attack)
