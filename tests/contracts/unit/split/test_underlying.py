"""A hostile token in the model's place: it answers no or nonsense, refuses, calls back."""

import pytest

from delea.errors import RevertError

YES = (1).to_bytes(32, "big")
NO = bytes(32)


@pytest.fixture
def hostile(deploy, underlying):
    return deploy(model=underlying.address)


@pytest.fixture
def held(world, hostile):
    hostile.deposit(5, sender=world.consumer)
    return hostile


def test_a_deposit_that_is_answered_no_makes_nothing(world, hostile, underlying, refuses):
    underlying.prepare(NO, refuses=False)
    with refuses("deposit: refused"):
        hostile.deposit(5, sender=world.consumer)
    assert hostile.totalSupply() == hostile.balanceOf(world.consumer) == 0


def test_a_withdrawal_that_is_answered_no_burns_nothing(world, held, underlying, refuses):
    underlying.prepare(NO, refuses=False)
    with refuses("withdraw: refused"):
        held.withdraw(5, sender=world.consumer)
    assert held.totalSupply() == held.balanceOf(world.consumer) == 5_000


@pytest.mark.parametrize("answer", [b"", YES[:31], (2).to_bytes(32, "big"), b"\xff" * 32], ids=len)
def test_an_answer_that_is_neither_yes_nor_no_moves_nothing(world, held, underlying, answer):
    underlying.prepare(answer, refuses=False)
    for call in (held.deposit, held.withdraw):
        with pytest.raises(RevertError):
            call(1, sender=world.consumer)
    assert held.totalSupply() == held.balanceOf(world.consumer) == 5_000


def test_the_underlyings_own_reason_comes_through(world, held, underlying, refuses):
    underlying.prepare(YES, refuses=True)
    with refuses("underlying: refused"):
        held.deposit(1, sender=world.consumer)
    with refuses("underlying: refused"):
        held.withdraw(1, sender=world.consumer)
    assert held.totalSupply() == 5_000


CALLS = [
    ("deposit", (1,)),
    ("withdraw", (0,)),
    ("transfer", ("0x" + "a1" * 20, 0)),
    ("approve", ("0x" + "a1" * 20, 1)),
    ("totalSupply", ()),
    ("balanceOf", ("0x" + "a1" * 20,)),
]


@pytest.mark.parametrize(("name", "arguments"), CALLS, ids=[name for name, _ in CALLS])
@pytest.mark.parametrize("way", ["deposit", "withdraw"])
def test_nothing_can_be_called_or_read_in_the_middle(world, held, underlying, way, name, arguments):
    underlying.prepare_call(held.address, held.data(name, *arguments))
    getattr(held, way)(2, sender=world.consumer)
    assert underlying.reentered() is False
    assert held.totalSupply() == (7_000 if way == "deposit" else 3_000)
    assert held.balanceOf(underlying.address) == 0


def test_nothing_can_be_called_while_a_permit_is_brought(world, held, underlying):
    words = (27, b"\x01" * 32, b"\x01" * 32)
    underlying.prepare_call(held.address, held.data("deposit", 1))
    held.deposit_with_permit(2, 0, *words, sender=world.consumer)
    assert underlying.reentered() is False
    assert held.balanceOf(underlying.address) == 0
    assert held.totalSupply() == 7_000


def test_amounts_never_wrap_whatever_the_underlying_says(world, hostile, refuses):
    most = 2**112 - 1
    hostile.deposit(most, sender=world.consumer)
    hostile.deposit(most, sender=world.consumer)
    assert hostile.totalSupply() == 2 * most * 1_000
    with refuses("deposit: amount"):
        hostile.deposit(most + 1, sender=world.consumer)


@pytest.mark.parametrize("amount", [6, 2**256 // 1_000 + 1, 2**256 - 1])
def test_more_than_the_balance_is_refused_before_the_underlying_is_asked(
    world, held, refuses, amount
):
    with refuses("token: balance"):
        held.withdraw(amount, sender=world.consumer)
