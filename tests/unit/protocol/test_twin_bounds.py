"""The twin at its bounds: what random lives beside the contract seldom meet."""

import pytest

from delea.errors import RevertError
from delea.protocol.twin import NOBODY, Twin

CREATOR, TRAINER, HOLDER, MODEL = "creator", "trainer", "holder", "model"
GRANT, LEAST = 5 * 10**22, 5 * 10**21  # a twentieth and half a percent of the supply
UNITS = 1_000_000 * 100


@pytest.fixture
def twin(terms):
    return Twin(terms, CREATOR, MODEL)


def train(twin, *, beneficiary=TRAINER):
    return twin.train(TRAINER, 0, b"\x02" * 32, 100, beneficiary, 0, paid=1_700, now=0)


def challenged(twin):
    version = train(twin)
    return version, twin.challenge(HOLDER, version, b"\x03" * 32, paid=1_700, now=0)


@pytest.mark.parametrize(
    ("units", "reason"),
    [(0, "infer: units"), (UNITS + 1, "infer: units"), (UNITS, "token: balance")],
)
def test_the_tokens_of_one_horizon_are_the_most_that_is_inferred_at_once(twin, units, reason):
    with pytest.raises(RevertError, match=reason):
        twin.infer(CREATOR, units, 10**30, now=0)


def test_one_unit_is_inferred(twin):
    assert twin.infer(CREATOR, 1, 10**30, now=0) == 9_500_000_047_500_001


@pytest.mark.parametrize("beneficiary", [NOBODY, MODEL])
def test_a_claim_names_somebody_who_can_be_paid(twin, beneficiary):
    with pytest.raises(RevertError, match="train: beneficiary"):
        train(twin, beneficiary=beneficiary)


def test_nothing_is_sent_to_nobody(twin):
    with pytest.raises(RevertError, match="token: receiver"):
        twin.transfer(CREATOR, NOBODY, 0, now=0)


@pytest.mark.parametrize(("rivals", "at_once"), [(8, True), (9, False)])
def test_eight_dead_rivals_are_skipped_at_once(twin, rivals, at_once):
    games = [challenged(twin) for _ in range(rivals)]
    version = train(twin)
    for game in games:
        twin.rule(*game, refuted=True, now=0)
    assert twin.settle(version, now=100) is at_once
    assert at_once or twin.settle(version, now=100)
    assert twin.head == version


@pytest.mark.parametrize(
    ("held", "earned", "seats"),
    [
        (LEAST, LEAST, [HOLDER]),
        (LEAST, LEAST - 1, []),
        (LEAST - 1, LEAST, []),
        (GRANT + LEAST, 0, [HOLDER]),
        (GRANT + LEAST - 1, 0, []),
    ],
)
def test_a_seat_takes_half_a_percent_earned_or_beyond_the_grant(twin, held, earned, seats):
    twin.transfer(MODEL, HOLDER, held, now=0)
    twin.earned[HOLDER] = earned
    twin.opt_in(HOLDER, now=0)
    assert twin.top_holders(now=100) == seats
    assert twin.top_holders(now=99) == []
    assert twin.roster() == set(seats)
