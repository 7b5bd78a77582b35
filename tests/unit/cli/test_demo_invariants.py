"""The demo's books notice when they do not balance: real events, numbers changed on purpose."""

from dataclasses import dataclass, field
from types import SimpleNamespace

import pytest

from delea.chain.events import Inferred, Settled, Transfer
from delea.cli.demo import invariants

SUPPLY = 1_000_000
ZERO = "0x" + "0" * 40
MODEL, CREATOR, TRAINER, ATTACKER = (f"0x{digit * 40}" for digit in "1234")


@dataclass
class Books:
    """A model after a reward of 100, an inference of 30 and a gift of 5."""

    balances: dict = field(
        default_factory=lambda: {
            CREATOR: 50_000,
            TRAINER: 100 - 30 - 5,
            MODEL: 950_000 - 100 + 30 + 5,
        }
    )
    log: list = field(
        default_factory=lambda: [
            Transfer(1, 0, "create", ZERO, MODEL, 950_000),
            Transfer(1, 1, "create", ZERO, CREATOR, 50_000),
            Transfer(2, 0, "settle", MODEL, TRAINER, 100),
            Settled(2, 1, "settle", 1, TRAINER, 100, 949_900),
            Transfer(3, 0, "infer", TRAINER, MODEL, 30),
            Inferred(3, 1, "infer", TRAINER, bytes(32), 1, 30),
            Transfer(4, 0, "gift", TRAINER, MODEL, 5),
        ]
    )
    address = MODEL

    def creator(self):
        return CREATOR

    def events(self, kind):
        return tuple(event for event in self.log if isinstance(event, kind))

    def balance_of(self, account):
        return self.balances.get(account, 0)

    def reserve(self):
        return self.balances[MODEL]

    def total_supply(self):
        return SUPPLY

    def versions(self):
        return ()

    def burned(self):
        return 7

    def credit_of(self, _account):
        return 0


@pytest.fixture
def books():
    return Books()


@pytest.fixture
def check(books, monkeypatch):
    monkeypatch.setattr(invariants, "_replay", lambda *_: True)  # it has tests on a real chain
    keys = {"attacker": SimpleNamespace(address=ATTACKER)}
    coin = SimpleNamespace(balance=7)
    chain = SimpleNamespace(balance_of=lambda _: coin.balance)
    cast = SimpleNamespace(keys=keys, chain=chain)

    def broken(upheld=frozenset({1}), coins=7):
        coin.balance = coins
        found = invariants.check_invariants(cast, SimpleNamespace(model=books), set(upheld))
        return [name for name, holds in found.items() if not holds]

    return broken


def test_books_that_balance_break_nothing(check):
    assert check() == []


def test_an_inference_that_moved_no_tokens_is_noticed(check, books):
    books.log.remove(Transfer(3, 0, "infer", TRAINER, MODEL, 30))
    books.balances[MODEL] -= 30
    books.balances[TRAINER] += 30
    assert check() == ["reserve_is_accounted_for"]


def test_a_reward_of_one_wei_more_is_noticed(check, books):
    books.balances[MODEL] -= 1
    books.balances[TRAINER] += 1
    assert check() == ["reserve_is_accounted_for"]


def test_a_token_out_of_nowhere_is_noticed(check, books):
    books.balances[TRAINER] += 1
    assert check() == ["balances_sum_to_supply"]


def test_native_coin_that_is_missing_is_noticed(check):
    assert check(coins=6) == ["native_bonds_balance"]


def test_honest_work_that_was_not_paid_is_noticed(check):
    assert check(upheld={1, 2}) == ["honest_work_was_paid"]


def test_an_attacker_who_holds_tokens_is_noticed(check, books):
    books.balances[ATTACKER] = 1
    books.balances[TRAINER] -= 1
    assert "cheating_earned_nothing" in check()
