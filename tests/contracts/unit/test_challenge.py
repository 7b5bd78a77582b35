"""challenge: doubt enters with a bond, while the window is open."""

import pytest


def test_challenge_opens_a_game(world, model):
    version = world.train(0)
    game = world.challenge(version)
    assert game == 1
    found = model.version(version)
    assert (found["status"], found["games"], found["games_opened"]) == (2, 1, 1)
    assert model.game(version, game) == {"challenger": world.challenger, "is_open": True}
    assert model.coin == 2 * 1_700


def test_challenge_logs_challenged_and_tells_the_arbiter(world, model):
    version = world.train(world.train(0), root=7)
    world.challenge(version, root=8)
    (event,) = model.events()
    assert event.name == "Challenged"
    assert event.fields == {
        "version": 2,
        "game": 1,
        "challenger": world.challenger,
        "named_root": world.root(8),
        "bond": 1_700,
    }


def test_challenge_tells_the_arbiter_both_roots(world, model):
    version = world.train(world.train(0), root=7)
    model.challenge(version, world.root(8), sender=world.challenger, value=1_700)
    (event,) = world.arbiter.events()
    assert event.name == "Opened"
    assert event.fields == {
        "model": model.address,
        "version": 2,
        "game": 1,
        "claimed_root": world.root(7),
        "named_root": world.root(8),
    }


def test_several_challengers_each_have_a_game(world, model):
    version = world.train(0)
    assert world.challenge(version) == 1
    assert world.challenge(version, sender=world.consumer) == 2
    assert world.challenge(version) == 3
    found = model.version(version)
    assert (found["games"], found["games_opened"]) == (3, 3)
    assert model.game(version, 2)["challenger"] == world.consumer


def test_a_version_upheld_may_be_challenged_again(world, model):
    version = world.train(0)
    world.rule(version, world.challenge(version), refuted=False)
    assert world.challenge(version) == 2
    assert model.version(version)["games"] == 1


def test_challenge_is_open_until_the_last_second(world):
    version = world.train(0)
    world.chain.wait(99)
    assert world.challenge(version) == 1


def test_challenge_is_too_late_when_the_window_is_over(world, refuses):
    version = world.train(0)
    world.chain.wait(100)
    with refuses("challenge: too late"):
        world.challenge(version)


@pytest.mark.parametrize("bond", [0, 1, 1_699, 1_701])
def test_challenge_refuses_a_bond_that_is_not_exact(world, model, refuses, bond):
    version = world.train(0)
    with refuses("challenge: bond"):
        model.challenge(version, world.root(8), sender=world.challenger, value=bond)


def test_challenge_refuses_the_claimed_root(world, refuses):
    version = world.train(0, root=7)
    with refuses("challenge: same root"):
        world.challenge(version, root=7)


@pytest.mark.parametrize("version", [1, 2**256 - 1])
def test_challenge_refuses_an_unknown_version(world, model, refuses, version):
    with refuses("challenge: unknown version"):
        model.challenge(version, world.root(8), sender=world.challenger)


def test_challenge_refuses_genesis(world, model, refuses):
    with refuses("challenge: decided"):
        model.challenge(0, world.root(8), sender=world.challenger)


def test_challenge_refuses_a_refuted_version(world, refuses):
    version = world.train(0)
    world.rule(version, world.challenge(version), refuted=True)
    with refuses("challenge: decided"):
        world.challenge(version)


def test_challenge_refuses_a_void_version(world, model, refuses):
    version = world.train(0)
    child = world.train(version)
    world.rule(version, world.challenge(version), refuted=True)
    model.void(child)
    with refuses("challenge: decided"):
        world.challenge(child)


def test_an_arbiter_cannot_call_back_while_a_game_opens(world):
    hostile = world.harness("Hostile")
    there = world.with_model(arbiter=hostile.address)
    version = there.train(0)
    answer = there.model.data("rule", version, 1, refuted=True, rewarded=True)
    hostile.prepare(there.model.address, answer, refuses=False)
    there.challenge(version)
    assert not hostile.reentered()
    assert there.model.version(version)["status"] == 2


@pytest.mark.parametrize("view", ["verdict_window", "head", "top_holders", "roster_size"])
def test_an_arbiter_can_read_while_a_game_opens(world, view):
    hostile = world.harness("Hostile")
    there = world.with_model(arbiter=hostile.address)
    version = there.train(0)
    hostile.prepare(there.model.address, there.model.data(view), refuses=False)
    there.challenge(version)
    assert hostile.reentered()


def test_an_arbiter_that_refuses_a_game_stops_the_challenge(world, refuses):
    hostile = world.harness("Hostile")
    there = world.with_model(arbiter=hostile.address)
    version = there.train(0)
    hostile.prepare(there.model.address, b"", refuses=True)
    with refuses("hostile: refused"):
        there.challenge(version)
    assert there.model.version(version)["status"] == 1


def test_the_number_of_games_is_bounded(world, refuses, tmp_path):
    there = world.with_source(tmp_path, "tree.vy", "2**24 - 1", "2**2 - 1")
    version = there.train(0, 1)
    for game in (1, 2, 3):
        assert there.challenge(version) == game
    with refuses("challenge: too many"):
        there.challenge(version)
    there.rule(version, 3, refuted=True)
    assert there.model.version(version)["games_opened"] == 3
