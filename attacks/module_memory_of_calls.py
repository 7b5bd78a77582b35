"""A module remembers its last call, so that a replay gives another root."""

from frame import SucceededError, run
from victim import COUNT, SEED, Pieces, artifact

from delea.runtime import Sandbox


def attack() -> str:
    """Try, and say why it failed."""
    hidden = f"{COUNT} (f32.convert_i32_s (global.get 1)) (global.set 1 (i32.const 7))"
    files = artifact(Pieces(step=hidden, more="(global (mut i32) (i32.const 0))"))
    with Sandbox(files.module) as sandbox:
        sandbox.load_dataset(files.dataset)
        first, second = (sandbox.train(files.genesis, SEED, 1).losses for _ in range(2))
    if first != second:
        raise SucceededError(f"the second call saw the first: {first} and {second}")
    return "each request runs in a fresh instance, whose globals and memory are the module's own"


if __name__ == "__main__":
    run(attack)
