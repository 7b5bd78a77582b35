"""Accounts with keys, and the blueprint that a factory needs."""

import pytest
from signing import Signer


@pytest.fixture
def owner(world):
    """An account with a key, and some of the creator's tokens."""
    signer = Signer("0x" + "01" * 32)
    world.model.transfer(signer.address, 10**21, sender=world.creator)
    return signer


@pytest.fixture
def stranger():
    return Signer("0x" + "02" * 32)


@pytest.fixture
def blueprint(world, load):
    """Where the code of models stands (ERC-5202)."""
    _, bytecode = load("Model")
    code = b"\xfe\x71\x00" + bytes.fromhex(bytecode.removeprefix("0x"))
    return world.chain.put(code, sender=world.attacker)
