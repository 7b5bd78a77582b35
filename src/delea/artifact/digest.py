"""Digests: SHA-256 of a file, and the RFC 6962 Merkle tree hash of a state."""

from hashlib import sha256

from delea.ids import Digest

LEAF_BYTES = 1024
DIGEST_BYTES = 32


def digest(data: bytes | memoryview) -> Digest:
    """Return the SHA-256 of a module or a dataset file."""
    return Digest(sha256(data).digest())


def state_root(state: bytes) -> Digest:
    """Return the RFC 6962 tree hash over 1 KiB leaves of `state` (the last leaf may be shorter)."""
    view = memoryview(state)
    level = [
        sha256(b"\0" + view[at : at + LEAF_BYTES]).digest()
        for at in range(0, len(view), LEAF_BYTES)
    ]
    if not level:
        return Digest(sha256(b"").digest())
    # RFC 6962 splits at the largest power of two below n: the same tree as pairing
    # neighbours level by level and carrying an odd last node up unchanged.
    while len(level) > 1:
        paired = [
            sha256(b"\1" + left + right).digest()
            for left, right in zip(level[::2], level[1::2], strict=False)
        ]
        level = paired + level[len(paired) * 2 :]
    return Digest(level[0])
