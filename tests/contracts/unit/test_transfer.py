"""transfer: tokens move, none is made or lost."""

import pytest

NOBODY = "0x" + "00" * 20
GRANT = 5 * 10**22


def test_transfer_moves_tokens(world, model):
    assert model.transfer(world.consumer, 10, sender=world.creator) is True
    (event,) = model.events()
    assert event.name == "Transfer"
    assert event.fields == {"sender": world.creator, "receiver": world.consumer, "value": 10}
    assert model.balanceOf(world.consumer) == 10
    assert model.balanceOf(world.creator) == GRANT - 10


@pytest.mark.parametrize("amount", [0, 1, GRANT])
def test_transfer_accepts_up_to_the_whole_balance(world, model, amount):
    model.transfer(world.consumer, amount, sender=world.creator)
    assert model.balanceOf(world.consumer) == amount


@pytest.mark.parametrize("amount", [GRANT + 1, 2**256 - 1])
def test_transfer_refuses_more_than_the_balance(world, model, refuses, amount):
    with refuses("token: balance"):
        model.transfer(world.consumer, amount, sender=world.creator)


def test_transfer_refuses_the_zero_address(world, model, refuses):
    with refuses("token: receiver"):
        model.transfer(NOBODY, 1, sender=world.creator)


def test_a_transfer_to_oneself_changes_nothing(world, model):
    model.transfer(world.creator, GRANT, sender=world.creator)
    assert model.balanceOf(world.creator) == GRANT


def test_a_transfer_to_oneself_needs_the_balance(world, model, refuses):
    with refuses("token: balance"):
        model.transfer(world.consumer, 1, sender=world.consumer)


def test_a_transfer_to_the_model_funds_it(world, model):
    reserve = model.reserve()
    model.transfer(model.address, 7, sender=world.creator)
    assert model.reserve() == reserve + 7 == model.balanceOf(model.address)
