"""StewardArbiter: the stewards decide games by the score of a rollback, without the parties."""

from itertools import product

import pytest

from delea.errors import RevertError

GRANT = 5 * 10**22


@pytest.fixture
def arbiter(world, load):
    return world.chain.deploy(*load("StewardArbiter"), sender=world.attacker)


@pytest.fixture
def there(world, arbiter):
    return world.with_model(arbiter=arbiter.address, verdict_window=201)  # half of it is 100


@pytest.fixture
def holders(there):
    """Two seated holders who are no party of the games below."""
    people = (there.other_trainer, there.consumer)
    for person in people:
        there.earn(person)
    for person in people:
        there.model.opt_in(sender=person)
    there.chain.wait(300)
    return people


@pytest.fixture
def game(there):
    """A claim of the trainer's, challenged; returns model, version and game."""
    version = there.train(there.train(there.model.head(), 1), 1)
    return there.model.address, version, there.challenge(version)


def test_the_arbiter_tells_of_a_game_that_opens(there, arbiter):
    version = there.train(there.train(0))
    there.challenge(version)
    (event,) = arbiter.events()
    assert event.name == "Opened"
    assert event.fields == {
        "model": there.model.address,
        "version": version,
        "game": 1,
        "claimed_root": there.root(7),
        "named_root": there.root(8),
    }


@pytest.mark.parametrize("refuted", [True, False])
def test_the_creator_alone_is_the_judge_and_the_bond_is_burned(there, arbiter, game, refuted):
    arbiter.vote(*game, refuted, sender=there.creator)
    (event,) = arbiter.events()
    assert event.name == "Voted"
    named = dict(zip(("model", "version", "game"), game, strict=True))
    assert event.fields == named | {"voter": there.creator, "refuted": refuted}
    assert arbiter.tally(*game) == {
        "score": 1 if refuted else -1,
        "missing": 0,
        "by_holder": False,
    }
    arbiter.decide(*game, sender=there.attacker)
    (event,) = arbiter.events()
    assert event.name == "Decided"
    assert event.fields == named | {"refuted": refuted, "rewarded": False}
    assert there.model.version(game[1])["status"] == (4 if refuted else 2)
    assert there.model.burned() == 1_007
    assert there.model.credit_of(there.challenger) == (1_007 if refuted else 0)


VOTES = list(product((-1, 0, 1), repeat=3))


@pytest.mark.parametrize(("creator", "first", "second"), VOTES)
def test_the_score_decides_after_half_the_verdict_window(
    there, arbiter, holders, game, creator, first, second
):
    votes = dict(zip((there.creator, *holders), (creator, first, second), strict=True))
    for voter, vote in votes.items():
        if vote:
            arbiter.vote(*game, vote > 0, sender=voter)
    there.chain.wait(200)
    score = creator + 2 * (first + second)
    if score == 0:
        with pytest.raises(RevertError, match="decide: tied"):
            arbiter.decide(*game)
        return
    arbiter.decide(*game)
    refuted = score > 0
    by_holder = (1 if refuted else -1) in (first, second)
    assert there.model.version(game[1])["status"] == (4 if refuted else 2)
    assert there.model.burned() == (504 if by_holder else 1_007)
    winner = there.challenger if refuted else there.trainer
    kept = 1_007 if refuted else 0
    settled = there.model.credit_of(winner) - kept
    assert settled == (503 if by_holder else 0) + (bonds_before(there) if not refuted else 0)


def bonds_before(there):
    """What the trainer was credited for the claims that seated the holders."""
    versions = [there.model.version(n) for n in range(1, there.model.version_count())]
    return sum(version["bond"] for version in versions if version["status"] == 3)


def test_a_decision_waits_for_votes_that_can_turn_it(there, arbiter, holders, game, refuses):
    arbiter.vote(*game, refuted=True, sender=there.creator)
    with refuses("decide: votes are missing"):
        arbiter.decide(*game)
    arbiter.vote(*game, refuted=True, sender=holders[0])
    assert arbiter.tally(*game) == {"score": 3, "missing": 2, "by_holder": True}
    arbiter.decide(*game)


def test_one_holder_with_two_seated_waits(there, arbiter, holders, game, refuses):
    arbiter.vote(*game, refuted=True, sender=holders[0])
    with refuses("decide: votes are missing"):
        arbiter.decide(*game)
    there.chain.wait(199)
    with refuses("decide: votes are missing"):
        arbiter.decide(*game)
    there.chain.wait(1)
    arbiter.decide(*game)
    assert there.model.version(game[1])["status"] == 4


def test_a_decision_waits_for_a_vote_that_can_make_a_tie(there, arbiter, holders, refuses):
    version = there.train(there.model.head(), 1)
    game = (there.model.address, version, there.challenge(version, sender=there.creator))
    arbiter.vote(*game, refuted=True, sender=holders[0])
    assert arbiter.tally(*game) == {"score": 2, "missing": 2, "by_holder": True}
    with refuses("decide: votes are missing"):
        arbiter.decide(*game)


def test_the_parties_do_not_vote(there, arbiter, refuses):
    bond = there.model.bond_for(1)
    model, root = there.model, there.root(7)
    version = model.train(0, root, 1, there.consumer, 0, sender=there.trainer, value=bond)
    game = (model.address, version, there.challenge(version))
    for party in (there.trainer, there.challenger):
        with refuses("vote: party"):
            arbiter.vote(*game, refuted=False, sender=party)


def test_a_claim_that_names_a_holder_does_not_silence_him(there, arbiter, holders):
    model, parent, bond = there.model, there.model.head(), there.model.bond_for(1)
    root, beneficiary = there.root(7), holders[0]
    version = model.train(parent, root, 1, beneficiary, 0, sender=there.attacker, value=bond)
    game = (model.address, version, there.challenge(version))
    arbiter.vote(*game, refuted=True, sender=beneficiary)
    assert arbiter.tally(*game)["score"] == 2


def test_a_creator_who_is_a_party_is_no_judge(there, arbiter, refuses):
    version = there.train(0, sender=there.creator)
    game = (there.model.address, version, there.challenge(version))
    with refuses("vote: party"):
        arbiter.vote(*game, refuted=False, sender=there.creator)
    there.chain.wait(200)
    with refuses("decide: tied"):
        arbiter.decide(*game)
    there.chain.wait(101)
    there.model.void(version)
    assert there.model.version(version)["timed_out"]


def test_a_seated_party_leaves_the_others_to_decide(there, arbiter, holders):
    version = there.train(there.model.head(), sender=holders[0])
    game = (there.model.address, version, there.challenge(version))
    assert arbiter.tally(*game) == {"score": 0, "missing": 3, "by_holder": False}
    arbiter.vote(*game, refuted=True, sender=holders[1])
    assert arbiter.tally(*game) == {"score": 2, "missing": 1, "by_holder": True}
    arbiter.decide(*game)


def test_votes_are_final(there, arbiter, game, refuses):
    arbiter.vote(*game, refuted=True, sender=there.creator)
    assert arbiter.vote_of(*game, there.creator) == 1
    for refuted in (True, False):
        with refuses("vote: already"):
            arbiter.vote(*game, refuted, sender=there.creator)


def test_a_vote_without_a_seat_counts_nothing(there, arbiter, game):
    arbiter.vote(*game, refuted=True, sender=there.attacker)
    assert arbiter.vote_of(*game, there.attacker) == 1
    assert arbiter.tally(*game) == {"score": 0, "missing": 1, "by_holder": False}


def test_there_is_no_vote_without_an_open_game(there, arbiter, game, refuses):
    model, version, _ = game
    for closed in ((model, version, 2), (model, version, 0), (model, 0, 1)):
        with refuses("vote: no open game"):
            arbiter.vote(*closed, refuted=True, sender=there.creator)
        with refuses("decide: no open game"):
            arbiter.decide(*closed)


def test_a_game_is_decided_once(there, arbiter, game, refuses):
    arbiter.vote(*game, refuted=False, sender=there.creator)
    arbiter.decide(*game)
    with refuses("decide: no open game"):
        arbiter.decide(*game)


def test_games_of_two_models_are_apart(there, arbiter, game):
    other = there.with_model()
    version = other.train(0, 1)
    their = (other.model.address, version, other.challenge(version))
    arbiter.vote(*game, refuted=True, sender=there.creator)
    assert arbiter.vote_of(*their, there.creator) == 0


def test_the_models_reason_comes_through(there, arbiter, game, refuses):
    arbiter.vote(*game, refuted=True, sender=there.creator)
    there.chain.wait(301)
    with refuses("rule: too late"):
        arbiter.decide(*game)
