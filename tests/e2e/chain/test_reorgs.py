"""A chain that takes back its last blocks: what was in them never was, and is done over again."""

import pytest

from delea.chain import Anvil, Chain, dev_key
from delea.chain.events import Settled, Trained
from delea.errors import RevertError
from delea.protocol.version import Status

RESERVE = 95 * 10**22


@pytest.fixture
def alone(terms):
    """A chain of its own, with a model; depth counts its blocks."""
    with Anvil() as anvil, Chain.connect(anvil.url) as chain:
        keys = [dev_key(number, chain_id=chain.chain_id) for number in range(4)]
        chain.deploy_arbiter(key=keys[0])
        model = chain.model(chain.create(terms, key=keys[0]))
        anvil.mine(8)
        yield anvil, chain, model, keys


def claim(model, key, root, parent=0):
    receipt = model.train(parent, root.ljust(32, b"."), 4, key.address, 0, key=key)
    return receipt.one(Trained).version


@pytest.mark.parametrize("depth", range(1, 7))
def test_a_claim_that_a_reorg_took_back_is_made_again(alone, depth):
    anvil, chain, model, (_, trainer, other, _) = alone
    first = claim(model, trainer, b"first")
    anvil.mine(depth - 1)
    anvil.reorg(depth)
    assert model.version_count() == 1
    assert chain.balance_of(model.address) == 0  # the bond came back
    assert claim(model, other, b"second") == first == 1
    assert model.version(1).sender == other.address
    assert model.tip() == 1


@pytest.mark.parametrize("depth", range(1, 7))
def test_a_settlement_that_a_reorg_took_back_pays_once(alone, depth):
    anvil, _, model, (_, trainer, _, _) = alone
    version = claim(model, trainer, b"first")
    anvil.increase_time(60)
    reward = model.settle(version, key=trainer).one(Settled).reward
    anvil.mine(depth - 1)
    anvil.reorg(depth)
    assert model.reserve() == RESERVE
    assert model.balance_of(trainer.address) == 0
    assert model.version(version).status is Status.PENDING
    anvil.increase_time(60)
    assert model.settle(version, key=trainer).one(Settled).reward == reward
    assert model.balance_of(trainer.address) == reward == RESERVE - model.reserve()
    with pytest.raises(RevertError, match="settle: decided"):
        model.settle(version, key=trainer)


@pytest.mark.parametrize("depth", range(1, 7))
def test_a_payment_that_a_reorg_took_back_is_no_payment(alone, depth):
    anvil, _, model, (creator, *_) = alone
    price = model.price_for(3)
    held = model.balance_of(creator.address)
    model.infer(3, price, b"q" * 32, key=creator)
    anvil.mine(depth - 1)
    anvil.reorg(depth)
    assert model.balance_of(creator.address) == held
    assert model.price_for(3) == price


@pytest.mark.parametrize("depth", range(1, 7))
def test_an_order_that_a_reorg_took_back_is_brought_again_once(alone, depth):
    anvil, chain, model, (creator, _, _, relayer) = alone
    price, deadline = model.price_for(3), chain.now() + 10_000
    order, signature = model.order_inference(3, price, b"q" * 32, deadline, key=creator)
    model.infer_with_signature(order, signature, key=relayer)
    anvil.mine(depth - 1)
    anvil.reorg(depth)
    assert model.nonce_of(creator.address) == 0
    model.infer_with_signature(order, signature, key=relayer)
    assert model.nonce_of(creator.address) == 1
    with pytest.raises(RevertError, match="infer: signature"):
        model.infer_with_signature(order, signature, key=relayer)


@pytest.mark.parametrize("depth", range(1, 7))
def test_a_vote_that_a_reorg_took_back_does_not_count(alone, depth):
    anvil, _, model, (creator, _, _, stranger) = alone
    model.propose_rollback(0, key=creator)
    anvil.mine(7)
    model.vote_rollback(1, -1, key=creator)
    anvil.mine(depth - 1)
    anvil.reorg(depth)
    assert model.score_of(1) == 1
    anvil.increase_time(60)
    model.execute_rollback(1, key=stranger)
    assert model.line() == 1


def test_the_domain_is_right_after_the_chain_id_changed(alone):
    anvil, chain, model, (creator, _, _, relayer) = alone
    price, deadline = model.price_for(3), chain.now() + 10_000
    order, signature = model.order_inference(3, price, b"q" * 32, deadline, key=creator)
    before = model.domain_separator()
    anvil._rpc.call("anvil_setChainId", 31_338)
    assert model.domain_separator() != before
    with Chain.connect(chain.url) as moved:
        there = moved.model(model.address)
        assert there.own_domain() == there.domain_separator() != model.own_domain() == before
    with Chain.connect(chain.url) as moved, pytest.raises(RevertError, match="infer: signature"):
        moved.model(model.address).infer_with_signature(order, signature, key=relayer)
    anvil._rpc.call("anvil_setChainId", 31_337)
    assert model.domain_separator() == before
    model.infer_with_signature(order, signature, key=relayer)
