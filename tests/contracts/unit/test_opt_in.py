"""opt_in, opt_out: a right to a holder's seat, and the roster of those who may sit."""

import pytest

WINDOW = 150
LEAST = 5 * 10**21  # half a percent of the supply
GRANT = 5 * 10**22


def seats(model):
    return [model.roster(place) for place in range(1, model.roster_size() + 1)]


def test_a_right_without_the_weight_stands_on_no_roster(world, model):
    model.transfer(world.trainer, 10, sender=world.creator)
    model.opt_in(sender=world.trainer)
    (event,) = model.events()
    assert (event.name, event.fields) == ("OptedIn", {"account": world.trainer})
    assert model.has_opted_in(world.trainer)
    assert seats(model) == []


def test_a_right_is_switched_on_once(world, model, refuses):
    model.opt_in(sender=world.trainer)
    with refuses("opt_in: already"):
        model.opt_in(sender=world.trainer)


def test_the_creator_has_a_seat_of_his_own(world, model, refuses):
    with refuses("opt_in: creator"):
        model.opt_in(sender=world.creator)


def test_a_right_is_switched_off_and_on_again(world, model, refuses):
    world.earn(world.trainer)
    model.opt_in(sender=world.trainer)
    assert seats(model) == [world.trainer]
    model.opt_out(sender=world.trainer)
    (event,) = model.events()
    assert (event.name, event.fields) == ("OptedOut", {"account": world.trainer})
    assert not model.has_opted_in(world.trainer)
    assert seats(model) == []
    with refuses("opt_out: already"):
        model.opt_out(sender=world.trainer)
    model.opt_in(sender=world.trainer)
    assert seats(model) == [world.trainer]


def test_a_reward_puts_an_account_that_opted_in_on_the_roster(world, model):
    model.opt_in(sender=world.trainer)
    assert seats(model) == []
    world.earn(world.trainer)
    assert seats(model) == [world.trainer]


def test_spending_below_the_weight_takes_it_off_again(world, model):
    world.earn(world.trainer)
    model.opt_in(sender=world.trainer)
    over = model.balanceOf(world.trainer) - LEAST
    model.transfer(world.consumer, over, sender=world.trainer)
    assert seats(model) == [world.trainer]
    model.transfer(world.consumer, 1, sender=world.trainer)
    assert seats(model) == []
    assert model.has_opted_in(world.trainer)


def test_tokens_that_were_bought_count_beyond_the_grant(world, model):
    world.earn(world.other_trainer, LEAST)
    model.opt_in(sender=world.consumer)
    model.transfer(world.consumer, GRANT, sender=world.creator)
    model.transfer(world.consumer, LEAST - 1, sender=world.other_trainer)
    assert seats(model) == []
    model.transfer(world.consumer, 1, sender=world.other_trainer)
    assert seats(model) == [world.consumer]


def test_both_sides_of_a_transfer_may_change_the_roster(world, model):
    for person in (world.trainer, world.other_trainer):
        world.earn(person, 2 * LEAST)
    world.earn(world.attacker, GRANT)
    for person in (world.trainer, world.other_trainer, world.consumer):
        model.opt_in(sender=person)
    model.transfer(world.consumer, GRANT, sender=world.attacker)
    everything = model.balanceOf(world.trainer)
    model.transfer(world.consumer, everything, sender=world.trainer)
    assert seats(model) == [world.other_trainer, world.consumer]


def test_the_grant_split_over_fresh_accounts_seats_nobody(world, model):
    fresh = ["0x" + f"{n:02x}" * 20 for n in range(1, 7)]
    for account in fresh:
        model.transfer(account, GRANT // 6, sender=world.creator)
        model.opt_in(sender=account)
    world.chain.wait(2 * WINDOW)
    assert seats(model) == []
    assert model.top_holders() == ("0x" + "00" * 20,) * 2


@pytest.mark.parametrize("account", ["0x" + "00" * 20, "0x" + "ff" * 20])
def test_an_unknown_account_weighs_nothing(model, account):
    assert model.weight_of(account) == model.earned_of(account) == 0
    assert not model.has_opted_in(account)
