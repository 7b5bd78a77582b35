"""A .npz file of a megabyte unpacks to a gigabyte, though it says that it holds 64 kB."""

import io
import tracemalloc
import zipfile

import numpy as np
from frame import SucceededError, refusal, run

from delea.errors import MalformedError
from delea.importers.npy import read_npz

MIB = 1 << 20
SAID = 1 << 16  # bytes


def attack() -> str:
    """Try, and say why it failed."""
    array, file = io.BytesIO(), io.BytesIO()
    np.save(array, np.zeros(256 * MIB, np.uint8))
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as out:
        out.writestr("weight.npy", array.getvalue())
    size = len(array.getvalue())
    honest = file.getvalue()
    lying = honest.replace(size.to_bytes(4, "little"), SAID.to_bytes(4, "little"))
    tracemalloc.start()
    told = [refusal(lambda data=data: read_npz(data), MalformedError) for data in (honest, lying)]
    peak = tracemalloc.get_traced_memory()[1]
    if peak > 16 * MIB:
        raise SucceededError(f"it took {peak // MIB} MiB to refuse a file of {len(honest)} bytes")
    return (
        "a packed byte may become 256 at most, and unpacking stops at the size that is said;"
        f" {told[0]}; {told[1]}"
    )


if __name__ == "__main__":
    run(attack)
