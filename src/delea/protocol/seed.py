"""The seed of a claim: it binds the work to who does it, where, and for whom."""

from hashlib import sha256

from delea.ids import Address, Digest

SEED_DOMAIN = b"delea/seed/1"


def seed_of_claim(
    *,
    chain_id: int,
    model: Address,
    parent: int,
    parent_root: Digest,
    sender: Address,
    beneficiary: Address,
) -> bytes:
    """Return the 32 bytes that a trainer's steps on `parent` must be seeded with.

    SHA-256 of the domain, then integers as 32 bytes big endian, addresses as 20, the root as 32.
    The number of updates is not in it: a trainer may stop after any update.
    """
    return sha256(
        SEED_DOMAIN
        + chain_id.to_bytes(32, "big")
        + address_bytes(model)
        + parent.to_bytes(32, "big")
        + parent_root
        + address_bytes(sender)
        + address_bytes(beneficiary)
    ).digest()


def address_bytes(address: Address) -> bytes:
    """Return the 20 bytes of an address."""
    raw = bytes.fromhex(address.removeprefix("0x"))
    assert len(raw) == 20, f"an address of 20 bytes, not {address}"
    return raw
