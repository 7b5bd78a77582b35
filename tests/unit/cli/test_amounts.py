"""Amounts are read and shown exactly, without floating point."""

from fractions import Fraction

import pytest

from delea.cli.amounts import (
    count,
    horizon_of,
    parse_amount,
    parse_fraction,
    show_amount,
    show_exact,
)
from delea.errors import UsageError


@pytest.mark.parametrize(
    ("wei", "shown"),
    [
        (0, "0.0000 SIN"),
        (148_425_949_999_999_999_999, "148.4259 SIN"),
        (148_425_950_000_000_000_000, "148.4260 SIN"),
        (1_000_000 * 10**18, "1,000,000.0000 SIN"),
        (2**112 - 1, "5,192,296,858,534,827.6285 SIN"),
        (10**14, "0.0001 SIN"),
        (10**14 - 1, "0.00010 SIN"),
        (123_456, "0.0000000000001 SIN"),
        (1, "0.000000000000000001 SIN"),
        (-15 * 10**17, "-1.5000 SIN"),
        (10**18 - 1, "1.0000 SIN"),
    ],
)
def test_an_amount_is_shown_rounded_to_the_nearest(wei: int, shown: str):
    assert show_amount(wei, "SIN") == shown


@pytest.mark.parametrize(
    ("text", "wei"),
    [
        ("1", 10**18),
        ("0.01", 10**16),
        ("148.4259", 148_425_900_000_000_000_000),
        ("0.000000000000000001", 1),
        ("17wei", 17),
        ("17 wei", 17),
        ("0", 0),
    ],
)
def test_an_amount_is_read_to_the_wei(text: str, wei: int):
    assert parse_amount(text) == wei


@pytest.mark.parametrize(
    "text", ["", "-1", "+1", "1e18", ".5", "1.", "1,000", "1_0", "nan", "0.0000000000000000001",
             "1.5wei", "²", "9" * 60],
)  # fmt: skip
def test_what_is_no_amount_is_refused(text: str):
    with pytest.raises(UsageError, match="expected, got"):
        parse_amount(text)


@pytest.mark.parametrize(
    ("amount", "shown"),
    [
        (0, "0 SIN"),
        (1, "0.000000000000000001 SIN"),
        (10**18, "1 SIN"),
        (12_345 * 10**17, "1,234.5 SIN"),
        (10**22, "10,000 SIN"),
    ],
)
def test_an_exact_amount_loses_no_digit(amount: int, shown: str):
    assert show_exact(amount, "SIN") == shown


@pytest.mark.parametrize(
    ("alpha", "u", "horizon"),
    [("0.1", "1000", 10_000), ("1/3", "100", 300), ("0.3", "3000", 10_000), ("2", "128", 64)],
)
def test_a_horizon_is_u_over_alpha_exactly(alpha: str, u: str, horizon: int):
    assert horizon_of(parse_fraction(alpha), parse_fraction(u)) == horizon


def test_a_horizon_that_is_not_whole_is_refused():
    with pytest.raises(UsageError, match=r"got 1000 / 3/10 = 10000/3"):
        horizon_of(Fraction(3, 10), Fraction(1000))


@pytest.mark.parametrize("text", ["0", "0.0", "1/0", "-1", "1e9", "1/2/3", "", "inf", "9" * 31])
def test_what_is_no_positive_number_is_refused(text: str):
    with pytest.raises(UsageError, match="a positive number"):
        parse_fraction(text)


def test_one_is_not_plural():
    assert [count(1, "update"), count(2, "update")] == ["1 update", "2 updates"]
