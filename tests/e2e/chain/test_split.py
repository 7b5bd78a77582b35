"""A split on a real chain: where it stands, what it gives, what it costs nobody."""

from dataclasses import replace

import pytest
from eth_account import Account
from eth_account.messages import encode_typed_data

from delea.chain import Anvil, Chain, dev_key
from delea.chain.codec import encode_call, load_contract
from delea.chain.commons import DEPLOYER, address_of
from delea.chain.events import Transfer
from delea.chain.split import split_code
from delea.chain.typed import PermitOrder
from delea.chain.views import ModelViews
from delea.errors import ChainError, RevertError, UnknownModelError, UsageError

GRANT = 5 * 10**22
NOBODY = "0x" + "00" * 20


@pytest.fixture
def split(chain, model, roles):
    return chain.create_split(model.address, 1_000, key=roles.attacker)


def test_a_split_stands_where_its_model_and_its_parts_say(chain, model, split):
    assert split.address == address_of(split_code(model.address, 1_000))
    assert chain.split(model.address, 1_000).address == split.address
    assert (split.name(), split.symbol()) == ("Split 1000 of sine", "SIN/1000")
    assert split.supply() == split.held() == 0


def test_it_is_created_once_whoever_comes(chain, model, split, roles):
    coin = chain.balance_of(roles.rival.address)
    assert chain.create_split(model.address, 1_000, key=roles.rival).address == split.address
    assert chain.balance_of(roles.rival.address) == coin
    assert chain.create_split(model.address, 10, key=roles.rival).address != split.address


def test_a_split_that_nobody_created_is_none_yet(chain, model):
    where = address_of(split_code(model.address, 7))
    with pytest.raises(ChainError, match=f"in 7 parts expected at {where}, got none"):
        chain.split(model.address, 7)


@pytest.mark.parametrize("parts", [-1, 0, 1, 10**18 + 1])
def test_parts_out_of_bounds_are_refused_before_any_chain_is_asked(chain, model, roles, parts):
    with pytest.raises(UsageError, match=f"parts of 2 to {10**18} expected, got {parts}$"):
        chain.create_split(model.address, parts, key=roles.creator)
    with pytest.raises(UsageError, match="parts of 2"):
        chain.split(model.address, parts)


def test_only_a_model_is_split(chain, split, arbiter, roles):
    for address in (split.address, arbiter, DEPLOYER):
        with pytest.raises(UnknownModelError, match="is not a model of this Delea"):
            chain.create_split(address, 1_000, key=roles.creator)
    with pytest.raises(UnknownModelError, match="no contract lives at"):
        chain.create_split(roles.creator.address, 1_000, key=roles.creator)


def test_a_deposit_takes_one_transaction_and_comes_back_whole(chain, model, split, roles):
    owner, coin = roles.creator, chain.balance_of(roles.creator.address)
    deposited = split.deposit(7, key=owner)
    assert chain.balance_of(owner.address) == coin - deposited.fee
    moved = deposited.one(Transfer)
    assert (moved.sender, moved.receiver, moved.value) == (NOBODY, owner.address, 7_000)
    assert split.balance_of(owner.address) == split.supply() == 7_000
    assert (split.held(), split.withdrawable_by(owner.address)) == (7, 7)
    burned = split.withdraw(7, key=owner).one(Transfer)
    assert (burned.sender, burned.receiver, burned.value) == (owner.address, NOBODY, 7_000)
    assert model.balance_of(owner.address) == GRANT
    assert split.supply() == split.held() == 0


def test_each_deposit_signs_its_own_permit(model, split, roles):
    for amount in (3, 4):
        split.deposit(amount, key=roles.creator)
    assert split.supply() == 7_000
    assert model.nonce_of(roles.creator.address) == 2
    assert model.allowance(roles.creator.address, split.address) == 0


def test_parts_are_sent_and_withdrawn_by_whoever_has_them(model, split, roles):
    split.deposit(7, key=roles.creator)
    split.transfer(roles.consumer.address, 2_999, key=roles.creator)
    assert split.withdrawable_by(roles.consumer.address) == 2
    split.withdraw(2, key=roles.consumer)
    assert model.balance_of(roles.consumer.address) == 2
    assert split.balance_of(roles.consumer.address) == 999
    with pytest.raises(RevertError, match="token: balance"):
        split.withdraw(1, key=roles.consumer)


def test_a_deposit_goes_on_where_somebody_brought_its_permit_first(chain, model, split, roles):
    owner, deadline = roles.creator, chain.now() + 1_000
    order = PermitOrder(owner.address, split.address, 7, 0, deadline)
    signature = owner.sign_digest(order.digest(model.domain_separator()))
    words = deadline, signature[64], signature[:32], signature[32:64]
    permit = load_contract("Model").functions["permit"]
    data = encode_call(permit, (owner.address, split.address, 7, *words))
    chain._evm.send(roles.attacker, model.address, data)
    assert model.nonce_of(owner.address) == 1
    deposit = load_contract("Split").functions["deposit_with_permit"]
    chain._evm.send(owner, split.address, encode_call(deposit, (7, *words)))
    assert split.balance_of(owner.address) == 7_000


def test_a_permit_is_signed_as_other_libraries_sign_it(chain, model, split, roles):
    owner = roles.consumer
    order = PermitOrder(owner.address, roles.attacker.address, 3, 4, 1_000)
    kinds = ("owner", "address"), ("spender", "address"), ("value", "uint256")
    kinds += (("nonce", "uint256"), ("deadline", "uint256"))
    values = (order.owner, order.spender, order.amount, order.nonce, order.deadline)
    for token, name in ((model, "sine"), (split, "Split 1000 of sine")):
        domain = {"name": name, "version": "1", "chainId": chain.chain_id}
        message = encode_typed_data(
            domain | {"verifyingContract": token.address},
            {"Permit": [{"name": name, "type": kind} for name, kind in kinds]},
            {name: value for (name, _), value in zip(kinds, values, strict=True)},
        )
        signature = owner.sign_digest(order.digest(token.domain_separator()))
        assert Account.recover_message(message, signature=signature) == owner.address


def test_the_domain_is_right_after_the_chain_id_changed(terms):
    with Anvil() as anvil, Chain.connect(anvil.url) as chain:
        key, other = (dev_key(number, chain_id=chain.chain_id) for number in (0, 1))
        chain.deploy_arbiter(key=key)
        split = chain.create_split(chain.create(terms, key=key), 1_000, key=key)
        before = split.domain_separator()
        order = PermitOrder(key.address, other.address, 3, 0, chain.now() + 1_000)
        words = key.sign_digest(order.digest(before))
        permit = load_contract("Split").functions["permit"]
        values = (order.owner, order.spender, order.amount, order.deadline)
        data = encode_call(permit, (*values, words[64], words[:32], words[32:64]))
        anvil._rpc.call("anvil_setChainId", 31_338)
        assert split.domain_separator() != before
        with Chain.connect(anvil.url) as moved, pytest.raises(RevertError, match="signature"):
            moved._evm.send(other, split.address, data)
        anvil._rpc.call("anvil_setChainId", 31_337)
        chain._evm.send(other, split.address, data)
        assert split.nonce_of(key.address) == 1


def test_a_model_of_the_longest_name_is_split_in_the_most_parts(chain, terms, roles):
    terms = replace(terms, name="N" * 64, symbol="S" * 16, supply=2**112 - 1)
    model = chain.create(terms, key=roles.creator)
    split = chain.create_split(model, 10**18, key=roles.creator)
    grant = (2**112 - 1) * 500 // 10_000  # down
    split.deposit(grant, key=roles.creator)
    assert split.supply() == grant * 10**18
    split.withdraw(grant, key=roles.creator)
    assert split.held() == 0


def test_what_is_signed_heeds_no_domain_that_a_node_names(chain, model, split, roles, monkeypatch):
    other = chain.model(chain.create(replace(model.terms, name="other"), key=roles.creator))
    foreign = other.domain_separator()
    monkeypatch.setattr(ModelViews, "domain_separator", lambda _: foreign)
    split.deposit(7, key=roles.creator)
    assert split.held() == 7
    price, deadline = model.price_for(1), chain.now() + 100
    order, signature = model.order_inference(1, price, b"q" * 32, deadline, key=roles.creator)
    with pytest.raises(RevertError, match="infer: signature"):
        other.infer_with_signature(order, signature, key=roles.consumer)
    model.infer_with_signature(order, signature, key=roles.consumer)
