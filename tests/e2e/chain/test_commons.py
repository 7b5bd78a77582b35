"""What models share: it stands where its code says, is made once, and is found by everyone."""

import pytest
from eth_account import Account
from eth_account.messages import encode_typed_data

from delea.chain import Anvil, Chain, dev_key
from delea.chain.commons import (
    DEPLOYER,
    address_of,
    arbiter_code,
    factory_code,
    floors,
    texts_code,
)
from delea.chain.typed import InferOrder
from delea.errors import ChainError, RevertError

SALT = b"\x05" * 32


@pytest.fixture
def fresh():
    with Anvil() as anvil, Chain.connect(anvil.url) as chain:
        yield anvil, chain, dev_key(0, chain_id=31_337)


def test_factory_and_arbiter_stand_where_their_code_says(fresh):
    _, chain, key = fresh
    assert chain.deploy_arbiter(key=key) == address_of(arbiter_code())
    assert chain.deploy_factory(key=key) == address_of(factory_code(31_337))


def test_they_are_made_once_whoever_comes(fresh):
    _, chain, key = fresh
    first = (chain.deploy_arbiter(key=key), chain.deploy_factory(key=key))
    block = chain.block_number()
    other = dev_key(3, chain_id=31_337)
    assert (chain.deploy_arbiter(key=other), chain.deploy_factory(key=other)) == first
    assert chain.block_number() == block


@pytest.mark.parametrize("put", ["deploy_arbiter", "deploy_factory"])
def test_the_texts_of_refusals_come_with_either(fresh, put):
    _, chain, key = fresh
    getattr(chain, put)(key=key)
    with pytest.raises(RevertError, match="arbiter: model"):
        chain._evm.read(address_of(texts_code()), bytes(32))


def test_a_chain_without_the_deployer_is_refused_in_one_line(fresh):
    anvil, chain, key = fresh
    anvil._rpc.call("anvil_setCode", DEPLOYER, "0x")
    with pytest.raises(ChainError, match=f"deterministic deployer expected at {DEPLOYER}") as fault:
        chain.deploy_factory(key=key)
    assert "\n" not in str(fault.value)


def test_the_floors_are_those_of_production_but_on_a_local_chain(fresh):
    _, chain, key = fresh
    assert floors(1) == (86_400, 10**16)
    assert floors(31_337) == (1, 0)
    assert address_of(factory_code(1)) != address_of(factory_code(31_337))
    assert chain.factory(chain.deploy_factory(key=key)).floors() == (1, 0)


def test_the_factory_knows_its_models(chain, terms, roles):
    factory = chain.factory(chain.deploy_factory(key=roles.creator))
    address = factory.create(terms, key=roles.creator)
    assert factory.is_model(address)
    assert not factory.is_model(factory.address)
    assert factory.models()[-1] == address
    assert chain.model(address).creator() == roles.creator.address


def test_a_salt_is_used_once(chain, terms, roles):
    factory = chain.factory(chain.deploy_factory(key=roles.creator))
    factory.create(terms, key=roles.attacker, salt=SALT)
    with pytest.raises(RevertError, match="create: salt"):
        factory.create(terms, key=roles.attacker, salt=SALT)
    assert factory.is_model(factory.create(terms, key=roles.creator, salt=SALT))


def test_another_contract_is_no_arbiter(chain, model, arbiter):
    factory = chain.deploy_factory(key=dev_key(0, chain_id=chain.chain_id))
    for address in (model.address, factory, "0x" + "00" * 19 + "09"):
        with pytest.raises(ChainError, match=f"the stewards' arbiter expected at {address}, got"):
            chain.arbiter(address)
    assert chain.arbiter(arbiter).address == arbiter


def test_another_contract_is_no_factory(chain, model, arbiter):
    for address in (model.address, arbiter, "0x" + "00" * 19 + "09"):
        with pytest.raises(ChainError, match=f"a model factory expected at {address}"):
            chain.factory(address)


def test_an_order_is_signed_as_other_libraries_sign_it(chain, model, roles):
    owner = roles.consumer
    order = InferOrder(owner.address, 3, 10**18, b"q" * 32, 4, 1_000)
    kinds = {
        "owner": "address",
        "units": "uint256",
        "max_price": "uint256",
        "request": "bytes32",
        "nonce": "uint256",
        "deadline": "uint256",
    }
    fields = [{"name": name, "type": kind} for name, kind in kinds.items()]
    message = encode_typed_data(
        {
            "name": model.terms.name,
            "version": "1",
            "chainId": chain.chain_id,
            "verifyingContract": model.address,
        },
        {"Infer": fields},
        {name: getattr(order, name) for name in kinds},
    )
    signature = owner.sign_digest(order.digest(model.domain_separator()))
    assert Account.recover_message(message, signature=signature) == owner.address


def test_an_order_pays_from_its_owner_whoever_brings_it(chain, model, roles):
    price, deadline = model.price_for(3), chain.now() + 1_000
    held = model.balance_of(roles.creator.address)
    order, signature = model.order_inference(3, price, b"q" * 32, deadline, key=roles.creator)
    model.infer_with_signature(order, signature, key=roles.attacker)
    assert model.balance_of(roles.creator.address) == held - price
    assert model.nonce_of(roles.creator.address) == 1
