"""Coin forced into the model without a call: it stays, and changes nothing of what is owed."""

import pytest

FORCED = 10**18


@pytest.fixture
def rich(world, model):
    """A model that was given coin by a contract that ended: nobody can refuse that."""
    end = b"\x73" + bytes.fromhex(model.address[2:]) + b"\xff"  # PUSH20, SELFDESTRUCT
    world.chain.evm.deploy(world.attacker, end, value=FORCED)
    assert model.coin == FORCED
    return model


def test_forced_coin_is_nobodys(world, rich, refuses):
    assert rich.burned() == 0
    for person in (world.creator, world.attacker):
        assert rich.credit_of(person) == 0
        with refuses("withdraw: nothing"):
            rich.withdraw(sender=person)


def test_whoever_is_owed_takes_no_more_because_of_forced_coin(world, rich):
    version = world.train(0)
    world.rule(version, world.challenge(version), refuted=True)
    assert rich.withdraw(sender=world.challenger) == 1_700 + 850
    assert rich.burned() == 850
    assert rich.coin == FORCED + 850


def test_forced_coin_is_not_taken_for_a_bond(world, rich, refuses):
    with refuses("train: bond"):
        rich.train(0, world.root(7), 1, world.trainer, 0, sender=world.trainer)
    version = world.train(0, 1)
    with refuses("challenge: bond"):
        rich.challenge(version, world.root(8), sender=world.challenger)
