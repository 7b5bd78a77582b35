"""settle: a claim that stood is paid, and head moves."""

import pytest


def test_settle_pays_the_beneficiary_and_returns_the_bond(world, model):
    bond = model.bond_for(100)
    model.train(0, world.root(7), 100, world.consumer, 0, sender=world.trainer, value=bond)
    world.chain.wait(100)
    reward = model.reward_for(100)
    assert reward == 94_995_250_158_329_375_079
    reserve = model.reserve()
    assert model.settle(1, sender=world.attacker)
    assert model.balanceOf(world.consumer) == reward
    assert model.reserve() == reserve - reward
    assert model.credit_of(world.trainer) == bond
    assert model.version(1)["status"] == 3
    assert model.version(0)["next"] == 1
    assert model.head() == 1


def test_settle_logs_the_payment_and_the_reserve_left(world, model):
    version = world.train(0)
    world.chain.wait(100)
    model.settle(version)
    transfer, settled = model.events()
    assert transfer.name == "Transfer"
    assert transfer.fields == {
        "sender": model.address,
        "receiver": world.trainer,
        "value": 94_995_250_158_329_375_079,
    }
    assert settled.name == "Settled"
    assert settled.fields == {
        "version": 1,
        "beneficiary": world.trainer,
        "reward": 94_995_250_158_329_375_079,
        "reserve": model.reserve(),
    }


def test_the_reward_comes_from_the_reserve_at_settlement(world, model):
    version = world.train(0)
    quoted = model.reward_for(100)
    model.transfer(model.address, 10**22, sender=world.creator)
    world.chain.wait(100)
    model.settle(version)
    assert model.balanceOf(world.trainer) > quoted


def test_the_forecast_of_a_chain_is_what_it_is_paid(world, model):
    world.train(0, 700)
    quote = model.quote_after(1, 300)
    world.train(1, 300, sender=world.other_trainer)
    world.chain.wait(100)
    model.settle(1)
    model.settle(2)
    assert model.balanceOf(world.other_trainer) == quote


def test_settle_waits_for_the_challenge_window(world, model, refuses):
    version = world.train(0)
    world.chain.wait(99)
    with refuses("settle: window"):
        model.settle(version)
    world.chain.wait(1)
    assert model.settle(version)


def test_settle_waits_for_every_game(world, model, refuses):
    version = world.train(0)
    world.challenge(version)
    world.challenge(version)
    world.rule(version, 1, refuted=False)
    world.chain.wait(100)
    with refuses("settle: open game"):
        model.settle(version)
    world.rule(version, 2, refuted=False)
    assert model.settle(version)
    assert model.version(version)["status"] == 3


def test_settle_waits_for_the_parent(world, model, refuses):
    world.train(0)
    world.train(1)
    world.chain.wait(100)
    with refuses("settle: parent"):
        model.settle(2)
    model.settle(1)
    assert model.settle(2)
    assert model.head() == 2


def test_settle_waits_for_a_live_rival(world, model, refuses):
    version = world.train(0)
    world.challenge(version)
    beside = world.train(0, sender=world.other_trainer)
    world.chain.wait(100)
    with refuses("settle: live rival"):
        model.settle(beside)
    world.rule(version, 1, refuted=True)
    assert model.settle(beside)
    assert model.balanceOf(world.trainer) == 0


def test_settle_refuses_beside_a_settled_rival(world, model, refuses):
    version = world.train(0)
    world.challenge(version)
    beside = world.train(0)
    world.rule(version, 1, refuted=False)
    world.chain.wait(100)
    model.settle(version)
    with refuses("settle: rival settled"):
        model.settle(beside)


def test_settle_happens_once(world, model, refuses):
    version = world.settled(0)
    with refuses("settle: decided"):
        model.settle(version)


def test_settle_refuses_genesis_and_the_dead(world, model, refuses):
    version = world.train(0)
    world.rule(version, world.challenge(version), refuted=True)
    world.chain.wait(100)
    for decided in (0, version):
        with refuses("settle: decided"):
            model.settle(decided)


@pytest.mark.parametrize("version", [1, 2**40, 2**256 - 1])
def test_settle_refuses_an_unknown_version(model, refuses, version):
    with refuses("settle: unknown version"):
        model.settle(version)


def rivals(world, count):
    """So many versions side by side, each challenged, then one more that nobody doubts."""
    for number in range(1, count + 1):
        assert world.train(0) == number
        world.challenge(number)
    last = world.train(0, sender=world.other_trainer)
    for number in range(1, count + 1):
        world.rule(number, 1, refuted=True)
    world.chain.wait(100)
    return last


@pytest.mark.parametrize("count", [1, 7, 8])
def test_up_to_eight_dead_rivals_are_skipped_in_one_call(world, model, count):
    last = rivals(world, count)
    assert model.settle(last)
    assert model.head() == last


def test_the_ninth_dead_rival_takes_a_second_call(world, model):
    last = rivals(world, 9)
    assert model.version(last)["rival"] == 9
    assert not model.settle(last)
    assert model.events() == []
    assert model.version(last)["rival"] == 1
    assert model.version(last)["status"] == 1
    assert model.credit_of(world.other_trainer) == 0
    assert model.settle(last)
    assert model.head() == last


def test_pending_work_of_an_old_line_is_paid_without_moving_head(world, model):
    first = world.settled(0)
    pending = world.train(first, sender=world.other_trainer)
    grandchild = world.train(pending, sender=world.other_trainer)
    appended = world.rolled_back(0)
    world.chain.wait(100)
    assert model.settle(pending)
    assert model.settle(grandchild)
    assert model.head() == appended
    assert model.balanceOf(world.other_trainer) > 0
    assert model.version(first)["next"] == pending


def test_an_empty_reserve_pays_nothing_and_still_settles(world):
    there = world.with_model(supply=10**24, horizon=64, max_updates=1)
    for _ in range(4_200):
        version = there.train(there.model.head(), 1)
        there.chain.wait(100)
        there.model.settle(version)
    assert there.model.reward_for(1) == 0
    assert there.model.reserve() < 100
    assert there.model.price_for(1) == 1
