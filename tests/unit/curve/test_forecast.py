"""reserve_after and quote: what will be left, and what a claim will earn, once others settle."""

from delea.curve import quote, reserve_after, reward

RESERVE = 95 * 10**22
HORIZON = 1_000_000


def test_reserve_after_no_claim_is_the_reserve():
    assert reserve_after(RESERVE, (), HORIZON) == RESERVE


def test_reserve_after_pays_each_claim_in_turn():
    first = reward(RESERVE, 700, HORIZON)
    second = reward(RESERVE - first, 300, HORIZON)
    assert reserve_after(RESERVE, (700, 300), HORIZON) == RESERVE - first - second


def test_quote_with_nothing_pending_is_the_reward():
    assert quote(RESERVE, 0, 100, HORIZON) == 94_995_250_158_329_375_079


def test_quote_behind_pending_updates_is_lower():
    assert quote(RESERVE, 1_200 - 300, 50, HORIZON) < reward(RESERVE, 50, HORIZON)
