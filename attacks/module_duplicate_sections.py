"""A module has a section twice; one reader takes the first, another the last."""

from frame import refusal, run
from victim import MANIFEST, Pieces, module

from delea.artifact import SECTION, encode_manifest
from delea.artifact.wasm import Section, read_sections, write_sections
from delea.errors import PolicyError
from delea.runtime import check_module


def attack() -> str:
    """Try, and say why it failed."""
    sections = list(read_sections(module(Pieces())))
    other = Section(0, SECTION, encode_manifest(MANIFEST))
    told = refusal(lambda: check_module(write_sections([*sections, other])), PolicyError)
    for section in sections:
        twice = write_sections([*sections, section])
        refusal(lambda wasm=twice: check_module(wasm), PolicyError)
    return f"each section may come once, and in order; {told}"


if __name__ == "__main__":
    run(attack)
