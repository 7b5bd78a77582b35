"""CAR v1 files: a header that names roots, then blocks under their names.

Every length is `varint ‖ bytes`. What is read is exactly what `encode_car` writes, save for
the order of the blocks, which is the writer's.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from delea.artifact import decode, encode
from delea.errors import MalformedError
from delea.ids import Cid
from delea.store.cid import CID_BYTES, check_block, cid_bytes, cid_from_bytes, from_link, to_link
from delea.store.files import write_atomic
from delea.store.store import MAX_BLOCK_BYTES
from delea.store.unixfs import Block
from delea.store.varint import encode_varint, read_varint

MAX_ROOTS = 16
MAX_BLOCKS = 1 << 16
_MAX_HEADER_BYTES = 1 << 10


@dataclass(frozen=True, slots=True)
class Car:
    """What a CAR file holds: the names it is about, and checked blocks."""

    roots: tuple[Cid, ...]
    blocks: tuple[Block, ...]


def encode_car(roots: Iterable[Cid], blocks: Iterable[Block]) -> bytes:
    """Return a CAR v1 file; raises as `read_car` does for what could not be read back."""
    links = [to_link(root) for root in roots]
    header = encode({"roots": links, "version": 1})
    sections = [encode_varint(len(header)), header]
    seen: set[Cid] = set()
    for block in blocks:
        _check_count(len(links), len(seen) + 1)
        _check_block(block, seen)
        sections += [encode_varint(CID_BYTES + len(block.data)), cid_bytes(block.cid), block.data]
    _check_count(len(links), len(seen))
    return b"".join(sections)


def read_car(data: bytes) -> Car:
    """Return the roots and the blocks of a CAR v1 file.

    Raises:
        MalformedError: if it is cut short, not canonical, too large, or repeats a block.
        DigestError: if a block is not what its name says.
    """
    header, at = _read_section(data, 0, _MAX_HEADER_BYTES)
    roots = _read_header(header)
    seen: set[Cid] = set()
    blocks = []
    while at < len(data):
        section, at = _read_section(data, at, CID_BYTES + MAX_BLOCK_BYTES)
        block = Block(cid_from_bytes(section[:CID_BYTES]), section[CID_BYTES:])
        _check_count(len(roots), len(seen) + 1)
        _check_block(block, seen)
        blocks.append(block)
    return Car(roots, tuple(blocks))


def write_car(path: Path, roots: Iterable[Cid], blocks: Iterable[Block]) -> None:
    """Write a CAR v1 file, whole or not at all."""
    write_atomic(path, encode_car(roots, blocks))


def _read_section(data: bytes, at: int, max_bytes: int) -> tuple[bytes, int]:
    length, start = read_varint(data, at)
    if length > max_bytes:
        raise MalformedError(f"at most {max_bytes} bytes expected at byte {at}, got {length}")
    if length > len(data) - start:
        raise MalformedError(f"{length} bytes expected at byte {at}, got {len(data) - start}")
    return data[start : start + length], start + length


def _read_header(header: bytes) -> tuple[Cid, ...]:
    value = decode(header)
    if not isinstance(value, dict) or value.keys() != {"roots", "version"}:
        raise MalformedError("a CAR header of roots and version expected, got another value")
    if value["version"] != 1 or isinstance(value["version"], (bool, float)):
        raise MalformedError(f"CAR version 1 expected, got {value['version']!r:.20}")
    if not isinstance(value["roots"], list):
        raise MalformedError("a list of roots expected in a CAR header, got another value")
    roots = tuple(from_link(root) for root in value["roots"])
    _check_count(len(roots), 0)
    return roots


def _check_count(roots: int, blocks: int) -> None:
    if not 1 <= roots <= MAX_ROOTS:
        raise MalformedError(f"1 to {MAX_ROOTS} roots expected in a CAR, got {roots}")
    if blocks > MAX_BLOCKS:
        raise MalformedError(f"at most {MAX_BLOCKS} blocks expected in a CAR, got more")


def _check_block(block: Block, seen: set[Cid]) -> None:
    if len(block.data) > MAX_BLOCK_BYTES:
        raise MalformedError(
            f"a block of at most {MAX_BLOCK_BYTES} bytes expected, got {len(block.data)}"
        )
    check_block(block.cid, block.data)
    if block.cid in seen:
        raise MalformedError(f"each block once expected in a CAR, got {block.cid} twice")
    seen.add(block.cid)
