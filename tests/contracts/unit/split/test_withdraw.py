"""withdraw: parts become tokens of the model again, whole wei of them."""

import pytest

GRANT = 5 * 10**22
NOBODY = "0x" + "00" * 20


def test_a_withdrawal_burns_the_parts(world, model, filled):
    filled.withdraw(4, sender=world.creator)
    (event,) = filled.events()
    assert event.name == "Transfer"
    assert event.fields == {"sender": world.creator, "receiver": NOBODY, "value": 4_000}
    assert filled.balanceOf(world.creator) == filled.totalSupply() == 6_000
    assert model.balanceOf(filled.address) == 6
    assert model.balanceOf(world.creator) == GRANT - 6


def test_all_that_was_deposited_comes_back(world, model, filled):
    filled.withdraw(10, sender=world.creator)
    assert filled.totalSupply() == 0
    assert model.balanceOf(world.creator) == GRANT
    assert model.balanceOf(filled.address) == 0


def test_whoever_receives_parts_withdraws_them(world, model, filled):
    filled.transfer(world.consumer, 3_000, sender=world.creator)
    filled.withdraw(3, sender=world.consumer)
    assert model.balanceOf(world.consumer) == 3
    assert filled.balanceOf(world.creator) == filled.totalSupply() == 7_000


def test_less_than_a_wei_of_the_model_stays_and_counts_with_more(world, model, filled, refuses):
    filled.transfer(world.consumer, 1_999, sender=world.creator)
    with refuses("token: balance"):
        filled.withdraw(2, sender=world.consumer)
    filled.withdraw(1, sender=world.consumer)
    assert filled.balanceOf(world.consumer) == 999
    filled.transfer(world.consumer, 1, sender=world.creator)
    filled.withdraw(1, sender=world.consumer)
    assert filled.balanceOf(world.consumer) == 0
    assert model.balanceOf(world.consumer) == 2


@pytest.mark.parametrize("amount", [11, 2**112, 2**256 // 1_000 + 1, 2**256 - 1])
def test_more_than_the_balance_is_refused(world, filled, refuses, amount):
    with refuses("token: balance"):
        filled.withdraw(amount, sender=world.creator)


def test_others_parts_cannot_be_withdrawn(world, filled, refuses):
    with refuses("token: balance"):
        filled.withdraw(1, sender=world.attacker)
    filled.approve(world.attacker, 10_000, sender=world.creator)
    with refuses("token: balance"):
        filled.withdraw(1, sender=world.attacker)


def test_nothing_can_be_withdrawn(world, filled):
    filled.withdraw(0, sender=world.attacker)
    assert filled.totalSupply() == 10_000
