"""train: a claim enters the tree with its bond, or is refused with a reason."""

import pytest

NOBODY = "0x" + "00" * 20


def test_train_stores_the_claim(world, model):
    first = world.train(0, 100)
    world.chain.wait(3)
    bond = model.bond_for(250)
    version = model.train(
        first, world.root(9), 250, world.consumer, 0, sender=world.trainer, value=bond
    )
    assert version == 2
    assert model.version_count() == 3
    assert model.version(2) == {
        "parent": 1,
        "root": world.root(9),
        "line": 0,
        "sender": world.trainer,
        "beneficiary": world.consumer,
        "updates": 250,
        "total_updates": 350,
        "bond": 2_750,
        "submitted_at": 1_000_000_003,
        "games": 0,
        "games_opened": 0,
        "child": 0,
        "next": 0,
        "rival": 0,
        "status": 1,
        "timed_out": False,
    }
    assert model.version(1)["child"] == 2


def test_train_logs_trained(world, model):
    model.train(0, world.root(9), 2, world.consumer, 0, sender=world.trainer, value=1_014)
    (event,) = model.events()
    assert event.name == "Trained"
    assert event.fields == {
        "version": 1,
        "parent": 0,
        "sender": world.trainer,
        "beneficiary": world.consumer,
        "root": world.root(9),
        "updates": 2,
        "bond": 1_014,
    }


def test_train_moves_no_token_and_keeps_the_bond(world, model):
    before = model.reserve()
    world.train(0, 10)
    assert model.reserve() == before
    assert model.coin == 1_070


def test_any_key_may_send_a_claim_for_another(world, model):
    model.train(0, world.root(2), 1, world.consumer, 0, sender=world.attacker, value=1_007)
    assert model.version(1)["sender"] == world.attacker
    assert model.version(1)["beneficiary"] == world.consumer


@pytest.mark.parametrize("updates", [1, 1_000])
def test_train_accepts_updates_at_its_bounds(world, model, updates):
    version = world.train(0, updates)
    assert model.version(version)["updates"] == updates


@pytest.mark.parametrize("updates", [0, 1_001, 2**256 - 1])
def test_train_refuses_updates_out_of_bounds(world, model, refuses, updates):
    with refuses("train: updates"):
        model.train(0, world.root(2), updates, world.trainer, 0, sender=world.trainer, value=1)


@pytest.mark.parametrize("who", ["nobody", "the model"])
def test_train_refuses_a_beneficiary_that_cannot_be_paid(world, model, refuses, who):
    beneficiary = NOBODY if who == "nobody" else model.address
    with refuses("train: beneficiary"):
        model.train(0, world.root(2), 1, beneficiary, 0, sender=world.trainer, value=1_007)


@pytest.mark.parametrize("bond", [0, 1, 1_006, 1_008])
def test_train_refuses_a_bond_that_is_not_exact(world, model, refuses, bond):
    with refuses("train: bond"):
        model.train(0, world.root(2), 1, world.trainer, 0, sender=world.trainer, value=bond)


@pytest.mark.parametrize("parent", [1, 2, 2**40, 2**256 - 1])
def test_train_refuses_an_unknown_parent(world, refuses, parent):
    with refuses("train: unknown parent"):
        world.train(parent)


def test_train_refuses_a_parent_with_a_pending_child(world, refuses):
    world.train(0)
    with refuses("train: stale parent"):
        world.train(0)


def test_train_refuses_a_parent_with_a_settled_child(world, refuses):
    world.settled(0)
    with refuses("train: stale parent"):
        world.train(0)


def test_train_refuses_a_parent_whose_settled_child_is_not_its_latest(world, model, refuses):
    older = world.train(0)
    game = world.challenge(older)
    world.train(0, sender=world.other_trainer)
    world.challenge(2)
    world.rule(older, game, refuted=False)
    world.rule(2, 1, refuted=True)
    world.chain.wait(100)
    assert model.settle(older)
    with refuses("train: stale parent"):
        world.train(0)


def test_train_refuses_a_refuted_parent(world, refuses):
    version = world.train(0)
    world.rule(version, world.challenge(version), refuted=True)
    with refuses("train: dead parent"):
        world.train(version)


def test_train_refuses_a_void_parent(world, model, refuses):
    version = world.train(0)
    child = world.train(version)
    world.rule(version, world.challenge(version), refuted=True)
    model.void(child)
    with refuses("train: dead parent"):
        world.train(child)


def test_train_refuses_a_parent_of_an_old_line(world, refuses):
    pending = world.train(0)
    world.rolled_back(0)
    for parent in (0, pending):
        with refuses("train: stale parent"):
            world.train(parent)


def test_train_goes_on_beside_a_challenged_version_which_becomes_its_rival(world, model):
    challenged = world.train(0)
    world.challenge(challenged)
    beside = world.train(0)
    assert model.version(beside)["rival"] == challenged
    assert model.version(0)["child"] == beside


def test_train_goes_on_top_of_a_challenged_version(world, model):
    challenged = world.train(0)
    world.challenge(challenged)
    assert model.version(world.train(challenged))["parent"] == challenged


def test_train_beside_a_dead_version_inherits_its_rival(world, model):
    first = world.train(0)
    world.challenge(first)
    second = world.train(0)
    world.rule(second, world.challenge(second), refuted=True)
    third = world.train(0)
    assert model.version(third)["rival"] == first


def test_train_beside_a_dead_version_without_rival_has_none(world, model):
    first = world.train(0)
    world.rule(first, world.challenge(first), refuted=True)
    assert model.version(world.train(0))["rival"] == 0


def test_train_accepts_a_forecast_that_is_exactly_min_reward(world, model):
    world.train(0, 500)
    quote = model.quote_after(1, 100)
    model.train(1, world.root(3), 100, world.trainer, quote, sender=world.trainer, value=1_700)
    assert model.version_count() == 3


def test_train_refuses_a_forecast_one_wei_below_min_reward(world, model, refuses):
    world.train(0, 500)
    quote = model.quote_after(1, 100)
    with refuses("train: min_reward"):
        model.train(
            1, world.root(3), 100, world.trainer, quote + 1, sender=world.trainer, value=1_700
        )
    assert quote < model.quote_after(0, 100)


def test_a_root_of_zeros_is_a_root_like_any_other(world, model):
    version = world.train(0, root=0)
    world.chain.wait(world.terms.challenge_window)
    model.settle(version)
    copy = world.rolled_back(version)
    again = world.rolled_back(copy)
    roots = [model.version(number)["root"] for number in (0, version, copy, again)]
    assert roots == [world.root(1), *[b"\x00" * 32] * 3]
