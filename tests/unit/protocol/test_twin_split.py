"""The twin of a split: its rules in Python, without a chain (beside one: tests/contracts)."""

import pytest

from delea.errors import RevertError
from delea.protocol.twin import INFINITE, NOBODY, Twin, TwinSplit

CREATOR, OTHER, SPLIT, MODEL = "creator", "other", "split", "model"
GRANT = 5 * 10**22


@pytest.fixture
def twin(terms):
    return Twin(terms, CREATOR, MODEL)


@pytest.fixture
def split(twin):
    """A split after the creator deposited ten wei."""
    split = TwinSplit(twin, SPLIT, 1_000)
    twin.approve(CREATOR, SPLIT, 10)
    split.deposit(CREATOR, 10, now=0)
    return split


@pytest.mark.parametrize("parts", [1, 10**18 + 1])
def test_parts_out_of_bounds_are_refused(twin, parts):
    with pytest.raises(RevertError, match="split: parts"):
        TwinSplit(twin, SPLIT, parts)


def test_a_deposit_becomes_its_parts(twin, split):
    assert split.balances[CREATOR] == split.supply == 10_000
    assert (twin.balances[SPLIT], twin.balances[CREATOR]) == (10, GRANT - 10)


def test_a_deposit_needs_the_allowance_and_an_amount_that_a_model_may_have(twin, split):
    with pytest.raises(RevertError, match="token: allowance"):
        split.deposit(CREATOR, 1, now=0)
    twin.approve(CREATOR, SPLIT, INFINITE)
    with pytest.raises(RevertError, match="deposit: amount"):
        split.deposit(CREATOR, 2**112, now=0)
    assert split.supply == 10_000


def test_a_withdrawal_gives_back_whole_wei(twin, split):
    split.transfer(CREATOR, OTHER, 1_999)
    with pytest.raises(RevertError, match="token: balance"):
        split.withdraw(OTHER, 2, now=0)
    split.withdraw(OTHER, 1, now=0)
    assert (split.balances[OTHER], twin.balances[OTHER], split.supply) == (999, 1, 9_000)


@pytest.mark.parametrize("receiver", [NOBODY, SPLIT, MODEL])
def test_who_could_not_give_them_back_receives_none(split, receiver):
    with pytest.raises(RevertError, match="token: receiver"):
        split.transfer(CREATOR, receiver, 1)


def test_a_refused_permit_is_no_matter_where_the_allowance_is_enough(twin, split):
    twin.approve(CREATOR, SPLIT, 3)
    split.deposit_with_permit(CREATOR, 3, 9, signer=NOBODY, now=0)
    assert (split.supply, twin.nonces[CREATOR]) == (13_000, 0)


def test_a_deposit_that_is_refused_takes_its_permit_back(twin, split):
    twin.approve(CREATOR, SPLIT, 3)
    with pytest.raises(RevertError, match="token: balance"):
        split.deposit_with_permit(CREATOR, GRANT, 9, signer=CREATOR, now=0)
    assert (twin.nonces[CREATOR], twin.allowances[CREATOR, SPLIT]) == (0, 3)


def test_others_send_within_the_allowance(split):
    split.permit(CREATOR, OTHER, 5, 9, signer=CREATOR, now=9)
    split.transfer_from(OTHER, CREATOR, OTHER, 4)
    assert (split.allowances[CREATOR, OTHER], split.nonces[CREATOR]) == (1, 1)
    with pytest.raises(RevertError, match="token: allowance"):
        split.transfer_from(OTHER, CREATOR, OTHER, 2)
    split.approve(CREATOR, OTHER, INFINITE)
    split.transfer_from(OTHER, CREATOR, OTHER, 2)
    assert (split.allowances[CREATOR, OTHER], split.balances[OTHER]) == (INFINITE, 6)


@pytest.mark.parametrize(("signer", "now"), [(NOBODY, 9), (OTHER, 9), (CREATOR, 10)])
def test_a_permit_needs_its_owner_and_its_time(split, signer, now):
    with pytest.raises(RevertError, match="permit: "):
        split.permit(CREATOR, OTHER, 5, 9, signer=signer, now=now)
    assert split.nonces[CREATOR] == 0
