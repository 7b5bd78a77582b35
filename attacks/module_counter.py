"""A module does one step and says that it did a hundred."""

from frame import refusal, run
from victim import SEED, Pieces, artifact

from delea.errors import PolicyError
from delea.runtime import train


def attack() -> str:
    """Try, and say why it failed."""
    files = artifact(Pieces(step="(i64.store (i32.const 1056) (i64.const 100)) (f32.const 1)"))
    work = (files.module, files.dataset, files.genesis, SEED, 1)
    told = refusal(lambda: train(*work), PolicyError)
    return f"the steps are counted outside, and the state must say the same; {told}"


if __name__ == "__main__":
    run(attack)
