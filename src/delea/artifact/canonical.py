"""Canonical dag-cbor: one value, one encoding, and nothing else is read back."""

from typing import Any

import dag_cbor
from dag_cbor.decoding.err import CBORDecodingError, DAGCBORDecodingError
from multiformats import CID

from delea.errors import MalformedError

MAX_BYTES = 64 << 20
_FOREIGN = (
    CBORDecodingError,
    DAGCBORDecodingError,
    RecursionError,
    OverflowError,
    MemoryError,
    ValueError,
    KeyError,
    TypeError,
    EOFError,
)


def encode(value: Any) -> bytes:
    """Return the canonical dag-cbor of `value` (None, bool, int, float, str, bytes, list, dict)."""
    return dag_cbor.encode(_plain(value))


def decode(data: bytes, *, limit: int = MAX_BYTES) -> Any:
    """Read canonical dag-cbor of at most `limit` bytes.

    Raises:
        MalformedError: for anything that `encode` would not have written.
    """
    if len(data) > limit:
        raise MalformedError(f"dag-cbor of at most {limit} bytes expected, got {len(data)}")
    try:
        value = dag_cbor.decode(data)
    except _FOREIGN as fault:
        reason = str(fault).strip().partition("\n")[0] or type(fault).__name__
        raise MalformedError(f"canonical dag-cbor expected: {reason}") from None
    return value


def _plain(value: Any) -> Any:
    """Turn tuples into lists: dag-cbor knows one kind of sequence."""
    if isinstance(value, CID):
        return value
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return value
