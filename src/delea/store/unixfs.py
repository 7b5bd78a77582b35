"""A file as IPFS blocks, by the profile `unixfs-v1-2025`: every IPFS tool gives the same name.

Up to 1 MiB a file is one raw block. A larger one is a balanced tree: raw leaves of 1 MiB,
nodes of at most 1024 links. Its length alone fixes the shape, so reading checks the shape
as it goes and one file has one name.
"""

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice

from delea.errors import MalformedError, StoreError
from delea.ids import Cid
from delea.store.cid import Codec, cid_of, split_cid
from delea.store.dagpb import Part, decode_node, encode_node

MAX_FILE_BYTES = (1 << 32) - 1
"""The address space of a wasm32 module: a longer file could never be loaded."""


@dataclass(frozen=True, slots=True)
class Block:
    """Bytes under their name."""

    cid: Cid
    data: bytes


@dataclass(frozen=True, slots=True)
class Shape:
    """How a file is cut: bytes per leaf, links per node."""

    leaf_bytes: int
    max_links: int


PROFILE = Shape(leaf_bytes=1 << 20, max_links=1024)


def file_blocks(data: bytes, *, shape: Shape = PROFILE) -> Iterator[Block]:
    """Yield the blocks of a file, parts before the nodes that link to them, the root last."""
    if len(data) > MAX_FILE_BYTES:
        raise StoreError(f"a file of at most {MAX_FILE_BYTES} bytes expected, got {len(data)}")
    level = []
    for at in range(0, max(len(data), 1), shape.leaf_bytes):
        leaf = data[at : at + shape.leaf_bytes]
        block = Block(cid_of(leaf, Codec.RAW), leaf)
        level.append(Part(block.cid, len(leaf), len(leaf)))
        yield block
    while len(level) > 1:
        parts, level = iter(level), []
        while group := tuple(islice(parts, shape.max_links)):
            node = encode_node(group)
            block = Block(cid_of(node, Codec.DAG_PB), node)
            level.append(
                Part(
                    block.cid,
                    sum(part.file_bytes for part in group),
                    sum(part.dag_bytes for part in group) + len(node),
                )
            )
            yield block


def file_cid(data: bytes, *, shape: Shape = PROFILE) -> Cid:
    """Return the name of a file."""
    return deque(file_blocks(data, shape=shape), maxlen=1).pop().cid


def walk_file(
    root: Cid,
    fetch: Callable[[Cid], bytes],
    *,
    max_bytes: int = MAX_FILE_BYTES,
    shape: Shape = PROFILE,
) -> Iterator[Block]:
    """Yield a file's blocks, a node before its parts; `fetch` returns checked blocks.

    Raises:
        MalformedError: if the blocks are not the one tree that a file of that length has.
        StoreError: if the file is longer than `max_bytes`.
    """
    block = Block(root, fetch(root))
    if _codec(root) is Codec.RAW:
        length = dag_bytes = len(block.data)
    else:
        parts = decode_node(block.data, max_links=shape.max_links)
        length = sum(part.file_bytes for part in parts)
        dag_bytes = sum(part.dag_bytes for part in parts) + len(block.data)
    if length > max_bytes:
        raise StoreError(f"a file of at most {max_bytes} bytes expected, got {length}")
    span = shape.leaf_bytes
    while span < length:
        span *= shape.max_links
    yield from _walk(block, Part(root, length, dag_bytes), span, fetch, shape)


def read_file(
    root: Cid,
    fetch: Callable[[Cid], bytes],
    *,
    max_bytes: int = MAX_FILE_BYTES,
    shape: Shape = PROFILE,
) -> bytes:
    """Return a file's bytes; raises as `walk_file` does."""
    blocks = walk_file(root, fetch, max_bytes=max_bytes, shape=shape)
    return b"".join(block.data for block in blocks if _codec(block.cid) is Codec.RAW)


def _walk(
    block: Block, named: Part, span: int, fetch: Callable[[Cid], bytes], shape: Shape
) -> Iterator[Block]:
    """Yield `block` and all below it; a whole subtree at this height holds `span` bytes."""
    if span == shape.leaf_bytes:
        _expect("a raw leaf", _codec(block.cid) is Codec.RAW)
        _expect("the leaf length its node names", len(block.data) == named.file_bytes)
        _expect("the leaf size its node names", len(block.data) == named.dag_bytes)
        yield block
        return
    _expect("a dag-pb node", _codec(block.cid) is Codec.DAG_PB)
    parts = decode_node(block.data, max_links=shape.max_links)
    span //= shape.max_links
    left = named.file_bytes
    for part in parts:
        _expect("parts of the profile's length", part.file_bytes == min(span, left) > 0)
        left -= part.file_bytes
    _expect("parts that fill the file", left == 0)
    below = sum(part.dag_bytes for part in parts)
    _expect("the tree size its node names", below + len(block.data) == named.dag_bytes)
    yield block
    for part in parts:
        yield from _walk(Block(part.cid, fetch(part.cid)), part, span, fetch, shape)


def _expect(what: str, holds: bool) -> None:  # noqa: FBT001 - reads as the sentence it checks
    if not holds:
        raise MalformedError(f"a unixfs-v1-2025 file expected, got one without {what}")


def _codec(cid: Cid) -> Codec:
    return split_cid(cid)[0]
