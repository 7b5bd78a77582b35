"""transfer, transferFrom, approve: the split's own tokens move as the model's do."""

import pytest

NOBODY = "0x" + "00" * 20
INFINITE = 2**256 - 1


def test_transfer_moves_tokens(world, filled):
    assert filled.transfer(world.consumer, 1, sender=world.creator) is True
    (event,) = filled.events()
    assert event.name == "Transfer"
    assert event.fields == {"sender": world.creator, "receiver": world.consumer, "value": 1}
    assert filled.balanceOf(world.consumer) == 1
    assert filled.balanceOf(world.creator) == 9_999
    assert filled.totalSupply() == 10_000


@pytest.mark.parametrize("amount", [0, 1, 10_000])
def test_transfer_accepts_up_to_the_whole_balance(world, filled, amount):
    filled.transfer(world.consumer, amount, sender=world.creator)
    assert filled.balanceOf(world.consumer) == amount


@pytest.mark.parametrize("amount", [10_001, INFINITE])
def test_transfer_refuses_more_than_the_balance(world, filled, refuses, amount):
    with refuses("token: balance"):
        filled.transfer(world.consumer, amount, sender=world.creator)


def test_a_transfer_to_oneself_changes_nothing(world, filled):
    filled.transfer(world.creator, 10_000, sender=world.creator)
    assert filled.balanceOf(world.creator) == filled.totalSupply() == 10_000


def test_a_transfer_to_oneself_needs_the_balance(world, filled, refuses):
    with refuses("token: balance"):
        filled.transfer(world.consumer, 1, sender=world.consumer)


@pytest.mark.parametrize("where", ["nobody", "split", "model"])
def test_who_could_not_give_them_back_receives_none(world, model, filled, refuses, where):
    receiver = {"nobody": NOBODY, "split": filled.address, "model": model.address}[where]
    filled.approve(world.consumer, 1, sender=world.creator)
    with refuses("token: receiver"):
        filled.transfer(receiver, 1, sender=world.creator)
    with refuses("token: receiver"):
        filled.transferFrom(world.creator, receiver, 1, sender=world.consumer)


@pytest.mark.parametrize("amount", [0, 1, INFINITE])
def test_approve_sets_the_allowance(world, split, amount):
    split.approve(world.consumer, 5, sender=world.creator)
    assert split.approve(world.consumer, amount, sender=world.creator) is True
    (event,) = split.events()
    assert event.name == "Approval"
    assert event.fields == {"owner": world.creator, "spender": world.consumer, "value": amount}
    assert split.allowance(world.creator, world.consumer) == amount
    assert split.allowance(world.consumer, world.creator) == 0


def test_transfer_from_uses_up_the_allowance(world, filled):
    filled.approve(world.consumer, 10, sender=world.creator)
    assert filled.transferFrom(world.creator, world.trainer, 4, sender=world.consumer) is True
    assert [event.name for event in filled.events()] == ["Transfer"]
    assert filled.allowance(world.creator, world.consumer) == 6
    assert filled.balanceOf(world.trainer) == 4
    filled.transferFrom(world.creator, world.trainer, 6, sender=world.consumer)
    assert filled.allowance(world.creator, world.consumer) == 0


@pytest.mark.parametrize(("allowed", "left"), [(INFINITE, INFINITE), (INFINITE - 1, INFINITE - 5)])
def test_only_an_infinite_allowance_never_runs_out(world, filled, allowed, left):
    filled.approve(world.consumer, allowed, sender=world.creator)
    filled.transferFrom(world.creator, world.trainer, 4, sender=world.consumer)
    assert filled.allowance(world.creator, world.consumer) == left


@pytest.mark.parametrize("amount", [11, INFINITE])
def test_transfer_from_refuses_more_than_the_allowance(world, filled, refuses, amount):
    filled.approve(world.consumer, 10, sender=world.creator)
    with refuses("token: allowance"):
        filled.transferFrom(world.creator, world.trainer, amount, sender=world.consumer)


def test_transfer_from_refuses_more_than_the_balance(world, filled, refuses):
    filled.approve(world.consumer, INFINITE, sender=world.trainer)
    with refuses("token: balance"):
        filled.transferFrom(world.trainer, world.consumer, 1, sender=world.consumer)


def test_the_owner_too_needs_an_allowance(world, filled, refuses):
    with refuses("token: allowance"):
        filled.transferFrom(world.creator, world.trainer, 1, sender=world.creator)


def test_an_allowance_of_the_model_is_none_of_the_split(world, model, filled, refuses):
    model.approve(world.consumer, 10, sender=world.creator)
    with refuses("token: allowance"):
        filled.transferFrom(world.creator, world.consumer, 1, sender=world.consumer)
