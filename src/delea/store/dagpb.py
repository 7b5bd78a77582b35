"""One node of a UnixFS file: a dag-pb block that links to parts and says how long each is.

A node is a protobuf message, links first. Only what an importer writes for a file is read:
the node is rebuilt from what was understood and must give the same bytes.
"""

from dataclasses import dataclass

from delea.errors import MalformedError
from delea.ids import Cid
from delea.store.cid import cid_bytes, cid_from_bytes
from delea.store.varint import encode_varint, read_varint

_LINK, _HASH, _NAME, _TSIZE, _DATA = b"\x12", b"\x0a", b"\x12\x00", b"\x18", b"\x0a"
_FILE, _FILE_BYTES, _PART_BYTES = b"\x08\x02", b"\x18", b"\x20"


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a file: its name, its bytes of the file, its bytes with all nodes below it."""

    cid: Cid
    file_bytes: int
    dag_bytes: int


def encode_node(parts: tuple[Part, ...]) -> bytes:
    """Return the dag-pb block of a file made of `parts` in order."""
    links = b"".join(_LINK + _sized(_link(part)) for part in parts)
    sizes = b"".join(_PART_BYTES + encode_varint(part.file_bytes) for part in parts)
    total = encode_varint(sum(part.file_bytes for part in parts))
    return links + _DATA + _sized(_FILE + _FILE_BYTES + total + sizes)


def decode_node(block: bytes, *, max_links: int) -> tuple[Part, ...]:
    """Return the parts of a file's node, or raise MalformedError if it is anything else."""
    links: list[tuple[Cid, int]] = []
    at = 0
    while block[at : at + 1] == _LINK and len(links) < max_links:
        body, at = _read_sized(block, at + 1)
        links.append(_read_link(body))
    data, at = _read_sized(block, at + 1)
    sizes = _read_sizes(data)
    if len(sizes) != len(links):
        raise MalformedError(f"a size for each of {len(links)} links expected, got {len(sizes)}")
    parts = tuple(
        Part(cid, size, dag_bytes) for (cid, dag_bytes), size in zip(links, sizes, strict=True)
    )
    if encode_node(parts) != block:
        raise MalformedError("the canonical dag-pb node of a file expected, got something else")
    return parts


def _link(part: Part) -> bytes:
    return _HASH + _sized(cid_bytes(part.cid)) + _NAME + _TSIZE + encode_varint(part.dag_bytes)


def _sized(body: bytes) -> bytes:
    return encode_varint(len(body)) + body


def _read_sized(data: bytes, at: int) -> tuple[bytes, int]:
    length, at = read_varint(data, at)
    if length > len(data) - at:
        raise MalformedError(f"{length} bytes expected at byte {at}, got {len(data) - at}")
    return data[at : at + length], at + length


def _read_link(body: bytes) -> tuple[Cid, int]:
    raw, at = _read_sized(body, len(_HASH))
    dag_bytes, _ = read_varint(body, at + len(_NAME) + len(_TSIZE))
    return cid_from_bytes(raw), dag_bytes


def _read_sizes(data: bytes) -> list[int]:
    _, at = read_varint(data, len(_FILE) + len(_FILE_BYTES))
    sizes = []
    while at < len(data):
        size, at = read_varint(data, at + len(_PART_BYTES))
        sizes.append(size)
    return sizes
