"""What the twin refuses at its bounds, and that a refused call changes nothing."""

from copy import deepcopy

import pytest

from delea import curve
from delea.errors import RevertError
from delea.protocol.twin import Twin

CREATOR, TRAINER, CHALLENGER = "creator", "trainer", "challenger"
BOND, WINDOW, DEADLINE = 1_700, 100, 300  # wei; the windows' ends in seconds


@pytest.fixture
def twin(terms):
    """A model with a challenged claim, 1, one that is pending on genesis, 2, and one on it, 3."""
    twin = Twin(terms, CREATOR, "model")
    assert train(twin, 0) == 1
    assert challenge(twin, 1) == 1
    assert (train(twin, 0), train(twin, 2)) == (2, 3)
    return twin


@pytest.fixture
def stale(twin):
    """The same after 2 was settled and genesis put back, as version 4 on a new line."""
    settle_2(twin)
    twin.execute_rollback(twin.propose_rollback(CREATOR, 0, now=WINDOW), now=150)
    assert (twin.head, twin.line) == (4, 1)
    return twin


def train(twin, parent, *, updates=100, paid=BOND, now=0):
    return twin.train(TRAINER, parent, b"\x02" * 32, updates, TRAINER, 0, paid=paid, now=now)


def challenge(twin, version, *, paid=BOND, now=0):
    return twin.challenge(CHALLENGER, version, b"\x03" * 32, paid=paid, now=now)


def settle_2(twin):
    twin.rule(1, 1, refuted=True, now=1)
    assert twin.settle(2, now=WINDOW)


REFUSED = {
    "no updates": (lambda t: train(t, 3, updates=0, paid=1_000), "train: updates"),
    "more updates than a claim may have": (
        lambda t: train(t, 3, updates=1_001, paid=1_000 + 7 * 1_001),
        "train: updates",
    ),
    "less than a bond": (lambda t: challenge(t, 2, paid=BOND - 1), "challenge: bond"),
    "more than a bond": (lambda t: challenge(t, 2, paid=BOND + 1), "challenge: bond"),
    "an answer too late": (lambda t: t.rule(1, 1, refuted=False, now=DEADLINE), "rule: too late"),
    "a bond back before the end": (lambda t: t.reclaim(1, 1), "reclaim: undecided"),
    "to close what nobody doubts": (lambda t: t.void(2, now=DEADLINE), "void: still valid"),
    "to close what may be decided": (lambda t: t.void(1, now=DEADLINE - 1), "void: still valid"),
    "to put back an unknown version": (
        lambda t: t.propose_rollback(CREATOR, 4, now=0),
        "propose_rollback: unknown",
    ),
    "to put back a claim": (
        lambda t: t.propose_rollback(CREATOR, 2, now=0),
        "propose_rollback: not settled",
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_refused_is(twin, what):
    call, reason = REFUSED[what]
    before = deepcopy(vars(twin))
    with pytest.raises(RevertError, match=f"the contract refused: {reason}$"):
        call(twin)
    assert vars(twin) == before


def test_what_is_just_within_the_bounds_is_taken(twin):
    train(twin, 3, updates=1, paid=1_007)
    train(twin, 4, updates=1_000, paid=8_000)
    twin.rule(1, 1, refuted=True, now=DEADLINE - 1)
    twin.settle(2, now=WINDOW)
    assert twin.propose_rollback(CREATOR, 2, now=WINDOW) == 1


@pytest.mark.parametrize("vote", [-2, 2, 3])
def test_a_vote_is_for_or_against_or_neither(twin, vote):
    proposal = twin.propose_rollback(CREATOR, 0, now=WINDOW)
    with pytest.raises(RevertError, match="vote_rollback: vote"):
        twin.vote_rollback(CREATOR, proposal, vote, now=WINDOW)
    for each in (-1, 0, 1):
        twin.vote_rollback(CREATOR, proposal, each, now=WINDOW)
        assert twin.score(proposal, now=WINDOW) == each


@pytest.mark.parametrize("parent", [0, 2, 3])
def test_nothing_is_built_on_an_older_line(stale, parent):
    with pytest.raises(RevertError, match="train: stale parent"):
        train(stale, parent, now=150)
    assert train(stale, 4, now=150) == 5


def test_a_forecast_on_an_older_line_counts_nothing_as_pending(stale):
    forecast = curve.quote(stale.reserve, 0, 100, stale.terms.horizon)
    assert [stale.quote_after(parent, 100) for parent in (2, 3, 4)] == [forecast] * 3
    assert stale.quote_after(train(stale, 4, now=150), 100) < forecast


def test_tokens_sent_to_oneself_stay_and_stay_earned(twin):
    settle_2(twin)
    held = twin.balances[TRAINER]
    twin.opt_in(TRAINER, now=WINDOW)
    twin.transfer(TRAINER, TRAINER, held, now=150)
    assert (twin.balances[TRAINER], twin.earned[TRAINER]) == (held, held)
    assert twin.held_of(TRAINER, now=250) == held
