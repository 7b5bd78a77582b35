"""A module never ends a step, to hold the verifier until the window is over."""

from frame import refusal, run
from victim import SEED, Pieces, artifact

from delea.errors import TimeLimitError
from delea.runtime import Limits, train


def attack() -> str:
    """Try, and say why it failed."""
    files = artifact(Pieces(step="(loop br 0) (f32.const 0)"))
    work = (files.module, files.dataset, files.genesis, SEED, 1)
    told = refusal(lambda: train(*work, limits=Limits(step_seconds=0.5)), TimeLimitError)
    return f"a child that gives no sign of life in time is killed; {told}"


if __name__ == "__main__":
    run(attack)
