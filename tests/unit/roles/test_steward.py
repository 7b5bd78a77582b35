"""Games are voted on by re-running, seats are shown, rollbacks proposed and carried out."""

import pytest

from delea.errors import RefusedError, ReorgError, RevertError
from delea.protocol.claim import sealed_root
from delea.protocol.version import Status
from delea.roles import steward, trainer, verifier


def ruled(session, key):
    """Vote on all games; return version, verdict and whether it was decided of each."""
    rulings = steward.rule_games(session, key=key)
    return [(ruling.version, ruling.refuted, ruling.decided) for ruling in rulings]


def test_games_are_ruled_by_re_running(session, keys, cheat):
    update = trainer.train(session, sender=keys[1].address, updates=1)
    right = trainer.claim(session, update, key=keys[1]).version
    session.model.challenge(right, b"\x55" * 32, key=keys[3])
    wrong = cheat(session, b"\x66" * 32, parent=0)
    session.model.challenge(wrong, b"\x55" * 32, key=keys[3])
    session.model.challenge(wrong, b"\x56" * 32, key=keys[4])
    assert ruled(session, keys[0]) == [(right, False, True), (wrong, True, True)]
    versions = session.model.versions()
    assert [version.status.name for version in versions] == ["SETTLED", "CHALLENGED", "REFUTED"]
    assert [version.games for version in versions] == [0, 0, 1]
    assert ruled(session, keys[0]) == []


def test_a_game_can_be_ruled_until_the_verdict_window_is_over(session, keys, cheat, anvil):
    wrong = cheat(session, b"\x66" * 32)
    anvil.increase_time(9_900)
    session.model.challenge(wrong, b"\x55" * 32, key=keys[3])
    anvil.increase_time(10_000)
    snapshot = anvil.snapshot()
    assert ruled(session, keys[0]) == [(wrong, True, True)]
    anvil.revert(snapshot)
    anvil.increase_time(100)
    assert ruled(session, keys[0]) == []


def test_no_vote_is_cast_on_what_a_reorg_put_under_a_number_that_was_run(
    session, keys, cheat, anvil
):
    update = trainer.train(session, sender=keys[1].address, updates=1)
    snapshot = anvil.snapshot()
    wrong = cheat(session, b"\x66" * 32)
    session.model.challenge(wrong, b"\x55" * 32, key=keys[3])

    def replace_it(step, _):
        if step == 1:
            anvil.revert(snapshot)
            trainer.claim(session, update, key=keys[1])
            session.model.challenge(wrong, b"\x55" * 32, key=keys[3])

    with pytest.raises(ReorgError, match="version 1 as it was re-run expected"):
        steward.rule_games(session, key=keys[0], on_step=replace_it)
    assert session.arbiter.vote_of(session.model, wrong, 1, keys[0].address) == 0


def test_the_challenger_who_knew_the_right_root_wins_over_those_who_did_not(session, keys, cheat):
    wrong = cheat(session, b"\x66" * 32)
    check = verifier.verify(session, session.model.version(wrong))
    named = sealed_root(check.verdict.right_root, keys[3].address)
    session.model.challenge(wrong, named, key=keys[4])  # the verifier's, copied and mined first
    session.model.challenge(wrong, check.verdict.right_root, key=keys[2])
    assert verifier.challenge(session, check, key=keys[3]).game == 3
    rulings = steward.rule_games(session, key=keys[0])
    assert rulings == [steward.Ruling(wrong, 3, refuted=True, decided=True)]
    assert session.model.version(wrong).status is Status.REFUTED
    assert [session.model.game(wrong, game).is_open for game in (1, 2, 3)] == [True, True, False]


def test_a_steward_who_knew_gives_no_vote_to_those_who_did_not(session, keys, cheat):
    wrong = cheat(session, b"\x66" * 32)
    session.model.challenge(wrong, b"\x55" * 32, key=keys[4])
    check = verifier.verify(session, session.model.version(wrong))
    verifier.challenge(session, check, key=keys[0])
    assert ruled(session, keys[0]) == []
    assert ruled(session, keys[2]) == [(wrong, True, False)]


def test_a_challenged_claim_on_top_of_a_wrong_one_is_left_open(session, keys, cheat):
    wrong = cheat(session, b"\x66" * 32)
    on_top = cheat(session, b"\x67" * 32)
    session.model.challenge(on_top, b"\x55" * 32, key=keys[3])
    assert ruled(session, keys[0]) == []
    check = verifier.verify(session, session.model.version(wrong))
    verifier.challenge(session, check, key=keys[3])
    assert ruled(session, keys[0]) == [(wrong, True, True)]


def test_only_what_was_claimed_can_be_checked(session, cheat):
    wrong = cheat(session, b"\x66" * 32)
    verifier.check_claimed(session.model, [wrong])
    for unclaimed in (-1, 0, wrong + 1):
        with pytest.raises(
            RefusedError, match=f"^a claimed version of 1 to 1 expected, got {unclaimed}$"
        ):
            verifier.check_claimed(session.model, [wrong, unclaimed])


def test_a_steward_votes_on_no_game_of_his_own(session, keys, cheat):
    wrong = cheat(session, b"\x66" * 32)
    session.model.challenge(wrong, b"\x55" * 32, key=keys[0])
    assert ruled(session, keys[0]) == []  # the challenger
    assert ruled(session, keys[5]) == []  # the sender


def test_a_vote_without_a_seat_decides_nothing(session, keys, cheat):
    wrong = cheat(session, b"\x66" * 32)
    session.model.challenge(wrong, b"\x55" * 32, key=keys[3])
    assert ruled(session, keys[2]) == [(wrong, True, False)]
    assert ruled(session, keys[2]) == [(wrong, True, False)]  # votes are final: no second one
    assert ruled(session, keys[0]) == [(wrong, True, True)]


@pytest.fixture
def seated(session, keys, anvil):
    """A trainer with a seat."""
    session.model.opt_in(key=keys[1])
    update = trainer.train(session, sender=keys[1].address, updates=50)
    trainer.claim(session, update, key=keys[1])
    anvil.increase_time(10_000)
    trainer.settle_due(session, key=keys[1])
    anvil.increase_time(20_000)
    return keys[1]


def test_holders_are_those_who_may_sit_the_heaviest_first(session, keys, seated):
    (holder,) = steward.holders(session.model)
    assert (holder.account, holder.seat) == (seated.address, 1)
    assert holder.weight == holder.earned == holder.tokens > 5_000 * 10**18
    session.model.transfer(keys[2].address, holder.tokens, key=seated)
    assert steward.holders(session.model) == []


def test_a_holder_beats_the_creator(session, keys, anvil, seated):
    model = session.model
    vetoed = steward.propose(session.chain, model, 0, key=keys[0])
    model.vote_rollback(vetoed.proposal, -1, key=seated)
    wanted = steward.propose(session.chain, model, 0, key=seated)
    model.vote_rollback(wanted.proposal, -1, key=keys[0])
    assert (model.score_of(vetoed.proposal), model.score_of(wanted.proposal)) == (-1, 1)
    assert wanted.expires_at - wanted.due_at == model.terms.rollback_window
    anvil.increase_time(10_000)
    with pytest.raises(RevertError, match="execute_rollback: outvoted"):
        steward.execute(model, vetoed.proposal, key=keys[0])
    done = steward.execute(model, wanted.proposal, key=keys[3])
    assert (done.target, done.version, done.score) == (0, 2, 1)
    assert model.head() == 2


@pytest.mark.parametrize("target", [-1, 1])
def test_a_target_that_does_not_exist_is_refused_before_it_costs_anything(session, target):
    with pytest.raises(RefusedError, match=f"a version of 0 to 0 expected, got {target}"):
        steward.check_target(session.model, target)
