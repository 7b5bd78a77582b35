"""Each warning stands on one side of its threshold and is gone on the other."""

from dataclasses import replace
from fractions import Fraction

import pytest

from delea import curve
from delea.simulation import Ended, advise_life, advise_terms, launch_of, play

CHECKED = {"verifier": 1}


@pytest.fixture
def warns(terms, given):
    """Whether a warning is given at launch under changed terms and assumptions."""
    names = set(terms.__slots__)

    def warned(code, population=CHECKED, **changed):
        its = replace(terms, **{k: v for k, v in changed.items() if k in names})
        other = replace(given, **{k: v for k, v in changed.items() if k not in names})
        return code in {advice.code for advice in advise_terms(its, population, other)}

    return warned


def test_the_defaults_are_not_warned_of(terms, given):
    assert advise_terms(terms, CHECKED, given) == ()


def test_a_bond_is_enough_from_the_wei_on_that_the_warning_names(terms, given, warns):
    quarter = replace(given, audit_rate=Fraction(1, 4))
    text = advise_terms(terms, CHECKED, quarter)[0].text
    assert text == (
        "a wrong claim of 90 updates gains on average while 25 % are checked;"
        " a bond_per_update of 0.000455442677717368 coin makes it lose"
    )
    enough = 455_442_677_717_368
    rate = {"audit_rate": Fraction(1, 4)}
    assert not warns("bond_too_small", bond_per_update=enough, **rate)
    assert warns("bond_too_small", bond_per_update=enough - 1, **rate)


def test_the_bond_also_stands_behind_the_smallest_claim(warns):
    # (1/2) 94995250158329 (a full update's value) = (1/2) bond / 2 + gas
    rate = {"audit_rate": Fraction(1, 2), "bond_per_update": 10**16, "gas": 0}
    reward = 94_995_250_158_329
    assert not warns("bond_too_small", max_updates=1, bond_base=0, **rate)
    rate["bond_per_update"] = 2 * reward
    assert not warns("bond_too_small", max_updates=1, bond_base=0, **rate)
    rate["bond_per_update"] = 2 * reward - 1
    assert warns("bond_too_small", max_updates=1, bond_base=0, **rate)


def test_no_bond_helps_where_nobody_checks(terms, given, warns):
    assert warns("bond_too_small", population={}, bond_per_update=10**24)
    text = advise_terms(terms, {"honest": 3}, given)[0].text
    assert text.endswith("while 0 % are checked, and no bond helps where nobody checks")


def test_cheating_breaks_even_at_the_rate_that_is_named(terms, given, warns):
    even = launch_of(terms, replace(given, gas=0)).break_even
    assert even == Fraction(2 * 8_511_640_165_760_520, 2 * 8_511_640_165_760_520 + 19 * 10**15)
    assert not warns("bond_too_small", gas=0, audit_rate=even)
    assert warns("bond_too_small", gas=0, audit_rate=even - Fraction(1, 10**18))


def test_a_seat_takes_53_updates(terms, given):
    assert launch_of(terms, given).updates_to_a_seat == 53
    assert curve.reward(950_000 * 10**18, 53, 10_000) >= 5_000 * 10**18
    assert curve.reward(950_000 * 10**18, 52, 10_000) < 5_000 * 10**18


def test_seats_cost_more_than_the_reserve_from_the_wei_on_that_the_warning_names(
    terms, given, warns
):
    rate = {"audit_rate": Fraction(9, 10)}
    (found,) = advise_terms(terms, CHECKED, replace(given, **rate))
    # two claims of 90 updates, each after nine lost halves of 0.019 coin
    assert found.text == (
        "while 90 % are checked, wrong claims earn two seats for 0.15397671966847896 coin on"
        " average, and seats judge over a reserve worth 0.95 coin: check more, or ask a"
        " bond_per_update of 0.001082744790532743 coin"
    )
    enough = 1_082_744_790_532_743
    assert not warns("seats_are_cheap", bond_per_update=enough, **rate)
    assert warns("seats_are_cheap", bond_per_update=enough - 1, **rate)
    assert not warns("seats_are_cheap", bond_per_update=0, bond_base=0, audit_rate=Fraction(1))
    assert warns("seats_are_cheap", population={}, bond_per_update=10**24)


@pytest.mark.parametrize("updates", [1, 90])
def test_half_of_a_bond_pays_for_a_challenge(warns, updates):
    # n updates to re-run, and three transactions
    cost = updates * 10**12 + 3 * 10**13
    costs = {"update_cost": 10**12, "gas": 10**13, "max_updates": updates, "bond_per_update": 0}
    assert not warns("challenge_does_not_pay", bond_base=2 * cost, **costs)
    assert warns("challenge_does_not_pay", bond_base=2 * cost - 1, **costs)


def test_a_full_claim_can_be_checked_sixteen_times_in_the_window(warns):
    assert not warns("window_too_short", seconds_per_update=Fraction(60))
    assert warns("window_too_short", seconds_per_update=Fraction(60) + Fraction(1, 10**9))
    assert warns("window_too_short", challenge_window=86_399)


def test_a_horizon_outlasts_the_challenge_window(warns):
    minute = {"seconds_per_update": Fraction(60), "max_updates": 1}
    assert not warns("horizon_too_short", horizon=1_440, **minute)
    assert warns("horizon_too_short", horizon=1_439, **minute)


def test_the_first_claim_is_worth_its_work_and_gas(warns):
    # 90 updates earn 8511.640165760520 tokens at 10^12 wei each; two transactions
    reward, gas = 8_511_640_165_760_520, 1_000_000_000_320
    cost = (reward - 2 * gas) // 90
    assert reward == 90 * cost + 2 * gas
    assert not warns("training_does_not_pay", gas=gas, update_cost=cost)
    assert warns("training_does_not_pay", gas=gas, update_cost=cost + 1)


def test_a_price_keeps_a_thousand_wei_until_the_end(warns):
    # e^-1 of the reserve is left after one horizon: 349485... tokens over 10^4 updates and 10^3 wei
    left = 950_000 * 10**18 - curve.reward(950_000 * 10**18, 64, 64)
    most = left // (1_000 * 64)
    one = {"horizon": 64, "max_updates": 1, "horizons": 1, "supply": 10**24}
    assert most > 2**40  # the largest inferences_per_update is far from it
    assert not warns("price_too_coarse", inferences_per_update=2**40, **one)
    tight = {"horizon": 10**12, "max_updates": 1, "horizons": 1, "supply": 10**24}
    most = (950_000 * 10**18 - curve.reward(950_000 * 10**18, 10**12, 10**12)) // 10**15
    assert most == 349_485_469
    assert not warns("price_too_coarse", inferences_per_update=most, **tight)
    assert warns("price_too_coarse", inferences_per_update=most + 1, **tight)
    assert warns("price_too_coarse", inferences_per_update=most, **tight | {"horizons": 2})


def test_what_a_consumer_wants_costs_more_than_its_gas(terms, warns):
    price = curve.price(950_000 * 10**18, 1_000, terms.horizon, terms.inferences_per_update)
    value = price // 10**6  # at 10^12 wei a token
    assert not warns("inference_below_gas", gas=value)
    assert warns("inference_below_gas", gas=value + 1)


@pytest.fixture
def life(small, given):
    """A quiet life, of which nothing is to be warned."""
    return play(small, {"honest": 4, "verifier": 1}, replace(given, horizons=2)), small


@pytest.mark.parametrize(
    ("code", "calm", "unwise"),
    [
        ("wrong_work_settled", {"wrong_settled": 0}, {"wrong_settled": 1}),
        ("nobody_seated", {"was_seated": True}, {"was_seated": False}),
        ("inference_runs_short", {"wanted": 8, "served": 4}, {"wanted": 9, "served": 4}),
        (
            "horizon_too_long",
            {"ended": Ended.DAYS, "updates": 1_000},
            {"ended": Ended.DAYS, "updates": 999},
        ),
        ("claims_too_small", {"ended": Ended.DAYS}, {"ended": Ended.CLAIMS}),
    ],
)
def test_a_life_is_warned_of_from_its_threshold_on(life, code, calm, unwise):
    lived, terms = life
    assert advise_life(lived, terms) == ()
    assert advise_life(replace(lived, **calm), terms) == ()
    assert [advice.code for advice in advise_life(replace(lived, **unwise), terms)] == [code]


@pytest.mark.parametrize(
    ("nets", "texts"),
    [
        ((0, 0), []),
        ((0, 1), ["cheating paid: liar 0.000000000000000001 coin; check more"]),
        ((10**18, -(10**19)), ["cheating paid: lazy 1 coin; check more"]),
        ((10**18, 10**17), ["cheating paid: lazy 1 coin, liar 0.1 coin; check more"]),
    ],
)
def test_cheating_is_warned_of_from_the_first_wei_of_a_kind_on(life, nets, texts):
    lived, terms = life
    first, second, *_ = lived.accounts
    accounts = (replace(first, kind="lazy"), replace(second, kind="liar"))
    cheated = replace(lived, accounts=accounts, nets=nets, tokens=(0, 0))
    advice = advise_life(cheated, terms)
    assert [found.text for found in advice] == texts
    assert {found.code for found in advice} <= {"cheating_paid"}


def test_lives_show_what_the_warnings_say(small, given):
    unchecked = play(small, {"honest": 4, "lazy": 2}, given)
    found = {advice.code for advice in advise_life(unchecked, small)}
    assert {"wrong_work_settled", "cheating_paid"} <= found
    empty = play(small, {"consumer": 1}, replace(given, days=2))
    assert [advice.code for advice in advise_life(empty, small)] == [
        "nobody_seated",
        "horizon_too_long",
        "inference_runs_short",
    ]
