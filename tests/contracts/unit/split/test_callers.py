"""Who calls a split is who the call comes from: a contract acts for itself."""

import pytest

HELD = 10**21  # of the model's token, by the wallet
NOBODY = "0x" + "00" * 20


@pytest.fixture
def told(world, filled, by):
    """Call the split through the wallet, told by the creator, who has parts; return the event."""

    def call(name, *arguments):
        by(filled, name, *arguments, sender=world.creator)
        (event,) = [each for each in filled.events() if each.name in {"Transfer", "Approval"}]
        return event.fields

    return call


@pytest.fixture
def rich(world, filled, wallet):
    """The wallet with four thousand parts."""
    filled.transfer(wallet.address, 4_000, sender=world.creator)
    return wallet.address


def test_a_contract_deposits_its_own_tokens(world, model, filled, wallet, by, told):
    by(model, "approve", filled.address, 3)
    event = told("deposit", 3)
    assert event == {"sender": NOBODY, "receiver": wallet.address, "value": 3_000}
    assert filled.balanceOf(wallet.address) == 3_000
    assert filled.balanceOf(world.creator) == 10_000
    assert model.balanceOf(wallet.address) == HELD - 3


def test_a_contract_withdraws_its_own_parts(world, model, filled, rich, told):
    assert told("withdraw", 3) == {"sender": rich, "receiver": NOBODY, "value": 3_000}
    assert filled.balanceOf(rich) == 1_000
    assert filled.balanceOf(world.creator) == 6_000
    assert model.balanceOf(rich) == HELD + 3


def test_a_contract_sends_its_own_parts(world, filled, rich, told):
    event = told("transfer", world.consumer, 7)
    assert event == {"sender": rich, "receiver": world.consumer, "value": 7}
    assert filled.balanceOf(rich) == 3_993
    assert filled.balanceOf(world.creator) == 6_000


def test_a_contract_allows_others_its_own_parts(world, filled, rich, told):
    event = told("approve", world.consumer, 7)
    assert event == {"owner": rich, "spender": world.consumer, "value": 7}
    assert filled.allowance(rich, world.consumer) == 7
    assert filled.allowance(world.creator, world.consumer) == 0


def test_a_contract_spends_what_it_was_allowed(filled, wallet_spends):
    wallet_spends(filled)
