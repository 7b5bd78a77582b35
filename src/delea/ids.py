"""The small types everything is named by."""

from typing import NewType

Address = NewType("Address", str)
"""A contract or account: `0x` and 40 hex digits, EIP-55 checksummed."""

Cid = NewType("Cid", str)
"""An IPFS name: CIDv1, base32, SHA-256."""

Digest = NewType("Digest", bytes)
"""32 bytes, SHA-256 (a state root is the Merkle tree hash of the state)."""

Wei = NewType("Wei", int)
"""10^-18 of a token or of the chain's native coin."""

Step = NewType("Step", int)
"""A count of gradient steps."""
