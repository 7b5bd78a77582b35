"""A state of another length, or one with a NaN, is given to train on."""

from frame import refusal, run
from victim import SEED, artifact

from delea.errors import DivergedError, MalformedError
from delea.runtime import Sandbox


def attack() -> str:
    """Try, and say why it failed."""
    files = artifact()
    with Sandbox(files.module) as sandbox:
        sandbox.load_dataset(files.dataset)
        longer = files.genesis + bytes(4)
        told = refusal(lambda: sandbox.train(longer, SEED, 1), MalformedError)
        nan = files.genesis[:-4] + b"\xff" * 4
        refusal(lambda: sandbox.train(nan, SEED, 1), DivergedError)
    return f"a state has the manifest's length and finite numbers; {told}"


if __name__ == "__main__":
    run(attack)
