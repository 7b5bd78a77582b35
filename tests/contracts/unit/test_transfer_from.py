"""transferFrom: another's tokens move within the allowance it gave."""

import pytest

NOBODY = "0x" + "00" * 20
INFINITE = 2**256 - 1


def test_transfer_from_uses_up_the_allowance(world, model):
    model.approve(world.consumer, 10, sender=world.creator)
    assert model.transferFrom(world.creator, world.trainer, 4, sender=world.consumer) is True
    assert [event.name for event in model.events()] == ["Transfer"]
    assert model.allowance(world.creator, world.consumer) == 6
    assert model.balanceOf(world.trainer) == 4
    model.transferFrom(world.creator, world.trainer, 6, sender=world.consumer)
    assert model.allowance(world.creator, world.consumer) == 0


def test_an_infinite_allowance_never_runs_out(world, model):
    model.approve(world.consumer, INFINITE, sender=world.creator)
    model.transferFrom(world.creator, world.trainer, 4, sender=world.consumer)
    assert model.allowance(world.creator, world.consumer) == INFINITE


def test_an_allowance_one_below_infinite_shrinks(world, model):
    model.approve(world.consumer, INFINITE - 1, sender=world.creator)
    model.transferFrom(world.creator, world.trainer, 4, sender=world.consumer)
    assert model.allowance(world.creator, world.consumer) == INFINITE - 5


@pytest.mark.parametrize("amount", [11, INFINITE])
def test_transfer_from_refuses_more_than_the_allowance(world, model, refuses, amount):
    model.approve(world.consumer, 10, sender=world.creator)
    with refuses("token: allowance"):
        model.transferFrom(world.creator, world.trainer, amount, sender=world.consumer)


def test_nobody_moves_the_reserve(world, model, refuses):
    with refuses("token: allowance"):
        model.transferFrom(model.address, world.attacker, 1, sender=world.attacker)


def test_the_owner_too_needs_an_allowance(world, model, refuses):
    with refuses("token: allowance"):
        model.transferFrom(world.creator, world.trainer, 1, sender=world.creator)


def test_transfer_from_refuses_more_than_the_balance(world, model, refuses):
    model.approve(world.consumer, INFINITE, sender=world.trainer)
    with refuses("token: balance"):
        model.transferFrom(world.trainer, world.consumer, 1, sender=world.consumer)


def test_transfer_from_refuses_the_zero_address(world, model, refuses):
    model.approve(world.consumer, 10, sender=world.creator)
    with refuses("token: receiver"):
        model.transferFrom(world.creator, NOBODY, 1, sender=world.consumer)
