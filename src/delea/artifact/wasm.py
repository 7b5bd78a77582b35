"""The outermost layer of a Wasm binary: its sections, read strictly and written canonically."""

from collections.abc import Iterator
from dataclasses import dataclass

from delea.errors import MalformedError

MAGIC = b"\0asm\x01\0\0\0"
CUSTOM = 0


@dataclass(frozen=True, slots=True)
class Section:
    """One section: its id, its name if it is custom, and its body (a custom body has no name)."""

    id: int
    name: str
    body: bytes


def encode_u32(value: int) -> bytes:
    """Return `value` as the shortest unsigned LEB128."""
    out = bytearray()
    while True:
        low, value = value & 0x7F, value >> 7
        out.append(low | (0x80 if value else 0))
        if not value:
            return bytes(out)


def read_u32(data: bytes | memoryview, at: int) -> tuple[int, int]:
    """Read a shortest-form unsigned LEB128 of 32 bits at `at`; return it and the next offset."""
    value = shift = 0
    while True:
        if at >= len(data):
            raise MalformedError(f"a number expected at byte {at}, the bytes end there")
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            if (byte == 0 and shift) or value > 0xFFFFFFFF:
                raise MalformedError(f"the shortest form of a 32-bit number expected before {at}")
            return value, at
        shift += 7
        if shift > 28:
            raise MalformedError(f"a 32-bit number expected before byte {at}, got a longer one")


def read_sections(module: bytes) -> Iterator[Section]:
    """Yield the sections of a module in file order.

    Raises:
        MalformedError: not a Wasm binary, a truncated section, or an overlong number.
    """
    if module[:8] != MAGIC:
        raise MalformedError(f"a Wasm binary starts with {MAGIC!r}, got {bytes(module[:8])!r}")
    at = len(MAGIC)
    while at < len(module):
        section_id = module[at]
        size, body_at = read_u32(module, at + 1)
        end = body_at + size
        if end > len(module):
            raise MalformedError(
                f"section {section_id} of {size} bytes expected, {len(module) - body_at} are left"
            )
        name = ""
        if section_id == CUSTOM:
            length, name_at = read_u32(module, body_at)
            if name_at + length > end:
                raise MalformedError(f"a custom section's name of {length} bytes does not fit it")
            try:
                name = module[name_at : name_at + length].decode()
            except UnicodeDecodeError:
                raise MalformedError("a custom section's name is not UTF-8") from None
            body_at = name_at + length
        yield Section(section_id, name, module[body_at:end])
        at = end


def write_sections(sections: list[Section]) -> bytes:
    """Return the module that has exactly these sections."""
    out = bytearray(MAGIC)
    for section in sections:
        body = section.body
        if section.id == CUSTOM:
            name = section.name.encode()
            body = encode_u32(len(name)) + name + body
        out += bytes([section.id]) + encode_u32(len(body)) + body
    return bytes(out)


def custom_section(module: bytes, name: str) -> bytes:
    """Return the body of the one custom section called `name`.

    Raises:
        MalformedError: it is not there, or more than once.
    """
    found = [section.body for section in read_sections(module) if section.name == name]
    if len(found) != 1:
        raise MalformedError(f"one custom section '{name}' expected, got {len(found)}")
    return found[0]
