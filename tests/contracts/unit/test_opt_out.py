"""opt_out: the right to a holder's seat is given up, at once, and with nothing lost."""

import pytest

WINDOW = 150
NOBODY = "0x" + "00" * 20


def seats(model):
    return [model.roster(place) for place in range(1, model.roster_size() + 1)]


def test_switching_off_keeps_what_was_earned(world, model):
    world.earn(world.trainer)
    earned = model.earned_of(world.trainer)
    model.opt_in(sender=world.trainer)
    model.opt_out(sender=world.trainer)
    assert model.earned_of(world.trainer) == earned == model.balanceOf(world.trainer)


def test_the_last_on_the_roster_takes_a_place_that_is_freed(world, model):
    people = (world.trainer, world.other_trainer, world.consumer)
    for person in people:
        world.earn(person)
        model.opt_in(sender=person)
    assert seats(model) == list(people)
    model.opt_out(sender=world.trainer)
    assert seats(model) == [world.consumer, world.other_trainer]
    assert model.roster(3) == NOBODY
    model.opt_out(sender=world.other_trainer)
    model.opt_out(sender=world.consumer)
    assert seats(model) == []


def test_an_account_that_took_anothers_place_leaves_it_again(world, model):
    people = (world.trainer, world.other_trainer, world.consumer)
    for person in people:
        world.earn(person)
        model.opt_in(sender=person)
    model.opt_out(sender=world.trainer)
    model.opt_out(sender=world.consumer)  # from the first place, not from its old one
    assert seats(model) == [world.other_trainer]


def test_a_right_that_was_never_switched_on_is_not_switched_off(world, model, refuses):
    for person in (world.trainer, world.creator):
        with refuses("opt_out: already"):
            model.opt_out(sender=person)


def test_a_seat_is_given_up_at_once(world, model):
    world.seat(world.trainer)
    assert model.top_holders() == (world.trainer, NOBODY)
    model.opt_out(sender=world.trainer)
    assert model.top_holders() == (NOBODY, NOBODY)
    assert model.weight_of(world.trainer) == 0


def test_who_switches_on_again_waits_as_if_for_the_first_time(world, model):
    world.seat(world.trainer)
    model.opt_out(sender=world.trainer)
    model.opt_in(sender=world.trainer)
    assert seats(model) == [world.trainer]
    assert model.weight_of(world.trainer) == 0
    world.chain.wait(2 * WINDOW)
    assert model.top_holders() == (world.trainer, NOBODY)


@pytest.mark.parametrize("light", [True, False])
def test_an_account_without_a_place_gives_up_its_right_too(world, model, light):
    model.opt_in(sender=world.trainer)
    if light:
        model.transfer(world.trainer, 5, sender=world.creator)
    model.opt_out(sender=world.trainer)
    assert not model.has_opted_in(world.trainer)
    assert model.roster_size() == 0


def test_votes_of_who_gave_up_his_seat_count_nothing(world, model):
    world.seat(world.trainer)
    model.propose_rollback(0, sender=world.trainer)
    assert model.rollback_score(1) == 2
    model.opt_out(sender=world.trainer)
    assert model.rollback_score(1) == 0
