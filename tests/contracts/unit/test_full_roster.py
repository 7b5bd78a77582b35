"""The roster at its bound: 199 accounts of half a percent each, and what calls cost beside them."""

import pytest

LEAST = 5 * 10**21  # half a percent of the supply
SEATS = 199
COLD = 2_000  # what the first read of a word costs more on a chain; here every word is warm
WORDS = 3  # that top_holders reads of each account
BLOCK = 30_000_000  # gas


def claim(world, account, updates=1):
    """Let an account earn one claim's reward."""
    model = world.model
    bond = model.bond_for(updates)
    parent, root = model.head(), world.root(7)
    version = model.train(parent, root, updates, account, 0, sender=world.trainer, value=bond)
    world.chain.wait(1)
    assert model.settle(version)
    return world.chain.evm.result.gas_used


@pytest.fixture
def full(world):
    """A model of which 199 accounts hold half a percent each, and the reserve the last one."""
    there = world.with_model(horizon=64, max_updates=1, challenge_window=1, rollback_window=1)
    there.crowd = [f"0x{number:040x}" for number in range(1_000, 1_000 + SEATS)]
    model = there.model
    model.transfer(model.address, model.balanceOf(there.creator), sender=there.creator)
    for account in there.crowd:
        model.opt_in(sender=account)
        while model.earned_of(account) < LEAST:
            claim(there, account)
        model.transfer(model.address, model.balanceOf(account) - LEAST, sender=account)
    there.chain.wait(2)
    return there


def gas_of(world, call, *arguments, **named):
    """What a call costs that reads the whole roster for the first time."""
    call(*arguments, **named)
    return world.chain.evm.result.gas_used + SEATS * WORDS * COLD


def test_all_199_seats_of_the_roster_can_be_taken(full):
    model = full.model
    assert model.roster_size() == SEATS
    assert [model.roster(place) for place in range(1, SEATS + 1)] == full.crowd
    assert model.top_holders() == (full.crowd[0], full.crowd[1])
    assert model.reserve() == LEAST
    assert all(model.weight_of(account) == LEAST for account in full.crowd)


def test_a_200th_account_falls_short_of_half_a_percent_whatever_it_earns(full):
    model, last = full.model, full.consumer
    model.opt_in(sender=last)
    while model.reward_for(1):
        claim(full, last)
    assert model.roster_size() == SEATS
    assert 0 < LEAST - model.earned_of(last) == model.reserve() < 100


def test_half_a_percent_from_another_seat_makes_room_for_one(full):
    model, last = full.model, full.consumer
    model.opt_in(sender=last)
    for _ in range(300):
        claim(full, last)
    model.transfer(model.address, LEAST, sender=full.crowd[3])
    assert model.roster_size() == SEATS - 1
    while model.earned_of(last) < LEAST:
        claim(full, last)
    assert model.roster_size() == SEATS
    assert model.roster(SEATS) == last


def test_what_reads_the_full_roster_takes_less_than_a_tenth_of_a_block(full):
    model, second = full.model, full.crowd[1]
    gas = {
        "top_holders": gas_of(full, model.top_holders),
        "propose_rollback": gas_of(full, model.propose_rollback, 0, sender=second),
        "rollback_score": gas_of(full, model.rollback_score, 1),
    }
    full.chain.wait(1)
    gas["execute_rollback"] = gas_of(full, model.execute_rollback, 1)
    assert min(gas.values()) > 1_000_000  # the roster was read
    assert max(gas.values()) < BLOCK // 10


def test_a_full_roster_makes_no_other_call_dearer(full, world):
    few = world.with_model(horizon=64, max_updates=1, challenge_window=1, rollback_window=1)
    for account in full.crowd[:3]:
        few.model.opt_in(sender=account)
        claim(few, account)
    first, second, third = full.crowd[:3]
    settled = claim(full, third)
    assert abs(settled - claim(few, third)) < 500  # the integers of the curve differ
    calls = (
        lambda: full.model.transfer(second, 1, sender=first),  # the last takes its place
        lambda: full.model.vote_rollback(full.model.propose_rollback(0, sender=second), 1),
        lambda: full.model.opt_out(sender=second),
        lambda: full.model.opt_in(sender=second),
    )
    for call in calls:
        call()
        assert full.chain.evm.result.gas_used < 60_000
