"""A manifest of nested or countless values stalls or crashes who reads it."""

import time

from frame import SucceededError, refusal, run
from victim import Pieces, module

from delea.errors import ArtifactError, PolicyError
from delea.runtime import check_module

SECONDS = 1.0  # of CPU: it takes less than a tenth


def attack() -> str:
    """Try, and say why it failed."""
    nested = b"\x81" * 40_000 + b"\0"
    countless = b"\x99\xbf\xfd" + b"\xa0" * 49_149  # a list of empty maps
    started = time.process_time()
    refusal(lambda: check_module(module(Pieces(), nested)), ArtifactError)
    told = refusal(lambda: check_module(module(Pieces(), countless)), ArtifactError)
    refusal(lambda: check_module(module(Pieces(), bytes(1 << 20))), PolicyError)
    if time.process_time() - started > SECONDS:
        raise SucceededError("manifests took long to refuse")
    return f"a manifest is capped at 48 KiB and read before anything else; {told}"


if __name__ == "__main__":
    run(attack)
