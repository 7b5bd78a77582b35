"""A manifest lays its state over the dataset or outside of the memory."""

from dataclasses import replace

from frame import refusal, run
from victim import MANIFEST, Pieces, module

from delea.artifact import Region, encode_manifest
from delea.errors import RefusedError
from delea.runtime import check_module


def attack() -> str:
    """Try, and say why it failed."""
    told = ""
    for state in (Region(2048, 56), Region(65_500, 56), Region(1 << 40, 56)):
        regions = replace(MANIFEST.regions, state=state)
        lying = replace(MANIFEST, regions=regions)
        told = refusal(
            lambda made=lying: check_module(module(Pieces(), encode_manifest(made))), RefusedError
        )
    return f"regions lie apart from each other, inside the memory; {told}"


if __name__ == "__main__":
    run(attack)
