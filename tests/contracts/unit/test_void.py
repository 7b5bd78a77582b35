"""void: a claim that cannot settle any more gives its bond back, one version per call."""

import pytest


def test_a_child_of_a_refuted_version_is_void_with_its_whole_bond(world, model):
    version = world.train(0)
    child = world.train(version, sender=world.other_trainer)
    world.rule(version, world.challenge(version), refuted=True)
    model.void(child, sender=world.attacker)
    (event,) = model.events()
    assert (event.name, event.fields) == ("Voided", {"version": child, "timed_out": False})
    assert model.version(child)["status"] == 5
    assert not model.version(child)["timed_out"]
    assert model.credit_of(world.other_trainer) == 1_700
    assert model.balanceOf(world.other_trainer) == 0


def test_void_works_its_way_down_one_version_at_a_time(world, model, refuses):
    world.train(0)
    world.train(1)
    world.train(2)
    world.rule(1, world.challenge(1), refuted=True)
    with refuses("void: still valid"):
        model.void(3)
    model.void(2)
    model.void(3)
    assert model.version(3)["status"] == 5


def test_a_version_beside_a_settled_rival_is_void_with_its_whole_bond(world, model):
    version = world.train(0)
    world.challenge(version)
    beside = world.train(0, sender=world.other_trainer)
    world.rule(version, 1, refuted=False)
    world.chain.wait(100)
    model.settle(version)
    model.void(beside)
    assert model.version(beside)["status"] == 5
    assert model.credit_of(world.other_trainer) == 1_700


def test_a_case_without_verdict_times_out_and_burns_a_quarter(world, model):
    version = world.train(0, 1)  # a bond of 1007
    world.challenge(version)
    world.chain.wait(300)
    model.void(version)
    (event,) = model.events()
    assert (event.name, event.fields) == ("Voided", {"version": version, "timed_out": True})
    assert model.version(version)["timed_out"]
    assert model.credit_of(world.trainer) == 755
    assert model.burned() == 252


def test_a_case_times_out_only_when_the_verdict_window_is_over(world, model, refuses):
    version = world.train(0)
    world.challenge(version)
    world.chain.wait(299)
    with refuses("void: still valid"):
        model.void(version)
    world.chain.wait(1)
    model.void(version)


def test_a_version_upheld_in_every_game_never_times_out(world, model, refuses):
    version = world.train(0)
    world.rule(version, world.challenge(version), refuted=False)
    world.chain.wait(300)
    with refuses("void: still valid"):
        model.void(version)
    assert model.settle(version)


def test_a_settled_rival_counts_before_the_time_out(world, model):
    version = world.train(0)
    world.challenge(version)
    beside = world.train(0, sender=world.other_trainer)
    world.challenge(beside)
    world.rule(version, 1, refuted=False)
    world.chain.wait(300)
    model.settle(version)
    model.void(beside)
    assert not model.version(beside)["timed_out"]
    assert model.burned() == 850


def test_void_refuses_a_version_that_may_still_settle(world, model, refuses):
    version = world.train(0)
    world.chain.wait(1_000)
    with refuses("void: still valid"):
        model.void(version)


def test_void_refuses_what_is_decided(world, model, refuses):
    settled = world.settled(0)
    refuted = world.train(settled)
    child = world.train(refuted)
    world.rule(refuted, world.challenge(refuted), refuted=True)
    model.void(child)
    for decided in (0, settled, refuted, child):
        with refuses("void: decided"):
            model.void(decided)


@pytest.mark.parametrize("version", [1, 2**256 - 1])
def test_void_refuses_an_unknown_version(model, refuses, version):
    with refuses("void: unknown version"):
        model.void(version)
