"""The store: files and blocks by name in one folder, checked on the way in and out.

blocks/<cid>          IPFS blocks
files/<sha-256>       the name of the file with that digest (modules, datasets)
states/<state root>   the name of the state with that root
"""

from pathlib import Path

from delea.artifact import digest, state_root
from delea.errors import DigestError, MalformedError, MissingError, StoreError
from delea.ids import Cid, Digest
from delea.store.cid import Codec, check_block, cid_bytes, split_cid
from delea.store.files import read_bounded, write_atomic
from delea.store.unixfs import MAX_FILE_BYTES, Block, file_blocks, read_file

MAX_BLOCK_BYTES = 2 << 20
"""A larger block travels nowhere: IPFS peers refuse it."""

_NAME_BYTES = 64


class Store:
    """A folder of blocks; many processes may share it."""

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)

    def put(self, data: bytes) -> Cid:
        """Keep a file and return its name."""
        for block in file_blocks(data):
            self.put_block(block)
        return block.cid

    def get(self, cid: Cid, *, max_bytes: int = MAX_FILE_BYTES) -> bytes:
        """Return the file named `cid`, or the one block if it is dag-cbor.

        Raises:
            MissingError: if a block of it is not here.
            DigestError: if a block on disk is not what its name says.
            MalformedError: if `cid` or a node is not in the form Delea writes.
            StoreError: if it is longer than `max_bytes`.
        """
        codec, _ = split_cid(cid)
        if codec is Codec.DAG_CBOR:
            return self.get_block(cid)
        return read_file(cid, self.get_block, max_bytes=max_bytes)

    def put_block(self, block: Block) -> None:
        """Keep one block; raises DigestError if its bytes are not what its name says."""
        if len(block.data) > MAX_BLOCK_BYTES:
            raise StoreError(
                f"a block of at most {MAX_BLOCK_BYTES} bytes expected, got {len(block.data)}"
            )
        check_block(block.cid, block.data)
        path = self._block_path(block.cid)
        try:
            if read_bounded(path, MAX_BLOCK_BYTES) == block.data:
                return
        except StoreError:
            pass  # absent or damaged: written anew
        write_atomic(path, block.data)

    def get_block(self, cid: Cid) -> bytes:
        """Return one block; raises as `get` does."""
        path = self._block_path(cid)
        try:
            data = read_bounded(path, MAX_BLOCK_BYTES)
        except MissingError:
            raise MissingError(f"no block {cid} in the store {self.path}") from None
        check_block(cid, data)
        return data

    def put_file(self, data: bytes) -> Digest:
        """Keep a module or a dataset and return its SHA-256."""
        name = digest(data)
        self._bind("files", name, self.put(data))
        return name

    def get_file(self, name: Digest, *, max_bytes: int = MAX_FILE_BYTES) -> bytes:
        """Return the file whose SHA-256 is `name`; raises as `get` does."""
        cid = self.find_file(name)
        if cid is None:
            raise MissingError(f"no file with SHA-256 {name.hex()} in the store {self.path}")
        data = self.get(cid, max_bytes=max_bytes)
        came = digest(data)
        if came != name:
            raise DigestError(f"a file with SHA-256 {name.hex()} expected, got {came.hex()}")
        return data

    def find_file(self, name: Digest) -> Cid | None:
        """Return the IPFS name of the file whose SHA-256 is `name`, if it is here."""
        return self._find("files", name)

    def put_state(self, root: Digest, state: bytes) -> Cid:
        """Keep a state and return its name; raises DigestError if `root` is not its root."""
        _check_state(root, state)
        cid = self.put(state)
        self._bind("states", root, cid)
        return cid

    def get_state(self, root: Digest, *, max_bytes: int = MAX_FILE_BYTES) -> bytes:
        """Return the state with this root; raises as `get` does."""
        cid = self.find_state(root)
        if cid is None:
            raise MissingError(f"no state with root {root.hex()} in the store {self.path}")
        state = self.get(cid, max_bytes=max_bytes)
        _check_state(root, state)
        return state

    def bind_state(self, root: Digest, cid: Cid) -> None:
        """Name a state that is already here by its root; raises DigestError if it is not."""
        _check_state(root, self.get(cid))
        self._bind("states", root, cid)

    def find_state(self, root: Digest) -> Cid | None:
        """Return the IPFS name of the state with this root, if it is here."""
        return self._find("states", root)

    def _bind(self, index: str, name: Digest, cid: Cid) -> None:
        path = self._index_path(index, name)
        try:
            if read_bounded(path, _NAME_BYTES) == cid.encode():
                return
        except StoreError:
            pass  # absent or damaged: written anew
        write_atomic(path, cid.encode())

    def _find(self, index: str, name: Digest) -> Cid | None:
        try:
            text = read_bounded(self._index_path(index, name), _NAME_BYTES)
        except MissingError:
            return None
        cid = text.decode("ascii", errors="replace")
        cid_bytes(cid)
        return Cid(cid)

    def _block_path(self, cid: Cid) -> Path:
        cid_bytes(cid)  # a name that passes holds no separator
        return self.path / "blocks" / cid

    def _index_path(self, index: str, name: Digest) -> Path:
        if len(name) != 32:
            raise MalformedError(f"a digest of 32 bytes expected, got {len(name)}")
        return self.path / index / name.hex()


def _check_state(root: Digest, state: bytes) -> None:
    came = state_root(state)
    if came != root:
        raise DigestError(f"a state with root {root.hex()} expected, got {came.hex()}")
