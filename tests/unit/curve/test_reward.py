"""reward: never above its real value, and nearer to it than anyone could care."""

from itertools import product

import mpmath
import pytest

from delea.curve import reward
from delea.errors import RefusedError

RESERVE = 95 * 10**22
HORIZON = 1_000_000


def test_reward_is_never_above_the_real_value_and_at_most_a_wei_below(numbers, exact):
    with mpmath.workprec(400):
        for _ in range(numbers.many):
            reserve, horizon = numbers.reserve(), numbers.horizon()
            updates = numbers.up_to(200 * horizon)
            gap = exact.reward(reserve, updates, horizon) - reward(reserve, updates, horizon)
            assert 0 <= gap <= exact.tolerance(reserve), (reserve, updates, horizon)


@pytest.mark.parametrize("horizon", [1, 64, 1_000_003, 2**48])
def test_reward_is_on_the_right_side_where_the_curve_flattens(exact, horizon):
    reserve = 2**112 - 1
    with mpmath.workprec(400):
        for updates in range(80 * horizon - 3, 80 * horizon + 3):
            gap = exact.reward(reserve, updates, horizon) - reward(reserve, updates, horizon)
            assert 0 <= gap <= exact.tolerance(reserve)


def test_reward_is_on_the_right_side_at_the_smallest_and_largest_terms(exact):
    reserves, horizons = (0, 1, 10**24, 2**112 - 1), (1, 64, 2**48)
    counts = (1, 2**16, 2**48, 80 * 2**48, 2**256 - 1)
    with mpmath.workprec(400):
        for reserve, horizon, updates in product(reserves, horizons, counts):
            gap = exact.reward(reserve, updates, horizon) - reward(reserve, updates, horizon)
            assert 0 <= gap <= exact.tolerance(reserve), (reserve, updates, horizon)


def test_reward_equals_its_vectors(vectors):
    for case in vectors["reward"]:
        found = reward(int(case["reserve"]), int(case["updates"]), int(case["horizon"]))
        assert str(found) == case["reward"], case


def test_the_whole_curve_sums_to_the_reserve():
    assert 0 <= RESERVE - reward(RESERVE, 200 * HORIZON, HORIZON) <= 1


def test_claims_one_after_another_empty_the_reserve():
    left = 10**24
    for _ in range(80):
        left -= reward(left, 64, 64)
    assert left <= 2


def test_the_reward_of_one_update_falls_at_every_update():
    left, before = RESERVE, RESERVE
    for _ in range(2_000):
        earned = reward(left, 1, HORIZON)
        assert 0 < earned < before
        left, before = left - earned, earned


def test_the_reward_of_one_update_falls_to_nothing():
    left = 10**24
    for _ in range(100):
        left -= reward(left, 64, 64)
    assert reward(left, 1, 64) == 0


def test_more_updates_never_earn_less(numbers):
    for _ in range(2_000):
        reserve, horizon = numbers.reserve(), numbers.horizon()
        updates = numbers.up_to(100 * horizon)
        assert reward(reserve, updates, horizon) <= reward(reserve, updates + 1, horizon) + 1


def test_half_the_reserve_is_earned_by_ln_2_horizons():
    assert reward(2 * 10**24, 693_147, HORIZON) == 999_999_819_440_038_389_634_861


def test_cutting_updates_into_claims_never_earns_more_than_a_wei_extra(numbers, exact):
    for _ in range(1_500):
        reserve, horizon = numbers.reserve(), numbers.horizon()
        updates = numbers.up_to(horizon, least=1)
        left, todo = reserve, updates
        while todo:
            part = min(todo, numbers.up_to(todo, least=max(1, updates // 20)))
            left -= reward(left, part, horizon)
            todo -= part
        extra = (reserve - left) - reward(reserve, updates, horizon)
        assert extra <= exact.tolerance(reserve)


def test_cutting_updates_costs_at_most_a_wei_per_cut(numbers, exact):
    for _ in range(500):
        reserve, horizon = numbers.reserve(), numbers.horizon()
        first, second = numbers.up_to(horizon), numbers.up_to(horizon)
        earned = reward(reserve, first, horizon)
        earned += reward(reserve - earned, second, horizon)
        lost = reward(reserve, first + second, horizon) - earned
        assert lost <= 2 * exact.tolerance(reserve)


@pytest.mark.parametrize("reserve", [-1, 2**112])
def test_reward_refuses_a_reserve_out_of_bounds(reserve):
    with pytest.raises(RefusedError, match=r"the reserve must be 0 to 2\^112 - 1 wei, got "):
        reward(reserve, 1, 1)


@pytest.mark.parametrize("horizon", [-1, 0, 2**48 + 1])
def test_reward_refuses_a_horizon_out_of_bounds(horizon):
    with pytest.raises(RefusedError, match=r"the horizon must be 1 to 2\^48 updates, got "):
        reward(1, 1, horizon)


def test_reward_refuses_negative_updates():
    with pytest.raises(RefusedError, match="updates must not be negative, got -1"):
        reward(1, -1, 1)


@pytest.mark.parametrize("updates", [0, 1])
def test_an_empty_reserve_pays_nothing(updates):
    assert reward(0, updates, 1) == 0
