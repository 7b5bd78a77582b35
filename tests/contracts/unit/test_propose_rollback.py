"""propose_rollback: the creator names a settled version, one at a time."""

import pytest


def test_propose_rollback_opens_a_proposal(world, model):
    version = world.settled(0)
    world.chain.wait(5)
    assert model.propose_rollback(0, sender=world.creator) == 1
    event, voted = model.events()
    assert event.name == "RollbackProposed"
    assert event.fields == {"proposal": 1, "proposer": world.creator, "target": 0}
    assert voted.name == "RollbackVoted"
    assert voted.fields == {"proposal": 1, "voter": world.creator, "vote": 1}
    assert model.rollback_proposal(1) == {
        "proposer": world.creator,
        "target": 0,
        "proposed_at": 1_000_000_105,
        "executed": False,
    }
    assert model.rollback_proposal_count() == 1
    assert model.open_rollback_of(world.creator) == 1
    assert model.head() == version


def test_only_the_creator_may_propose(world, model, refuses):
    for person in (world.trainer, world.attacker):
        with refuses("propose_rollback: no seat"):
            model.propose_rollback(0, sender=person)


@pytest.mark.parametrize("target", [1, 2**256 - 1])
def test_propose_rollback_refuses_an_unknown_version(world, model, refuses, target):
    with refuses("propose_rollback: unknown"):
        model.propose_rollback(target, sender=world.creator)


def test_propose_rollback_refuses_whatever_is_not_settled(world, model, refuses):
    refuted = world.train(0)
    void = world.train(refuted)
    challenged = world.train(void)
    world.challenge(challenged)
    world.rule(refuted, world.challenge(refuted), refuted=True)
    model.void(void)
    pending = world.train(0)
    for target in (refuted, void, challenged, pending):
        with refuses("propose_rollback: not settled"):
            model.propose_rollback(target, sender=world.creator)


def test_a_proposer_has_one_open_proposal(world, model, refuses):
    model.propose_rollback(0, sender=world.creator)
    with refuses("propose_rollback: one is open"):
        model.propose_rollback(0, sender=world.creator)
    world.chain.wait(150)
    model.execute_rollback(1)
    assert model.open_rollback_of(world.creator) == 0
    assert model.propose_rollback(0, sender=world.creator) == 2
