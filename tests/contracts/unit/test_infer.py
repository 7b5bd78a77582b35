"""infer: the price goes from the payer into the reserve."""

import pytest

REQUEST = b"\x05" * 32


def test_infer_pays_the_reserve(world, model):
    price = model.price_for(50)
    assert price == 475_000_118_750_019_792
    reserve = model.reserve()
    held = model.balanceOf(world.creator)
    assert model.infer(50, price, REQUEST, sender=world.creator) == price
    assert model.reserve() == reserve + price
    assert model.balanceOf(world.creator) == held - price


def test_infer_logs_the_transfer_and_the_request(world, model):
    price = model.infer(50, 10**18, REQUEST, sender=world.creator)
    transfer, inferred = model.events()
    assert transfer.name == "Transfer"
    assert transfer.fields == {
        "sender": world.creator,
        "receiver": model.address,
        "value": price,
    }
    assert inferred.name == "Inferred"
    assert inferred.fields == {
        "payer": world.creator,
        "request": REQUEST,
        "units": 50,
        "price": price,
    }


def test_infer_refuses_a_price_one_wei_above_max_price(world, model, refuses):
    price = model.price_for(50)
    with refuses("infer: max_price"):
        model.infer(50, price - 1, REQUEST, sender=world.creator)


@pytest.mark.parametrize("units", [0, 100_000_001, 2**256 - 1])
def test_infer_refuses_units_out_of_bounds(world, model, refuses, units):
    with refuses("infer: units"):
        model.infer(units, 2**256 - 1, REQUEST, sender=world.creator)
    with refuses("price_for: units"):
        model.price_for(units)


def test_one_unit_may_be_bought(world, model):
    assert model.infer(1, 2**256 - 1, REQUEST, sender=world.creator) == 9_500_000_047_500_001


def test_a_whole_horizon_is_quoted_and_is_beyond_anyones_purse(world, model, refuses):
    assert model.price_for(100_000_000) > model.totalSupply()
    with refuses("token: balance"):
        model.infer(100_000_000, 2**256 - 1, REQUEST, sender=world.creator)


def test_infer_refuses_a_payer_without_tokens(world, model, refuses):
    with refuses("token: balance"):
        model.infer(1, 2**256 - 1, REQUEST, sender=world.consumer)


def test_the_tokens_of_one_update_buy_one_updates_inferences(world, model):
    world.settled(0, 1)
    earned = model.balanceOf(world.trainer)
    assert earned == 949_999_525_000_158_333
    assert model.price_for(100) - earned == 1
    assert model.infer(99, earned, REQUEST, sender=world.trainer) <= earned
