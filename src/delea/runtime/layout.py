"""Read the sections of a foreign module into values, each within its cap and to its last byte."""

from dataclasses import dataclass

from delea.artifact.wasm import read_sections, read_u32
from delea.errors import PolicyError
from delea.runtime import caps
from delea.runtime.opcodes import CONSTANTS

CUSTOM, TYPE, FUNCTION, MEMORY, GLOBAL, EXPORT, CODE, DATA = 0, 1, 3, 5, 6, 7, 10, 11
_NAMES = {
    TYPE: "type",
    2: "import",
    FUNCTION: "function",
    4: "table",
    MEMORY: "memory",
    GLOBAL: "global",
    EXPORT: "export",
    8: "start",
    9: "element",
    CODE: "code",
    DATA: "data",
    12: "data count",
    13: "tag",
}
_NEEDED = (TYPE, FUNCTION, MEMORY, GLOBAL, EXPORT, CODE)
_ALLOWED = (*_NEEDED, DATA)
_HAS_MAXIMUM = 1  # other bits of a memory's flags: shared, 64-bit, page size
I32 = 0x7F


@dataclass(frozen=True, slots=True)
class Signature:
    """A function type: value types of its parameters and of its result, one byte each."""

    parameters: bytes
    results: bytes


@dataclass(frozen=True, slots=True)
class Global:
    """A global: its value type, whether it changes, and the bytes of its initial constant."""

    kind: int
    mutable: bool
    initial: bytes


@dataclass(frozen=True, slots=True)
class Sections:
    """The body of every section that is there: by number, and custom ones by name."""

    standard: dict[int, bytes]
    custom: dict[str, bytes]


def split_sections(module: bytes) -> Sections:
    """Return the sections of a module, none unknown, misplaced, missing or twice there."""
    if len(module) > caps.MAX_MODULE_BYTES:
        raise PolicyError(
            f"a module of at most {caps.MAX_MODULE_BYTES} bytes expected, got {len(module)}"
        )
    found = Sections({}, {})
    last = 0
    for section in read_sections(module):
        if section.id == CUSTOM:
            _add_custom(found.custom, section.name, section.body)
            continue
        name = _NAMES.get(section.id, str(section.id))
        if section.id not in _ALLOWED:
            raise PolicyError(f"a module without a section '{name}' expected, got one")
        if section.id <= last:
            raise PolicyError(f"sections in order, each once, expected; got '{name}' too late")
        found.standard[section.id] = section.body
        last = section.id
    for needed in _NEEDED:
        if needed not in found.standard:
            raise PolicyError(f"a module with a section '{_NAMES[needed]}' expected, got none")
    return found


def _add_custom(custom: dict[str, bytes], name: str, body: bytes) -> None:
    cap = caps.MAX_CUSTOM_BYTES.get(name)
    if cap is None:
        raise PolicyError(
            f"custom sections among {sorted(caps.MAX_CUSTOM_BYTES)} expected, got {name[:40]!r}"
        )
    if name in custom:
        raise PolicyError(f"one custom section '{name}' expected, got two")
    if len(body) > cap:
        raise PolicyError(f"section '{name}' of at most {cap} bytes expected, got {len(body)}")
    custom[name] = body


def read_count(body: bytes, what: str, cap: int) -> tuple[int, int]:
    """Read how many `what` a section holds; return it and the next offset."""
    count, at = read_u32(body, 0)
    if count > cap:
        raise PolicyError(f"at most {cap} {what} expected, got {count}")
    return count, at


def check_end(body: bytes, at: int, what: str) -> None:
    """Raise unless a section's content ends where the section does."""
    if at != len(body):
        raise PolicyError(f"{what} that fill their section of {len(body)} bytes expected, got {at}")


def byte_at(body: bytes, at: int, what: str) -> int:
    """Return the byte at `at`, or say that `what` is cut off."""
    if at >= len(body):
        raise PolicyError(f"{what} expected at byte {at}, the section ends there")
    return body[at]


def read_types(body: bytes) -> list[Signature]:
    """Return the function types; nothing else may be declared."""
    count, at = read_count(body, "types", caps.MAX_TYPES)
    types = []
    for _ in range(count):
        form = byte_at(body, at, "a function type")
        if form != 0x60:
            raise PolicyError(f"a function type (0x60) expected, got 0x{form:02x}")
        parameters, at = _value_types(body, at + 1, caps.MAX_PARAMETERS, "parameters")
        results, at = _value_types(body, at, 1, "results")
        types.append(Signature(parameters, results))
    check_end(body, at, "types")
    return types


def _value_types(body: bytes, at: int, cap: int, what: str) -> tuple[bytes, int]:
    count, at = read_u32(body, at)
    if count > cap:
        raise PolicyError(f"at most {cap} {what} expected, got {count}")
    kinds = body[at : at + count]
    if len(kinds) != count:
        raise PolicyError(f"{count} {what} expected, the section ends before them")
    for kind in kinds:
        check_value_type(kind)
    return kinds, at + count


def check_value_type(kind: int) -> None:
    """Raise unless `kind` is i32, i64, f32, f64 or v128."""
    if kind not in CONSTANTS:
        raise PolicyError(f"a number or vector type expected, got 0x{kind:02x}")


def read_functions(body: bytes, types: list[Signature]) -> list[Signature]:
    """Return the signature of each function."""
    count, at = read_count(body, "functions", caps.MAX_FUNCTIONS)
    functions = []
    for _ in range(count):
        index, at = read_u32(body, at)
        if index >= len(types):
            raise PolicyError(f"a type below {len(types)} expected, got {index}")
        functions.append(types[index])
    check_end(body, at, "functions")
    return functions


def read_memory(body: bytes) -> int:
    """Return the bytes of the one memory, which cannot grow."""
    count, at = read_count(body, "memory", 1)
    if count != 1:
        raise PolicyError("one memory expected, got none")
    flags = byte_at(body, at, "a memory's flags")
    if flags != _HAS_MAXIMUM:
        raise PolicyError(f"a 32-bit, unshared memory with a maximum expected, got flags {flags}")
    least, at = read_u32(body, at + 1)
    most, at = read_u32(body, at)
    if least != most:
        raise PolicyError(f"a memory that cannot grow expected, got {least} to {most} pages")
    if not 1 <= least <= caps.MAX_PAGES:
        raise PolicyError(f"1 to {caps.MAX_PAGES} pages of memory expected, got {least}")
    check_end(body, at, "memories")
    return least * caps.PAGE_BYTES


def read_globals(body: bytes) -> list[Global]:
    """Return the globals; each starts as one constant."""
    count, at = read_count(body, "globals", caps.MAX_GLOBALS)
    found = []
    for _ in range(count):
        kind = byte_at(body, at, "a global's type")
        check_value_type(kind)
        mutable = byte_at(body, at + 1, "a global's mutability")
        if mutable > 1:
            raise PolicyError(f"mutability 0 or 1 expected, got {mutable}")
        initial, at = read_constant(body, at + 2, kind)
        found.append(Global(kind, bool(mutable), initial))
    check_end(body, at, "globals")
    return found


def read_constant(body: bytes, at: int, kind: int) -> tuple[bytes, int]:
    """Read an initial value: one constant of `kind` and `end`; return its bytes, next offset."""
    match = CONSTANTS[kind].match(body, at)
    if match is None:
        raise PolicyError(f"one constant expected as initial value, got {body[at : at + 4].hex()}")
    return match[1], match.end()


def read_exports(body: bytes) -> dict[str, tuple[int, int]]:
    """Return what is exported by name: kind (0 function, 2 memory, 3 global) and index."""
    count, at = read_count(body, "exports", 16)
    found: dict[str, tuple[int, int]] = {}
    for _ in range(count):
        length, at = read_u32(body, at)
        raw = body[at : at + length]
        at += length
        name = raw.decode(errors="replace")[:40]
        if name in found:
            raise PolicyError(f"one export {name!r} expected, got two")
        kind = byte_at(body, at, "an export's kind")
        index, at = read_u32(body, at + 1)
        found[name] = (kind, index)
    check_end(body, at, "exports")
    return found


def read_data(body: bytes) -> list[tuple[int, int]]:
    """Return where each data segment lies in memory: offset and length in bytes."""
    count, at = read_count(body, "data segments", caps.MAX_DATA_SEGMENTS)
    segments = []
    total = 0
    for _ in range(count):
        flags = byte_at(body, at, "a data segment")
        if flags != 0:
            raise PolicyError(f"data written once, at the start, expected; got flags {flags}")
        raw, at = read_constant(body, at + 1, I32)
        length, at = read_u32(body, at)
        segments.append((unsigned32(raw), length))
        at += length
        total += length
    if total > caps.MAX_DATA_BYTES:
        raise PolicyError(f"at most {caps.MAX_DATA_BYTES} bytes of data expected, got {total}")
    check_end(body, at, "data segments")
    return segments


def unsigned32(leb: bytes) -> int:
    """Return a signed LEB128 of 32 bits as the unsigned number of the same bits."""
    value = sum((byte & 0x7F) << 7 * place for place, byte in enumerate(leb))
    if leb[-1] & 0x40:
        value -= 1 << 7 * len(leb)
    return value & 0xFFFFFFFF
