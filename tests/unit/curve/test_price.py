"""price: never below its real value, at least 1 wei, and the inverse of the reward."""

from itertools import product

import mpmath
import pytest

from delea.curve import price, reward
from delea.errors import RefusedError


def test_price_is_never_below_the_real_value_and_at_most_a_wei_above(numbers, exact):
    with mpmath.workprec(400):
        for _ in range(numbers.many):
            reserve, horizon = numbers.reserve(), numbers.horizon()
            per_update = numbers.up_to(2**40, least=1)
            whole = horizon * per_update
            units = numbers.up_to(whole, least=1)
            found = price(reserve, units, horizon, per_update)
            assert found >= 1
            gap = found - exact.price(reserve, units, whole)
            assert 0 <= gap <= exact.tolerance(reserve), (reserve, units, horizon, per_update)


def test_price_is_on_the_right_side_at_the_smallest_and_largest_terms(exact):
    reserves, horizons, many = (0, 1, 10**24, 2**112 - 1), (1, 64, 2**48), (1, 2**40)
    with mpmath.workprec(400):
        for reserve, horizon, per_update in product(reserves, horizons, many):
            whole = horizon * per_update
            for units in {1, whole // 2 or 1, whole}:
                found = price(reserve, units, horizon, per_update)
                gap = found - exact.price(reserve, units, whole)
                assert 0 <= gap <= exact.tolerance(reserve), (reserve, units, whole)


def test_price_equals_its_vectors(vectors):
    for case in vectors["price"]:
        found = price(
            int(case["reserve"]),
            int(case["units"]),
            int(case["horizon"]),
            int(case["inferences_per_update"]),
        )
        assert str(found) == case["price"], case


def test_the_tokens_of_one_update_buy_exactly_inferences_per_update(numbers):
    for _ in range(3_000):
        horizon = numbers.up_to(2**48, least=64)
        supply = max(10**24, 10**12 * horizon)
        reserve = supply // (1 + numbers.up_to(1_000))
        per_update = numbers.up_to(10**6, least=1)
        earned = reward(reserve, 1, horizon)
        asked = price(reserve - earned, per_update, horizon, per_update)
        assert 0 <= asked - earned <= 2 + 2 * reserve // 2**96
        more = price(reserve - earned, per_update + 1, horizon, per_update) if horizon > 1 else 0
        assert more > earned + 1


def test_training_then_using_then_training_never_profits(numbers):
    for _ in range(2_000):
        reserve = numbers.reserve()
        horizon, per_update = numbers.horizon(), numbers.up_to(2**40, least=1)
        updates = numbers.up_to(max(1, horizon // 64), least=1)
        first = reward(reserve, updates, horizon)
        units = min(updates * per_update, horizon * per_update)
        paid = price(reserve - first, units, horizon, per_update)
        assert paid >= first


def test_more_units_never_cost_less(numbers):
    for _ in range(2_000):
        reserve, horizon = numbers.reserve(), numbers.horizon()
        per_update = numbers.up_to(2**40, least=2)
        units = numbers.up_to(horizon * per_update - 1, least=1)
        low = price(reserve, units, horizon, per_update)
        assert low <= price(reserve, units + 1, horizon, per_update) + 1


def test_a_price_is_at_least_one_wei():
    assert price(0, 1, 1, 1) == 1
    assert price(1, 1, 2**48, 2**40) == 1


def test_a_known_price():
    assert price(95 * 10**22, 50, 1_000_000, 100) == 475_000_118_750_019_792


@pytest.mark.parametrize(("units", "most"), [(0, 200), (-1, 200), (201, 200)])
def test_price_refuses_units_out_of_bounds(units, most):
    with pytest.raises(RefusedError, match=f"units must be 1 to {most}, got {units}"):
        price(1, units, 2, 100)


@pytest.mark.parametrize("per_update", [0, 2**40 + 1])
def test_price_refuses_inferences_per_update_out_of_bounds(per_update):
    with pytest.raises(RefusedError, match=r"inferences_per_update must be 1 to 2\^40, got "):
        price(1, 1, 1, per_update)


@pytest.mark.parametrize(("reserve", "horizon"), [(-1, 1), (2**112, 1), (1, 0), (1, 2**48 + 1)])
def test_price_refuses_a_curve_out_of_bounds(reserve, horizon):
    with pytest.raises(RefusedError, match=r"^the (reserve|horizon) must be "):
        price(reserve, 1, horizon, 1)
