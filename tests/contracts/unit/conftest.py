"""Accounts with keys, a contract that calls, and the blueprint that a factory needs."""

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


@pytest.fixture
def wallet(world, model):
    """A contract with tokens; the attacker, who has none, tells it what to call."""
    wallet = world.harness("Hostile")
    model.transfer(wallet.address, 10**21, sender=world.creator)
    return wallet


@pytest.fixture
def by(world, wallet):
    """Call a contract through the wallet."""

    def call(contract, name, *arguments, sender=world.attacker, value=0, **named):
        data = contract.data(name, *arguments, **named)
        wallet.forward(contract.address, data, sender=sender, value=value)

    return call


@pytest.fixture
def wallet_spends(world, wallet, by, refuses):
    """See that the wallet spends what it was allowed, and not what was allowed its caller."""

    def check(token):
        token.approve(world.attacker, 7, sender=world.creator)
        with refuses("token: allowance"):
            by(token, "transferFrom", world.creator, world.consumer, 7)
        token.approve(wallet.address, 9, sender=world.creator)
        by(token, "transferFrom", world.creator, world.consumer, 7)
        assert token.allowance(world.creator, wallet.address) == 2
        assert token.allowance(world.creator, world.attacker) == 7
        assert token.balanceOf(world.consumer) == 7

    return check
