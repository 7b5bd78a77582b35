"""rule: the arbiter's answer decides a game, and one success decides the version."""

import pytest


def test_a_refuted_version_pays_half_its_bond_to_the_challenger(world, model):
    version = world.train(0, 1)  # a bond of 1007
    world.rule(version, world.challenge(version), refuted=True)
    assert model.version(version)["status"] == 4
    assert model.version(version)["games"] == 0
    assert model.credit_of(world.challenger) == 1_007 + 503
    assert model.credit_of(world.trainer) == 0
    assert model.burned() == 504


def test_an_upheld_version_earns_half_the_challengers_bond(world, model):
    version = world.train(0, 1)
    world.rule(version, world.challenge(version), refuted=False)
    assert model.version(version)["status"] == 2
    assert model.version(version)["games"] == 0
    assert model.credit_of(world.trainer) == 503
    assert model.credit_of(world.challenger) == 0
    assert model.burned() == 504


def test_the_winner_of_a_false_challenge_is_the_sender_not_the_beneficiary(world, model):
    model.train(0, world.root(7), 1, world.consumer, 0, sender=world.trainer, value=1_007)
    world.rule(1, world.challenge(1), refuted=False)
    assert model.credit_of(world.trainer) == 503
    assert model.credit_of(world.consumer) == 0


def test_rule_logs_ruled_and_refuted(world, model):
    version = world.train(world.train(0))
    world.challenge(version)
    world.rule(version, 1, refuted=True)
    ruled, refuted = model.events()
    assert (ruled.name, ruled.fields) == ("Ruled", {"version": 2, "game": 1, "refuted": True})
    assert refuted.name == "Refuted"
    assert refuted.fields == {"version": 2, "game": 1, "challenger": world.challenger}


def test_an_upheld_game_logs_ruled_alone(world, model):
    version = world.train(world.train(0))
    world.challenge(version)
    world.rule(version, 1, refuted=False)
    (ruled,) = model.events()
    assert (ruled.name, ruled.fields) == ("Ruled", {"version": 2, "game": 1, "refuted": False})


def test_a_thrown_game_does_not_save_a_version_from_another(world, model):
    version = world.train(0)
    world.challenge(version, sender=world.attacker)
    world.challenge(version)
    world.rule(version, 1, refuted=False)
    world.rule(version, 2, refuted=True)
    assert model.version(version)["status"] == 4
    assert model.credit_of(world.challenger) == 1_700 + 850


def test_only_the_arbiter_may_rule(world, model, refuses):
    version = world.train(0)
    game = world.challenge(version)
    lowest, highest = "0x" + "00" * 19 + "01", "0x" + "ff" * 20
    for person in (world.creator, world.trainer, world.challenger, lowest, highest):
        with refuses("rule: not the arbiter"):
            model.rule(version, game, refuted=True, rewarded=True, sender=person)


@pytest.mark.parametrize("game", [0, 2, 2**256 - 1])
def test_rule_refuses_a_game_that_was_never_opened(world, refuses, game):
    version = world.train(0)
    world.challenge(version)
    with refuses("rule: no open game"):
        world.rule(version, game, refuted=True)


def test_rule_refuses_a_game_of_another_version(world, refuses):
    version = world.train(0)
    world.challenge(version)
    with refuses("rule: no open game"):
        world.rule(0, 1, refuted=True)


def test_a_game_is_ruled_once(world, refuses):
    version = world.train(0)
    world.challenge(version)
    world.rule(version, 1, refuted=False)
    with refuses("rule: no open game"):
        world.rule(version, 1, refuted=True)


def test_rule_refuses_a_version_already_refuted(world, refuses):
    version = world.train(0)
    world.challenge(version)
    world.challenge(version)
    world.rule(version, 1, refuted=True)
    with refuses("rule: decided"):
        world.rule(version, 2, refuted=False)


def test_rule_is_heard_until_the_last_second(world, model):
    version = world.train(0)
    world.challenge(version)
    world.chain.wait(299)
    world.rule(version, 1, refuted=True)
    assert model.version(version)["status"] == 4


def test_rule_is_too_late_when_the_verdict_window_is_over(world, refuses):
    version = world.train(0)
    world.challenge(version)
    world.chain.wait(300)
    with refuses("rule: too late"):
        world.rule(version, 1, refuted=True)


@pytest.mark.parametrize("refuted", [True, False])
def test_without_a_reward_all_of_the_lost_bond_is_burned(world, model, refuted):
    version = world.train(0, 1)  # a bond of 1007
    world.rule(version, world.challenge(version), refuted=refuted, rewarded=False)
    assert model.credit_of(world.challenger) == (1_007 if refuted else 0)
    assert model.credit_of(world.trainer) == 0
    assert model.burned() == 1_007
