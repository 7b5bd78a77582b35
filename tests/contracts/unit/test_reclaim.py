"""reclaim: a game that its version's end left open returns its bond."""

import pytest


def test_the_second_of_two_right_challengers_gets_the_bond_back(world, model):
    version = world.train(0)
    world.challenge(version)
    world.challenge(version, sender=world.consumer)
    world.rule(version, 1, refuted=True)
    assert model.reclaim(version, 2, sender=world.attacker) == 1_700
    (event,) = model.events()
    assert event.name == "Reclaimed"
    assert event.fields == {
        "version": 1,
        "game": 2,
        "challenger": world.consumer,
        "amount": 1_700,
    }
    assert model.credit_of(world.consumer) == 1_700
    assert model.credit_of(world.attacker) == 0
    assert model.version(version)["games"] == 0
    assert model.game(version, 2) == {"challenger": world.consumer, "is_open": False}


def test_a_case_that_timed_out_burns_a_quarter_of_the_games_bond(world, model):
    version = world.train(0, 1)  # a bond of 1007
    world.challenge(version)
    world.chain.wait(300)
    model.void(version)
    assert model.burned() == 252
    assert model.reclaim(version, 1) == 755
    assert model.credit_of(world.challenger) == 755
    assert model.burned() == 504


def test_a_void_for_its_parent_returns_the_whole_bond(world, model):
    version = world.train(0)
    child = world.train(version)
    world.challenge(child)
    world.rule(version, world.challenge(version, sender=world.consumer), refuted=True)
    model.void(child)
    assert model.reclaim(child, 1) == 1_700


def test_reclaim_refuses_an_undecided_version(world, model, refuses):
    version = world.train(0)
    world.challenge(version)
    with refuses("reclaim: undecided"):
        model.reclaim(version, 1)


def test_a_bond_is_reclaimed_once(world, model, refuses):
    version = world.train(0)
    world.challenge(version)
    world.challenge(version)
    world.rule(version, 1, refuted=True)
    model.reclaim(version, 2)
    for game in (1, 2):
        with refuses("reclaim: no open game"):
            model.reclaim(version, game)


@pytest.mark.parametrize(("version", "game"), [(0, 0), (0, 1), (9, 1), (2**256 - 1, 2**256 - 1)])
def test_reclaim_refuses_what_never_was(model, refuses, version, game):
    with refuses("reclaim: no open game"):
        model.reclaim(version, game)
