"""The structural rules a module must keep before anything compiles it; every module is hostile.

Only the structure is judged here: types are validated by the engine, in the sandbox's child.
"""

from dataclasses import fields

from delea.artifact import ABI, SECTION, Manifest, Region, parse_manifest
from delea.errors import PolicyError
from delea.runtime.bodies import check_code
from delea.runtime.layout import (
    CODE,
    DATA,
    EXPORT,
    FUNCTION,
    GLOBAL,
    I32,
    MEMORY,
    TYPE,
    Global,
    Signature,
    read_data,
    read_exports,
    read_functions,
    read_globals,
    read_memory,
    read_types,
    split_sections,
)

_I64, _F32 = 0x7E, 0x7D
_FUNCTIONS = {
    "seed": Signature(bytes([_I64] * 4), b""),
    "train_step": Signature(b"", bytes([_F32])),
    "infer": Signature(bytes([I32]), b""),
    "evaluate": Signature(b"", bytes([_F32])),
    "is_finite": Signature(b"", bytes([I32])),
}
_KINDS = {**dict.fromkeys(_FUNCTIONS, 0), "memory": 2, "delea_abi": 3}
_WRITTEN = ("state", "dataset", "input", "output")


def check_module(module: bytes) -> Manifest:
    """Check the structure of a foreign module and return what it says of itself.

    Raises:
        PolicyError: a rule of `delea-abi 1` is broken; the message names it.
        MalformedError: not a Wasm binary, or its manifest is not canonical.
    """
    sections = split_sections(module)
    bodies = sections.standard
    manifest = _read_manifest(sections.custom)  # first: to read a hostile one takes longest
    functions = read_functions(bodies[FUNCTION], read_types(bodies[TYPE]))
    memory_bytes = read_memory(bodies[MEMORY])
    exports = read_exports(bodies[EXPORT])
    _check_exports(exports, functions, read_globals(bodies[GLOBAL]))
    check_code(bodies[CODE], functions)
    _check_regions(manifest, memory_bytes)
    _check_data(read_data(bodies.get(DATA, b"\0")), manifest, memory_bytes)
    return manifest


def _read_manifest(custom: dict[str, bytes]) -> Manifest:
    if SECTION not in custom:
        raise PolicyError(f"a module with a custom section '{SECTION}' expected, got none")
    return parse_manifest(custom[SECTION])


def _check_exports(
    exports: dict[str, tuple[int, int]], functions: list[Signature], constants: list[Global]
) -> None:
    if exports.keys() != _KINDS.keys():
        raise PolicyError(f"exports {sorted(_KINDS)} expected, got {sorted(exports)}")
    for name, (kind, index) in exports.items():
        if kind != _KINDS[name]:
            raise PolicyError(f"export {name} of kind {_KINDS[name]} expected, got {kind}")
        count = {0: len(functions), 2: 1, 3: len(constants)}[kind]
        if index >= count:
            raise PolicyError(f"export {name}: an index below {count} expected, got {index}")
        if name in _FUNCTIONS and functions[index] != _FUNCTIONS[name]:
            raise PolicyError(f"export {name} of another type expected, got {functions[index]}")
    abi = constants[exports["delea_abi"][1]]
    if abi != Global(I32, mutable=False, initial=bytes([ABI])):
        raise PolicyError(f"delea_abi = i32 const {ABI}, immutable, expected, got {abi}")


def _check_regions(manifest: Manifest, memory_bytes: int) -> None:
    for field in fields(manifest.regions):
        region: Region = getattr(manifest.regions, field.name)
        if region.offset + region.length > memory_bytes:
            raise PolicyError(
                f"region {field.name} inside {memory_bytes} bytes of memory expected,"
                f" got {region.offset} + {region.length}"
            )


def _check_data(segments: list[tuple[int, int]], manifest: Manifest, memory_bytes: int) -> None:
    """Raise if a segment leaves the memory or starts out in bytes that the caller writes."""
    for offset, length in segments:
        if offset + length > memory_bytes:
            raise PolicyError(
                f"data inside {memory_bytes} bytes of memory expected, got {offset} + {length}"
            )
        for name in _WRITTEN:
            region: Region = getattr(manifest.regions, name)
            if offset < region.offset + region.length and region.offset < offset + length:
                raise PolicyError(
                    f"data apart from region {name} expected, got {offset} + {length}"
                )
