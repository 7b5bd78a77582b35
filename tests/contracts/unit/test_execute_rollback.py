"""execute_rollback: a settled copy of an old version is appended on a new line."""

import pytest


def test_execute_rollback_appends_a_copy_as_head(world, model):
    world.settled(world.settled(world.settled(0)))
    model.propose_rollback(2, sender=world.creator)
    world.chain.wait(150)
    assert model.execute_rollback(1, sender=world.attacker) == 4
    (event,) = model.events()
    assert event.name == "RolledBack"
    assert event.fields == {"proposal": 1, "target": 2, "version": 4, "line": 1, "score": 1}
    assert model.version(4) == {
        "parent": 2,
        "root": world.root(7),
        "line": 1,
        "sender": world.creator,
        "beneficiary": "0x" + "00" * 20,
        "updates": 0,
        "total_updates": 0,
        "bond": 0,
        "submitted_at": 1_000_000_450,
        "games": 0,
        "games_opened": 0,
        "child": 0,
        "next": 0,
        "rival": 0,
        "status": 3,
        "timed_out": False,
    }
    assert (model.head(), model.tip(), model.line(), model.version_count()) == (4, 4, 1, 5)
    assert model.version(2)["child"] == 3
    assert model.rollback_proposal(1)["executed"]


def test_a_rollback_moves_no_token_and_no_coin(world, model):
    world.settled(0)
    held = [model.balanceOf(a) for a in (model.address, world.creator, world.trainer)]
    coin = model.coin
    world.rolled_back(0)
    assert [model.balanceOf(a) for a in (model.address, world.creator, world.trainer)] == held
    assert model.coin == coin


def test_training_goes_on_from_the_copy(world, model):
    world.settled(0)
    copy = world.rolled_back(0)
    version = world.settled(copy)
    assert model.version(version)["line"] == 1
    assert model.head() == version


def test_work_rolled_back_is_not_paid_twice_for_its_old_place(world, model, refuses):
    version = world.settled(0)
    world.rolled_back(0)
    with refuses("train: stale parent"):
        world.train(0)
    with refuses("settle: decided"):
        model.settle(version)


def test_a_rollback_can_be_rolled_back(world, model):
    version = world.settled(0)
    copy = world.rolled_back(0)
    again = world.rolled_back(version)
    assert (model.head(), model.line()) == (again, 2)
    assert model.version(again)["root"] == world.root(7)
    back = world.rolled_back(copy)
    assert model.version(back)["root"] == world.root(1)
    assert model.version(back)["parent"] == copy


def test_a_rollback_to_head_starts_a_new_line(world, model):
    world.train(0)
    copy = world.rolled_back(0)
    assert model.version(0)["child"] == 1
    assert model.tip() == copy


def test_execute_rollback_waits_for_the_rollback_window(world, model, refuses):
    model.propose_rollback(0, sender=world.creator)
    world.chain.wait(149)
    with refuses("execute_rollback: window"):
        model.execute_rollback(1)
    world.chain.wait(1)
    assert model.execute_rollback(1) == 1


def test_a_proposal_is_executed_once(world, model, refuses):
    world.rolled_back(0)
    with refuses("execute_rollback: executed"):
        model.execute_rollback(1)


@pytest.mark.parametrize("proposal", [0, 1, 2**256 - 1])
def test_execute_rollback_refuses_an_unknown_proposal(model, refuses, proposal):
    with refuses("execute_rollback: unknown"):
        model.execute_rollback(proposal)
