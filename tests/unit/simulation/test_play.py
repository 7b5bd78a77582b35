"""A life: nothing is made or lost, the same seed gives the same one, and cheating never pays."""

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st

from delea import curve
from delea.errors import RefusedError
from delea.protocol.terms import Terms
from delea.simulation import KINDS, Assumptions, Ended, play
from delea.simulation.life import buyable

POPULATIONS = st.fixed_dictionaries({kind: st.integers(0, 3) for kind in KINDS})
TERMS = st.builds(
    Terms,
    name=st.just("Model"),
    symbol=st.just("M"),
    supply=st.sampled_from((10**24, 2**112 - 1)),
    horizon=st.sampled_from((64, 640, 1_000)),
    inferences_per_update=st.sampled_from((1, 1_000, 2**40)),
    max_updates=st.sampled_from((1,)),
    artifact=st.just(bytes(32)),
    dataset=st.just(bytes(32)),
    genesis_root=st.just(bytes(32)),
    challenge_window=st.just(960),
    verdict_window=st.sampled_from((960, 4_000)),
    rollback_window=st.sampled_from((960, 20_000)),
    bond_base=st.sampled_from((1, 10**16)),
    bond_per_update=st.sampled_from((0, 10**14)),
    arbiter=st.just("0x" + "00" * 20),
).flatmap(
    lambda terms: st.integers(1, terms.horizon // 64).map(lambda n: replace(terms, max_updates=n))
)


@settings(max_examples=30, deadline=None)
@drawn(
    terms=TERMS,
    population=POPULATIONS,
    rate=st.sampled_from((Fraction(0), Fraction(1, 3), Fraction(1))),
    seconds=st.sampled_from((Fraction(5, 2), Fraction(200))),  # in time, and too late
    seed=st.integers(0, 2**64),
)
def test_no_token_and_no_coin_comes_from_anywhere(terms, population, rate, seconds, seed):
    given = Assumptions(seconds, rate, horizons=1, days=2, seed=seed)
    life = play(terms, population, given)
    assert sum(life.tokens) + life.moments[-1].reserve == terms.supply
    coin = sum(account.coin for account in life.accounts)
    assert coin + life.fees + life.compute + life.burned == 0
    assert sum(account.claims for account in life.accounts) == sum(
        account.settled + account.refuted + account.void for account in life.accounts
    )
    assert sum(account.updates_paid for account in life.accounts) == life.updates


@settings(max_examples=20, deadline=None)
@drawn(terms=TERMS, population=POPULATIONS, seed=st.integers(0, 2**64))
def test_cheating_never_pays_where_everything_is_checked(terms, population, seed):
    population["verifier"] += 1
    life = play(terms, population, Assumptions(Fraction(3), horizons=1, days=2, seed=seed))
    assert life.wrong_settled == 0
    for kind in life.cheats:
        assert life.net_of(kind) <= 0, kind
    assert life.cheating_paid == sum(life.net_of(kind) for kind in life.cheats)


@pytest.mark.parametrize("seed", range(8))
def test_every_kind_of_cheat_loses_over_a_whole_life(terms, everybody, given, seed):
    life = play(terms, everybody, replace(given, horizons=1, seed=seed))
    assert life.ended is Ended.HORIZONS
    assert life.wrong > 0
    assert {kind: life.net_of(kind) < 0 for kind in sorted(life.cheats)} == {
        "copier": True,
        "lazy": True,
        "liar": True,
        "sybil": True,
    }
    assert life.net_of("honest") > 0


def test_cheating_pays_where_nobody_checks(terms, everybody, given):
    life = play(terms, everybody, replace(given, horizons=1, audit_rate=Fraction(0)))
    assert life.net_of("lazy") > 0
    assert life.wrong_settled > 0
    assert play(terms, everybody | {"verifier": 0}, replace(given, horizons=1)).wrong_settled > 0


def test_the_same_seed_gives_the_same_life_and_another_one_another(small, everybody, given):
    assert play(small, everybody, given) == play(small, everybody, given)
    assert play(small, everybody, given) != play(small, everybody, replace(given, seed=1))


def test_a_life_ends_once_its_horizons_have_settled(small, given):
    heard = []
    life = play(small, {"honest": 4}, replace(given, horizons=2), heard.append)
    assert life.ended is Ended.HORIZONS
    assert life.updates >= 2_000
    assert heard == sorted(heard)
    assert heard[-1] <= 2_000
    assert len(life.moments) > 50
    assert [moment.updates for moment in life.moments] == sorted(m.updates for m in life.moments)


def test_a_life_without_trainers_ends_by_its_days(small, given):
    life = play(small, {"consumer": 2}, replace(given, days=30))
    assert (life.ended, life.seconds, life.updates) == (Ended.DAYS, 30 * 86_400, 0)
    assert (life.wanted > 0, life.served) == (True, 0)
    assert life.was_seated is False


def test_a_life_of_too_many_claims_is_cut(small, given, monkeypatch):
    monkeypatch.setattr("delea.simulation.life.MAX_CLAIMS", 20)
    life = play(small, {"honest": 4}, given)
    assert life.ended is Ended.CLAIMS
    assert sum(account.claims for account in life.accounts) == 20


def test_the_first_moment_is_the_day_of_creation(terms, given):
    first = play(terms, {}, replace(given, days=1)).moments[0]
    assert (first.seconds, first.updates, first.holders) == (0, 0, ())
    assert first.reserve == 950_000 * 10**18
    assert first.circulating == 50_000 * 10**18
    assert first.reward == 94_995_250_158_329_375_079  # as the contract pays the first update
    assert first.price == 95_000_004_750_000_159
    assert first.inferences == 512_932  # 10^7 ln(1 / 0.95)


@pytest.mark.parametrize("left", [1, 10**18, 3 * 10**23, 95 * 10**22])
def test_what_circulates_buys_exactly_so_much(terms, left):
    units = buyable(left, terms)
    reserve, rest = left, terms.supply - left
    whole = terms.horizon * terms.inferences_per_update
    while units:
        call = min(units, whole)
        paid = curve.price(reserve, call, terms.horizon, terms.inferences_per_update)
        reserve, rest, units = reserve + paid, rest - paid, units - call
    assert 0 <= rest < curve.price(reserve, 1, terms.horizon, terms.inferences_per_update) + 100


@pytest.mark.parametrize(
    ("changed", "line"),
    [
        ({"audit_rate": Fraction(3, 2)}, "an audit rate of 0 to 1 expected, got 3/2"),
        ({"audit_rate": Fraction(-1)}, "an audit rate of 0 to 1 expected, got -1"),
        ({"seconds_per_update": Fraction(0)}, "seconds per update above 0 and up to 2592000"),
        ({"gas": -1}, "gas of 0 to 79228162514264337593543950336 expected, got -1"),
        ({"update_cost": 2**96 + 1}, "update cost of 0 to "),
        ({"token_value": -1}, "token value of 0 to "),
        ({"demand": 0}, "demand of 1 to 1099511627776 expected, got 0"),
        ({"patience": 0}, "patience of 1 to 10000 expected, got 0"),
        ({"horizons": 65}, "horizons of 1 to 64 expected, got 65"),
        ({"days": 0}, "days of 1 to 36500 expected, got 0"),
        ({"seed": -1}, "seed of 0 to 18446744073709551616 expected, got -1"),
    ],
)
def test_assumptions_out_of_bounds_are_refused(terms, given, changed, line):
    with pytest.raises(RefusedError, match=f"^{line}"):
        play(terms, {}, replace(given, **changed))


@pytest.mark.parametrize(
    ("population", "line"),
    [
        ({"miner": 1}, "population: one of honest, .* expected, got 'miner'"),
        ({"honest": -1}, "population: honest of 0 to 10000 expected, got -1"),
        ({"honest": 6_000, "lazy": 6_000}, "population: all of 0 to 10000 expected, got 12000"),
    ],
)
def test_a_population_that_cannot_be_is_refused(terms, given, population, line):
    with pytest.raises(RefusedError, match=f"^{line}"):
        play(terms, population, given)


def test_terms_that_no_model_could_have_are_refused(terms, given):
    with pytest.raises(RefusedError, match="terms: horizon of 64"):
        play(replace(terms, horizon=63), {}, given)
