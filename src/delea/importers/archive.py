"""Zip archives of tensors: the directory read strictly, each entry unpacked within a bound.

Only what `torch.save` and `numpy.savez` write is read: no comment, no encryption, one disk, less
than 4 GiB, entries stored or deflated, apart from each other and with plain names.
"""

import struct
import zlib
from dataclasses import dataclass
from itertools import pairwise

from delea.errors import MalformedError

MAX_RATIO = 256
"""Bytes that one packed byte may become; deflate could make 1,032 of one."""

MAX_ENTRIES = 1 << 14
_SLACK = 1 << 16
_STORED, _DEFLATED = 0, 8
_ENCRYPTED = 1
_END = struct.Struct("<4s4H2IH")
_ENTRY = struct.Struct("<4s6H3I5H2I")
_LOCAL = struct.Struct("<4s5H3I2H")
MAGIC = b"PK\x03\x04"


@dataclass(frozen=True, slots=True)
class Entry:
    """A file in the archive: where its packed bytes are, and what they become."""

    name: str
    start: int
    packed: int  # bytes
    size: int  # bytes
    crc: int
    is_deflated: bool


def read_directory(data: bytes) -> dict[str, Entry]:
    """Return the entries of a zip archive by name, checked against their own headers.

    Raises:
        MalformedError: not such an archive.
    """
    if len(data) < _END.size or data[: len(MAGIC)] != MAGIC:
        raise MalformedError("a zip archive expected, got other bytes")
    end = _END.unpack_from(data, len(data) - _END.size)
    magic, disk, first_disk, here, count, length, start, comment = end
    if magic != b"PK\x05\x06" or disk or first_disk or here != count or comment:
        raise MalformedError("a zip archive that ends with its directory expected")
    if count > MAX_ENTRIES or start + length > len(data) - _END.size:
        raise MalformedError(
            f"a zip directory of at most {MAX_ENTRIES} entries expected, got {count} at {start}"
        )
    entries: dict[str, Entry] = {}
    at = start
    for _ in range(count):
        entry, at = _read_entry(data, at, start + length)
        if entry.name in entries:
            raise MalformedError(f"entries of different names expected, {entry.name} comes twice")
        entries[entry.name] = entry
    _check_apart(entries, start)
    return entries


def unpack(data: bytes, entry: Entry, limit: int) -> bytes:
    """Return an entry's bytes, at most `limit` of them.

    Raises:
        MalformedError: they are more than that or than the entry says, more than 256 for each
            packed one, damaged, or packed in another way.
    """
    if entry.size > limit:
        raise MalformedError(f"{entry.name}: at most {limit} bytes expected, got {entry.size}")
    if entry.size > entry.packed * MAX_RATIO + _SLACK:
        raise MalformedError(
            f"{entry.name}: at most {MAX_RATIO} bytes for each packed one expected, got "
            f"{entry.size} for {entry.packed}"
        )
    body = data[entry.start : entry.start + entry.packed]
    if entry.is_deflated:
        body = _inflate(entry, body)
    if len(body) != entry.size or zlib.crc32(body) != entry.crc:
        raise MalformedError(f"{entry.name}: {entry.size} bytes with their checksum expected")
    return body


def _inflate(entry: Entry, body: bytes) -> bytes:
    stream = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        return stream.decompress(body, entry.size + 1)
    except zlib.error:
        raise MalformedError(f"{entry.name}: deflated bytes expected, got others") from None


def _read_entry(data: bytes, at: int, end: int) -> tuple[Entry, int]:
    """Return the entry at `at` in the directory, and where the next one is."""
    if at + _ENTRY.size > end:
        raise MalformedError("a zip directory of whole entries expected")
    found = _ENTRY.unpack_from(data, at)
    magic, _, _, flags, method, _, _, crc, packed, size, name_bytes, extra, comment = found[:13]
    after = at + _ENTRY.size + name_bytes + extra + comment
    if magic != b"PK\x01\x02" or after > end:
        raise MalformedError("a zip directory of whole entries expected")
    raw = data[at + _ENTRY.size : at + _ENTRY.size + name_bytes]
    name = _check_name(raw)
    if method not in (_STORED, _DEFLATED) or flags & _ENCRYPTED:
        raise MalformedError(f"{name}: an entry stored or deflated, not encrypted, expected")
    if method == _STORED and packed != size:
        raise MalformedError(f"{name}: a stored entry of {size} bytes expected, got {packed}")
    start = _find_body(data, name, raw, found[-1])
    if start + packed > len(data):
        raise MalformedError(f"{name}: {packed} bytes expected, the archive ends before")
    return Entry(name, start, packed, size, crc, method == _DEFLATED), after


def _find_body(data: bytes, name: str, raw: bytes, at: int) -> int:
    """Return where an entry's bytes start: after its own header, which names it again."""
    if at + _LOCAL.size > len(data):
        raise MalformedError(f"{name}: a header inside the archive expected")
    fields = _LOCAL.unpack_from(data, at)
    magic, name_bytes, extra = fields[0], int(fields[-2]), int(fields[-1])
    start = at + _LOCAL.size
    if magic != MAGIC or data[start : start + name_bytes] != raw:
        raise MalformedError(f"{name}: a header of the same name expected")
    return start + name_bytes + extra


def _check_name(raw: bytes) -> str:
    name = raw.decode("ascii", "replace")
    parts = name.split("/")
    is_plain = raw.isascii() and name.isprintable() and "\\" not in name and ":" not in name
    if not is_plain or not 0 < len(name) <= 512 or {"", ".", ".."} & set(parts):
        raise MalformedError(f"plain names in a zip archive expected, got {name[:60]!r}")
    return name


def _check_apart(entries: dict[str, Entry], directory: int) -> None:
    """Raise unless no two entries share bytes, and none reaches into the directory."""
    spans = sorted((entry.start, entry.start + entry.packed) for entry in entries.values())
    for (_, end), (start, _) in pairwise([*spans, (directory, directory)]):
        if end > start:
            raise MalformedError("entries of a zip archive apart from each other expected")
