"""A module answers each row with 80 MB, to fill the memory of whoever pays for a thousand rows."""

from dataclasses import replace

from frame import refusal, run
from victim import MANIFEST, Pieces, artifact, module

from delea.artifact import Field, Region, encode_manifest
from delea.errors import MalformedError
from delea.runtime import Sandbox

WIDTH = 20_000_000  # numbers a row
ROWS = 1000


def attack() -> str:
    """Try, and say why it failed."""
    regions = replace(MANIFEST.regions, input=Region(4096, 4), output=Region(1 << 16, 4 * WIDTH))
    said = replace(MANIFEST, regions=regions, output=Field("f32", (WIDTH,)), infer_batch=1)
    memory = '(memory (export "memory") 1300 1300)'
    hostile = module(Pieces(memory=memory), encode_manifest(said))
    state = artifact().genesis
    with Sandbox(hostile) as sandbox:
        one = sandbox.infer(state, bytes(4))  # one row is one's own wish
        told = refusal(lambda: sandbox.infer(state, bytes(4 * ROWS)), MalformedError)
    return f"a row of {len(one)} bytes may be had, but not a thousand: refused unpaid; {told}"


if __name__ == "__main__":
    run(attack)
