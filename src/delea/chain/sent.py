"""What was signed and perhaps sent, and what a node says of a nonce that it knows already."""

from dataclasses import dataclass

from delea.errors import ChainError, RevertError
from delea.ids import Address

_TAKEN = (
    *("nonce too low", "replacement transaction underpriced"),
    *("already imported", "already known"),  # the very same transaction is there
)


@dataclass(frozen=True, slots=True)
class Sent:
    """A signed transaction."""

    name: str
    raw: bytes
    sender: Address
    nonce: int


def is_taken(refusal: ChainError) -> bool:
    """Return whether a node refused a transaction only because it knows one with its nonce."""
    if isinstance(refusal, RevertError):
        return False
    return any(word in str(refusal).lower() for word in _TAKEN)
