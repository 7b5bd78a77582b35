"""Accounts with keys."""

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
