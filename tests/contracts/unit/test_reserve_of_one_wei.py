"""A reserve that is all but empty: rewards of nothing, a price of one wei, and nothing stuck."""

import pytest
from eth_abi import encode
from eth_utils import keccak

SLOTS = 64
BALANCE_AT = 144  # bits, in the word of an account


@pytest.fixture
def empty(world, model):
    """A model whose reserve is one wei; the rest of it went to nobody's account."""
    word = 10**18 * 950_000 << BALANCE_AT
    for slot in range(SLOTS):
        place = int.from_bytes(keccak(encode(["uint256", "address"], [slot, model.address])))
        if world.chain.evm.storage(model.address, place) == word:
            world.chain.evm.insert_account_storage(model.address, place, 1 << BALANCE_AT)
            break
    assert model.reserve() == 1
    return model


def test_a_reserve_of_one_wei_pays_nothing_and_settles(world, empty):
    version = world.train(0, 1_000)
    world.chain.wait(100)
    assert empty.settle(version)
    assert empty.reserve() == 1
    assert empty.balanceOf(world.trainer) == 0
    assert empty.credit_of(world.trainer) == empty.version(version)["bond"]


def test_a_price_is_never_nothing(world, empty):
    assert empty.price_for(1) == 1
    assert empty.infer(1, 1, world.root(1), sender=world.creator) == 1
    assert empty.reserve() == 2
    assert empty.reward_for(10**9) == 1
