"""deposit: tokens of the model become their parts, within the allowance."""

import pytest

GRANT = 5 * 10**22
INFINITE = 2**256 - 1


def test_a_deposit_becomes_its_parts(world, model, split):
    model.approve(split.address, 10, sender=world.creator)
    split.deposit(7, sender=world.creator)
    (event,) = split.events()
    assert event.name == "Transfer"
    fields = {"sender": "0x" + "00" * 20, "receiver": world.creator, "value": 7_000}
    assert event.fields == fields
    assert split.balanceOf(world.creator) == split.totalSupply() == 7_000
    assert model.balanceOf(split.address) == 7
    assert model.balanceOf(world.creator) == GRANT - 7
    assert model.allowance(world.creator, split.address) == 3


def test_deposits_add_up(world, model, filled):
    model.transfer(world.consumer, 5, sender=world.creator)
    model.approve(filled.address, 5, sender=world.consumer)
    filled.deposit(2, sender=world.consumer)
    filled.deposit(3, sender=world.consumer)
    assert filled.balanceOf(world.consumer) == 5_000
    assert filled.balanceOf(world.creator) == 10_000
    assert filled.totalSupply() == 15_000


@pytest.mark.parametrize("parts", [2, 10**18])
def test_the_whole_grant_can_be_deposited(world, model, deploy, parts):
    split = deploy(parts)
    model.approve(split.address, INFINITE, sender=world.creator)
    split.deposit(GRANT, sender=world.creator)
    assert split.balanceOf(world.creator) == GRANT * parts
    assert model.balanceOf(world.creator) == 0


def test_the_largest_supply_of_a_model_fits_in_the_most_parts(world, deploy):
    model = world.deploy(supply=2**112 - 1)
    held = model.balanceOf(world.creator)
    split = deploy(10**18, model=model.address)
    model.approve(split.address, held, sender=world.creator)
    split.deposit(held, sender=world.creator)
    assert split.totalSupply() == held * 10**18
    split.withdraw(held, sender=world.creator)
    assert model.balanceOf(world.creator) == held


def test_nothing_can_be_deposited(world, split):
    split.deposit(0, sender=world.consumer)
    assert split.totalSupply() == 0


@pytest.mark.parametrize("amount", [11, 2**112 - 1])
def test_a_deposit_needs_the_allowance(world, model, split, refuses, amount):
    model.approve(split.address, 10, sender=world.creator)
    with refuses("token: allowance"):
        split.deposit(amount, sender=world.creator)
    assert split.totalSupply() == 0


@pytest.mark.parametrize("amount", [GRANT + 1, 2**112 - 1])
def test_a_deposit_needs_the_balance(world, model, split, refuses, amount):
    model.approve(split.address, INFINITE, sender=world.creator)
    with refuses("token: balance"):
        split.deposit(amount, sender=world.creator)


@pytest.mark.parametrize("amount", [2**112, 2**255, INFINITE])
def test_more_than_any_model_has_is_refused(world, model, split, refuses, amount):
    model.approve(split.address, INFINITE, sender=world.creator)
    with refuses("deposit: amount"):
        split.deposit(amount, sender=world.creator)


def test_what_is_sent_straight_to_a_split_belongs_to_nobody(world, model, filled, refuses):
    model.transfer(filled.address, 100, sender=world.creator)
    assert filled.totalSupply() == 10_000
    with refuses("token: balance"):
        filled.withdraw(11, sender=world.creator)
    with refuses("token: balance"):
        filled.withdraw(1, sender=world.attacker)
    filled.withdraw(10, sender=world.creator)
    assert model.balanceOf(filled.address) == 100


def test_a_donation_changes_no_later_deposit(world, model, filled):
    model.transfer(filled.address, 10**20, sender=world.creator)
    model.transfer(world.consumer, 1, sender=world.creator)
    model.approve(filled.address, 1, sender=world.consumer)
    filled.deposit(1, sender=world.consumer)
    assert filled.balanceOf(world.consumer) == 1_000


def test_two_splits_of_a_model_know_nothing_of_each_other(world, model, filled, deploy, refuses):
    other = deploy(10)
    model.approve(other.address, 4, sender=world.creator)
    other.deposit(4, sender=world.creator)
    assert (other.totalSupply(), filled.totalSupply()) == (40, 10_000)
    with refuses("token: balance"):
        other.withdraw(5, sender=world.creator)


def test_deposited_tokens_count_for_no_seat(world, model, split):
    world.seat(world.trainer)
    assert model.top_holders()[0] == world.trainer
    held = model.balanceOf(world.trainer)
    model.approve(split.address, held, sender=world.trainer)
    split.deposit(held, sender=world.trainer)
    assert model.weight_of(world.trainer) == model.weight_of(split.address) == 0
    assert set(model.top_holders()) == {"0x" + "00" * 20}
    assert model.earned_of(world.trainer) == 0
