"""A `.delea` file: a model's module, genesis state and dataset in one CAR with one root.

The root is the dag-cbor block `{"delea": 1, "module": link, "genesis": link, "dataset": link}`;
the blocks follow as a walk from it meets them, each once. Equal files give equal bytes, and
nothing else is read back.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

from delea.artifact import Artifact, decode, encode
from delea.errors import MalformedError, StoreError
from delea.ids import Cid
from delea.store.car import encode_car, read_car
from delea.store.cid import Codec, cid_of, from_link, split_cid, to_link
from delea.store.files import read_bounded, write_atomic
from delea.store.unixfs import Block, file_blocks, read_file, walk_file

FORMAT = 1
MAX_BUNDLE_BYTES = 1 << 30
"""The three files together: a few blocks, linked many times, could unfold to far more."""

_FILES = ("module", "genesis", "dataset")


def pack(artifact: Artifact) -> bytes:
    """Return the bytes of a `.delea` file, or raise StoreError if its files are too long."""
    files = (artifact.module, artifact.genesis, artifact.dataset)
    blocks: dict[Cid, bytes] = {}
    links: dict[str, Cid] = {}
    for name, data in zip(_FILES, files, strict=True):
        for block in file_blocks(data):
            blocks[block.cid] = block.data
            links[name] = block.cid  # the root comes last
    root = _root_block(links)
    return encode_car([root.cid], _walk_bundle(root, links, blocks))


def unpack(data: bytes) -> Artifact:
    """Return the three files of a `.delea` file.

    Raises:
        MalformedError: if it is not byte for byte what `pack` writes.
        DigestError: if a block is not what its name says.
        StoreError: if its files are too long.
    """
    car = read_car(data)
    blocks = {block.cid: block.data for block in car.blocks}
    links = _read_root(car.roots, blocks)
    walked = _walk_bundle(_root_block(links), links, blocks)
    if [block.cid for block in walked] != list(blocks):
        raise MalformedError("the blocks of three files in order expected, got others beside them")
    module, genesis, dataset = (
        read_file(links[name], lambda cid: _pick(cid, blocks)) for name in _FILES
    )
    return Artifact(module, genesis, dataset)


def write_bundle(path: Path, artifact: Artifact) -> None:
    """Write a `.delea` file, whole or not at all."""
    write_atomic(path, pack(artifact))


def read_bundle(path: Path) -> Artifact:
    """Return the three files of the `.delea` file at `path`; raises as `unpack` does."""
    return unpack(read_bounded(path, MAX_BUNDLE_BYTES + (MAX_BUNDLE_BYTES >> 8)))


def _root_block(links: Mapping[str, Cid]) -> Block:
    data = encode({"delea": FORMAT} | {name: to_link(links[name]) for name in _FILES})
    return Block(cid_of(data, Codec.DAG_CBOR), data)


def _read_root(roots: tuple[Cid, ...], blocks: Mapping[Cid, bytes]) -> dict[str, Cid]:
    if len(roots) != 1 or split_cid(roots[0])[0] is not Codec.DAG_CBOR:
        raise MalformedError("one dag-cbor root expected in a .delea file, got others")
    value = decode(_pick(roots[0], blocks))
    if not isinstance(value, dict) or value.keys() != {"delea", *_FILES}:
        raise MalformedError(f"a root of delea, {', '.join(_FILES)} expected, got another value")
    if value["delea"] != FORMAT:
        raise MalformedError(f".delea format {FORMAT} expected, got {value['delea']!r:.20}")
    return {name: from_link(value[name]) for name in _FILES}


def _walk_bundle(root: Block, links: Mapping[str, Cid], blocks: Mapping[Cid, bytes]) -> list[Block]:
    """Return the root and the blocks of the three files in the order they are packed."""
    walked = {root.cid: root}
    length = 0
    for name in _FILES:
        for block in _walk(links[name], blocks):
            walked.setdefault(block.cid, block)
            if split_cid(block.cid)[0] is Codec.RAW:
                length += len(block.data)
                _check_length(length)
    return list(walked.values())


def _walk(root: Cid, blocks: Mapping[Cid, bytes]) -> Iterator[Block]:
    return walk_file(root, lambda cid: _pick(cid, blocks))


def _pick(cid: Cid, blocks: Mapping[Cid, bytes]) -> bytes:
    if cid not in blocks:
        raise MalformedError(f"the block {cid} expected in the file, got none")
    return blocks[cid]


def _check_length(length: int) -> None:
    if length > MAX_BUNDLE_BYTES:
        raise StoreError(f"files of at most {MAX_BUNDLE_BYTES} bytes in all expected, got more")
