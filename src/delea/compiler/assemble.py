"""From text to a module: assembled, stripped of names, and given its manifest and its graph."""

import wasmtime

from delea.artifact.wasm import CUSTOM, Section, read_sections, write_sections


def assemble(wat: str, sections: dict[str, bytes]) -> bytes:
    """Return the module of `wat` with `sections` as custom sections at its end."""
    module = bytes(wasmtime.wat2wasm(wat))
    code = [section for section in read_sections(module) if section.id != CUSTOM]
    return write_sections(code + [Section(CUSTOM, name, body) for name, body in sections.items()])
