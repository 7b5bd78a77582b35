"""top_holders, weight_of: what is held through two windows, exact at any time."""

from itertools import permutations

import pytest

NOBODY = "0x" + "00" * 20
WINDOW = 150
LEAST = 5 * 10**21  # half a percent of the supply
GRANT = 5 * 10**22


def to_the_next_window(world):
    world.chain.wait(WINDOW - world.chain.now % WINDOW)


@pytest.fixture
def seated(world, model):
    """An earner, seated, at the start of a window."""
    world.earn(world.trainer, 2 * LEAST)
    model.opt_in(sender=world.trainer)
    to_the_next_window(world)
    to_the_next_window(world)
    return world.trainer


def test_nobody_sits_at_first(model):
    assert model.top_holders() == (NOBODY, NOBODY)


def test_a_holder_sits_once_a_whole_window_has_passed(world, model):
    world.earn(world.trainer)
    model.opt_in(sender=world.trainer)
    to_the_next_window(world)
    world.chain.wait(WINDOW - 1)
    assert model.weight_of(world.trainer) == 0
    assert model.top_holders() == (NOBODY, NOBODY)
    world.chain.wait(1)
    assert model.weight_of(world.trainer) == model.balanceOf(world.trainer)
    assert model.top_holders() == (world.trainer, NOBODY)


def test_what_comes_in_counts_once_a_whole_window_has_passed(world, model, seated):
    before = model.weight_of(seated)
    world.earn(world.other_trainer, 2 * GRANT)
    to_the_next_window(world)
    model.transfer(seated, 2 * GRANT, sender=world.other_trainer)
    world.chain.wait(2 * WINDOW - 1)
    assert model.weight_of(seated) == before
    world.chain.wait(1)
    assert model.weight_of(seated) == before + GRANT


def test_what_goes_out_counts_at_once(world, model, seated):
    before = model.weight_of(seated)
    model.transfer(world.consumer, 7, sender=seated)
    assert model.weight_of(seated) == before - 7


def test_what_goes_out_and_comes_back_is_missing_for_two_windows(world, model, seated):
    amount = model.balanceOf(seated)
    model.transfer(world.consumer, amount, sender=seated)
    model.transfer(seated, amount, sender=world.consumer)
    assert model.balanceOf(seated) == amount
    world.chain.wait(2 * WINDOW)
    assert model.weight_of(seated) == 0  # no longer earned, and within the grant
    assert model.top_holders() == (NOBODY, NOBODY)


def test_borrowed_tokens_give_no_seat_within_a_block(world, model):
    world.earn(world.other_trainer, 3 * GRANT)
    model.opt_in(sender=world.attacker)
    to_the_next_window(world)
    model.transfer(world.attacker, 2 * GRANT, sender=world.other_trainer)
    assert model.top_holders() == (NOBODY, NOBODY)
    model.transfer(world.other_trainer, 2 * GRANT, sender=world.attacker)
    to_the_next_window(world)
    model.transfer(world.attacker, 2 * GRANT, sender=world.other_trainer)
    assert model.top_holders() == (NOBODY, NOBODY)


def test_earned_is_clamped_to_the_balance_on_every_outflow(world, model, seated):
    amount = model.balanceOf(seated)
    model.transfer(world.consumer, amount - 5, sender=seated)
    assert model.earned_of(seated) == 5
    model.transfer(seated, amount - 5, sender=world.consumer)
    assert model.earned_of(seated) == 5
    assert model.earned_of(world.consumer) == 0


def test_a_transfer_to_oneself_loses_nothing(model, seated):
    before = (model.weight_of(seated), model.earned_of(seated), model.balanceOf(seated))
    assert model.transfer(seated, model.balanceOf(seated), sender=seated)
    assert (model.weight_of(seated), model.earned_of(seated), model.balanceOf(seated)) == before
    assert model.top_holders() == (seated, NOBODY)


def test_the_two_heaviest_sit_the_heaviest_first(world, model):
    people = (world.trainer, world.other_trainer, world.challenger, world.consumer)
    for parts, person in zip((2, 4, 3, 1), people, strict=True):
        world.earn(person, parts * LEAST)
        model.opt_in(sender=person)
    world.chain.wait(2 * WINDOW)
    assert model.top_holders() == (world.other_trainer, world.challenger)
    model.opt_out(sender=world.other_trainer)
    assert model.top_holders() == (world.challenger, world.trainer)


@pytest.mark.parametrize("order", list(permutations((4, 3, 2))), ids=str)
def test_the_two_heaviest_sit_in_whatever_order_they_came(world, model, order):
    people = (world.trainer, world.other_trainer, world.challenger)
    weights = dict(zip(people, order, strict=True))
    for person, parts in weights.items():
        world.earn(person, parts * LEAST)
        model.opt_in(sender=person)
    world.chain.wait(2 * WINDOW)
    assert model.top_holders() == tuple(sorted(people, key=weights.get, reverse=True)[:2])


def test_for_the_second_seat_too_the_lower_address_is_taken(world, model):
    lowest, middle, highest = sorted((world.trainer, world.other_trainer, world.challenger))
    world.earn(lowest, 3 * LEAST)
    for person in (middle, highest):
        world.earn(person, LEAST)
        model.transfer(world.consumer, model.balanceOf(person) - LEAST, sender=person)
    for person in (lowest, highest, middle):
        model.opt_in(sender=person)
    world.chain.wait(2 * WINDOW)
    assert model.top_holders() == (lowest, middle)


def test_bought_tokens_that_go_out_count_at_once(world, model):
    world.earn(world.other_trainer, 2 * GRANT)
    model.opt_in(sender=world.consumer)
    model.transfer(world.consumer, 2 * GRANT, sender=world.other_trainer)
    to_the_next_window(world)
    to_the_next_window(world)
    assert model.weight_of(world.consumer) == GRANT
    model.transfer(world.attacker, 7, sender=world.consumer)
    assert model.weight_of(world.consumer) == GRANT - 7
    model.transfer(world.consumer, 7, sender=world.attacker)
    assert model.weight_of(world.consumer) == GRANT - 7


def test_of_equal_weights_the_lower_address_sits_first(world, model):
    people = (world.consumer, world.other_trainer, world.trainer)
    for person in people:
        world.earn(person, LEAST)
    for person in people:
        over = model.balanceOf(person) - LEAST
        model.transfer(world.attacker, over, sender=person)
        model.opt_in(sender=person)
    world.chain.wait(2 * WINDOW)
    assert model.top_holders() == tuple(sorted(people)[:2])


def test_a_weight_of_exactly_the_least_sits_and_one_wei_less_does_not(world, model):
    world.earn(world.trainer, LEAST)
    model.opt_in(sender=world.trainer)
    model.transfer(world.consumer, model.balanceOf(world.trainer) - LEAST, sender=world.trainer)
    world.chain.wait(2 * WINDOW)
    assert model.weight_of(world.trainer) == LEAST
    assert model.top_holders() == (world.trainer, NOBODY)
    model.transfer(world.consumer, 1, sender=world.trainer)
    assert model.top_holders() == (NOBODY, NOBODY)


def test_the_least_weight_is_rounded_up(world):
    there = world.with_model(supply=10**24 + 1)
    there.earn(world.trainer, LEAST + 1)
    model = there.model
    model.opt_in(sender=world.trainer)
    over = model.balanceOf(world.trainer) - LEAST
    model.transfer(world.consumer, over, sender=world.trainer)
    assert model.roster_size() == 0


def test_the_models_own_tokens_never_sit(model):
    assert model.weight_of(model.address) == 0


def test_an_account_that_inherits_a_place_keeps_its_seat(world, model):
    for person in (world.trainer, world.other_trainer):
        world.earn(person)
        model.opt_in(sender=person)
    world.chain.wait(2 * WINDOW)
    model.opt_out(sender=world.trainer)
    assert model.top_holders() == (world.other_trainer, NOBODY)
    model.transfer(world.consumer, model.balanceOf(world.other_trainer), sender=world.other_trainer)
    assert model.roster_size() == 0
    assert model.top_holders() == (NOBODY, NOBODY)


def test_a_crowd_on_the_roster_is_ranked_within_a_block(world):
    there = world.with_model(horizon=64_000)
    model, crowd = there.model, [f"0x{number:040x}" for number in range(1_000, 1_120)]
    for number, account in enumerate(crowd):
        while model.earned_of(account) < LEAST + number % 7:
            version = model.train(
                model.head(),
                world.root(7),
                1_000,
                account,
                0,
                sender=world.trainer,
                value=model.bond_for(1_000),
            )
            world.chain.wait(100)
            model.settle(version)
        over = model.balanceOf(account) - LEAST - number % 7
        if over:
            model.transfer(world.consumer, over, sender=account)
        model.opt_in(sender=account)
    world.chain.wait(2 * WINDOW)
    assert model.roster_size() == len(crowd)
    heaviest = [account for number, account in enumerate(crowd) if number % 7 == 6]
    assert model.top_holders() == (heaviest[0], heaviest[1])
    model.propose_rollback(0, sender=heaviest[1])
    assert world.chain.evm.result.gas_used < 2_000_000
    for account in crowd[::-1]:
        model.opt_out(sender=account)
    assert model.roster_size() == 0


def test_what_is_held_beyond_the_grant_counts_from_the_grant_rounded_down(world):
    there = world.with_model(supply=10**24 + 19)
    grant = 5 * 10**22  # a twentieth, and 19 twentieths of a wei
    there.earn(world.trainer, LEAST)
    there.model.transfer(world.consumer, grant, sender=world.creator)
    there.model.transfer(world.consumer, LEAST, sender=world.trainer)
    there.model.opt_in(sender=world.consumer)
    world.chain.wait(2 * 150)
    assert there.model.weight_of(world.consumer) == LEAST
