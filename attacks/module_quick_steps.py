"""A module whose steps do nothing fills its verifier's memory with losses, millions a second."""

import tracemalloc

from frame import SucceededError, refusal, run
from victim import COUNT, SEED, Pieces, artifact

from delea.errors import TimeLimitError
from delea.runtime import Limits, Sandbox

STEPS = 1 << 32  # 128 GiB of losses, if they were kept
MIB = 1 << 20


def attack() -> str:
    """Try, and say why it failed."""
    files = artifact(Pieces(step=f"{COUNT} (f32.const 1)"))
    with Sandbox(files.module, limits=Limits(seconds=2)) as sandbox:
        sandbox.load_dataset(files.dataset)
        tracemalloc.start()
        work = (files.genesis, SEED, STEPS)
        told = refusal(lambda: sandbox.train(*work, keep_losses=False), TimeLimitError)
        peak = tracemalloc.get_traced_memory()[1]
    if peak > 4 * MIB:
        raise SucceededError(f"two seconds of steps took {peak // MIB} MiB of their caller")
    return (
        f"losses are judged and dropped: two seconds of steps took {peak / MIB:.1f} MiB of their"
        f" caller; {told}"
    )


if __name__ == "__main__":
    run(attack)
