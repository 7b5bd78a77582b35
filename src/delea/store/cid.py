"""IPFS names: CIDv1 with SHA-256, in the one spelling Delea writes and reads.

A name is 36 bytes: version 1, a codec, `0x12 0x20` (SHA-256, 32 bytes), the digest. As text
it is `b` and lowercase base32 without padding.
"""

from base64 import b32decode, b32encode
from enum import IntEnum
from hashlib import sha256

from multiformats import CID

from delea.errors import DigestError, MalformedError
from delea.ids import Cid, Digest

CID_BYTES = 36
_TEXT_LENGTH = 59  # "b" and ceil(36 * 8 / 5) letters
_SHOWN = 80  # letters of a foreign name that an error repeats


class Codec(IntEnum):
    """How a block's bytes are read."""

    RAW = 0x55
    DAG_PB = 0x70
    DAG_CBOR = 0x71


def cid_of(block: bytes | memoryview, codec: Codec) -> Cid:
    """Return the name of a block."""
    return join_cid(codec, Digest(sha256(block).digest()))


def join_cid(codec: Codec, digest: Digest) -> Cid:
    """Return the name made of a codec and a digest."""
    return _spell(bytes((1, codec, 0x12, 0x20)) + digest)


def split_cid(cid: str) -> tuple[Codec, Digest]:
    """Return what a name says, or raise MalformedError if it is not such a name."""
    raw = cid_bytes(cid)
    return Codec(raw[1]), Digest(raw[4:])


def cid_bytes(cid: str) -> bytes:
    """Return the 36 bytes of a name; nothing else that looks like one passes.

    Raises:
        MalformedError: for another version, base, codec, hash or spelling.
    """
    if len(cid) == _TEXT_LENGTH and cid.isascii() and cid[0] == "b" and cid == cid.lower():
        try:
            raw = b32decode(cid[1:].upper() + "=" * 6)
        except ValueError:
            raw = b""
        if len(raw) == CID_BYTES and _spell(raw) == cid:
            return check_cid_bytes(raw)
    raise MalformedError(f"a base32 CIDv1 of SHA-256 expected, got {cid[:_SHOWN]!r}")


def cid_from_bytes(raw: bytes) -> Cid:
    """Return the text of a binary name, or raise MalformedError if Delea does not read it."""
    return _spell(check_cid_bytes(raw))


def check_cid_bytes(raw: bytes) -> bytes:
    """Return `raw` if it is a binary CIDv1 of SHA-256 with a codec of ours."""
    known = len(raw) == CID_BYTES and raw[0] == 1 and raw[1] in set(Codec) and raw[2:4] == b"\x12 "
    if not known:
        raise MalformedError(
            "a CIDv1 of SHA-256 (raw, dag-pb or dag-cbor) expected, "
            f"got the bytes {raw[:CID_BYTES].hex() or 'of nothing'}"
        )
    return raw


def check_block(cid: Cid, block: bytes | memoryview) -> None:
    """Raise DigestError unless `block` is what `cid` names."""
    codec, _ = split_cid(cid)
    came = cid_of(block, codec)
    if came != cid:
        raise DigestError(f"the block {cid} expected, got bytes of {came}")


def to_link(cid: Cid) -> CID:
    """Return the value that stands for `cid` inside dag-cbor."""
    return CID.decode(cid_bytes(cid))


def from_link(value: object) -> Cid:
    """Return the name a dag-cbor value links to, or raise MalformedError."""
    if not isinstance(value, CID):
        raise MalformedError(f"a link expected, got {type(value).__name__}")
    return cid_from_bytes(bytes(value))


def _spell(raw: bytes) -> Cid:
    return Cid("b" + b32encode(raw).decode("ascii").rstrip("=").lower())
