"""A dataset holds NaN, so that the state becomes one whose bits nobody can check."""

import struct

from frame import refusal, run
from victim import COUNT, SEED, Pieces, artifact

from delea.artifact import encode_dataset
from delea.errors import DivergedError
from delea.runtime import train


def attack() -> str:
    """Try, and say why it failed."""
    load = f"{COUNT} (f32.store (i32.const 1064) (f32.load (i32.const 2056))) (f32.const 0)"
    files = artifact(Pieces(step=load))
    dataset = encode_dataset(struct.pack("<2f", float("nan"), 0.0), train_rows=1, test_rows=0)
    work = (files.module, dataset, files.genesis, SEED, 1)
    told = refusal(lambda: train(*work), DivergedError)
    return f"a state with a NaN or an infinity is not legal and cannot be claimed; {told}"


if __name__ == "__main__":
    run(attack)
