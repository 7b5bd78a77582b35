"""The compiler: a program becomes a Wasm module that trains it, bit for bit the same everywhere."""

from delea.compiler.build import build, define, genesis, rebuild
from delea.compiler.definition import Definition, read_definition
from delea.compiler.emit import emit_module
from delea.compiler.instrument import Instrumented, Part, instrument
from delea.compiler.reference import Reference

__all__ = [
    "Definition",
    "Instrumented",
    "Part",
    "Reference",
    "build",
    "define",
    "emit_module",
    "genesis",
    "instrument",
    "read_definition",
    "rebuild",
]
