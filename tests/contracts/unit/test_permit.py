"""permit, nonces, DOMAIN_SEPARATOR, eip712Domain: an allowance by signature (EIP-2612)."""

from dataclasses import replace

import pytest
from eth_abi import encode
from eth_utils import keccak
from pyrevm import EVM, AccountInfo, CfgEnv, Env

LATER = 1_000_000_500
NOBODY = "0x" + "00" * 20


@pytest.fixture
def order(world, owner):
    return [owner.address, world.consumer, 7, 0, LATER]


def permit(model, order, signature, sender=None):
    owner, spender, amount, _, deadline = order
    sender = sender or "0x" + "11" * 20
    return model.permit(owner, spender, amount, deadline, *signature.words, sender=sender)


def test_a_permit_approves(world, model, owner, order):
    permit(model, order, owner.sign(model, "Permit", order))
    (event,) = model.events()
    assert event.name == "Approval"
    assert event.fields == {"owner": owner.address, "spender": world.consumer, "value": 7}
    assert model.allowance(owner.address, world.consumer) == 7
    assert model.nonces(owner.address) == 1


def test_a_permit_counts_in_the_last_second_of_its_deadline(world, model, owner, order):
    world.chain.wait(500)
    permit(model, order, owner.sign(model, "Permit", order))
    assert model.allowance(owner.address, world.consumer) == 7


def test_a_permit_expires(world, model, owner, order, refuses):
    world.chain.wait(501)
    with refuses("permit: expired"):
        permit(model, order, owner.sign(model, "Permit", order))


def test_a_permit_is_used_once(model, owner, order, refuses):
    signature = owner.sign(model, "Permit", order)
    permit(model, order, signature)
    with refuses("permit: signature"):
        permit(model, order, signature)


def test_a_later_nonce_waits_for_its_turn(model, owner, order, refuses):
    order[3] = 1
    signature = owner.sign(model, "Permit", order)
    with refuses("permit: signature"):
        permit(model, order, signature)
    permit(model, [*order[:3], 0, LATER], owner.sign(model, "Permit", [*order[:3], 0, LATER]))
    permit(model, order, signature)
    assert model.nonces(owner.address) == 2


@pytest.mark.parametrize("field", range(5))
def test_a_permit_binds_each_of_its_fields(world, model, owner, order, refuses, field):
    signature = owner.sign(model, "Permit", order)
    order[field] = world.attacker if field < 2 else order[field] + 1
    if field == 3:
        permit(model, [*order[:3], 0, LATER], signature)  # the nonce is the model's own
        return
    with refuses("permit: signature"):
        permit(model, order, signature)


@pytest.mark.parametrize(
    "domain",
    [
        {"name": "Cosine"},
        {"version": "2"},
        {"chainId": 2},
        {"verifyingContract": "0x" + "77" * 20},
    ],
    ids=str,
)
def test_a_permit_binds_its_domain(model, owner, order, refuses, domain):
    with refuses("permit: signature"):
        permit(model, order, owner.sign(model, "Permit", order, **domain))


def test_a_permit_of_another_model_is_refused(world, model, owner, order, refuses):
    other = world.deploy()
    signature = owner.sign(other, "Permit", order)
    with refuses("permit: signature"):
        permit(model, order, signature)
    permit(other, order, signature)


def test_the_signature_with_the_high_s_is_refused(model, owner, order, refuses):
    with refuses("permit: signature"):
        permit(model, order, owner.sign(model, "Permit", order).twin)


@pytest.mark.parametrize("v", [0, 1, 26, 29, 255])
def test_only_27_and_28_are_a_v(model, owner, order, refuses, v):
    signature = owner.sign(model, "Permit", order)
    with refuses("permit: signature"):
        model.permit(*order[:3], LATER, v, *signature.words[1:])


def test_another_signer_is_refused(model, stranger, order, refuses):
    with refuses("permit: signature"):
        permit(model, order, stranger.sign(model, "Permit", order))


@pytest.mark.parametrize("v", [0, 27, 28])
def test_nobody_signs_for_the_zero_address(world, model, refuses, v):
    for word in (b"\x00" * 32, b"\xff" * 32):
        with refuses("permit: signature"):
            model.permit(NOBODY, world.attacker, 7, LATER, v, word, b"\x00" * 32)


def test_a_permit_for_inference_spends_nothing(model, owner, order, refuses):
    values = [owner.address, 1, 10**18, b"\x01" * 32, 0, LATER]
    with refuses("permit: signature"):
        permit(model, order, owner.sign(model, "Infer", values))


def test_the_domain_can_be_read(model):
    fields, name, version, chain_id, contract, salt, extensions = model.eip712Domain()
    assert (fields, name, version, chain_id) == (b"\x0f", "Sine", "1", 1)
    assert (contract, salt, extensions) == (model.address, b"\x00" * 32, ())


def domain_of(model, chain_id):
    kind = b"EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
    types = ["bytes32", "bytes32", "bytes32", "uint256", "address"]
    values = [keccak(kind), keccak(b"Sine"), keccak(b"1"), chain_id, model.address]
    return keccak(encode(types, values))


def test_the_domain_separator_is_that_of_eip_712(model):
    assert model.DOMAIN_SEPARATOR() == domain_of(model, 1)


@pytest.fixture
def forked(world, model):
    """The same model after a fork of the chain, whose id is 2 from then on."""
    env = Env(cfg=CfgEnv(chain_id=2))
    chain = replace(world.chain, evm=EVM(env=env, spec_id="CANCUN", gas_limit=2**63))
    code = bytes(world.chain.evm.get_code(model.address))
    chain.evm.insert_account_info(model.address, AccountInfo(code=code))
    return type(model)(chain, model.address, [entry for *_, entry in model.functions.values()])


def test_the_domain_is_right_after_the_chain_id_changed(model, forked):
    assert forked.DOMAIN_SEPARATOR() == domain_of(model, 2) != model.DOMAIN_SEPARATOR()
    assert forked.eip712Domain()[3] == 2
    assert model.eip712Domain()[3] == 1


def test_a_permit_from_before_the_chain_id_changed_is_refused(world, forked, owner, order, refuses):
    with refuses("permit: signature"):
        permit(forked, order, owner.sign(forked, "Permit", order))
    permit(forked, order, owner.sign(forked, "Permit", order, chain_id=2))
    assert forked.allowance(owner.address, world.consumer) == 7


def test_an_order_from_before_the_chain_id_changed_is_refused(forked, owner, refuses):
    order = [owner.address, 1, 10**18, b"\x01" * 32, 0, LATER]
    signatures = [owner.sign(forked, "Infer", order, chain_id=n).packed for n in (1, 2)]
    with refuses("infer: signature"):
        forked.infer_with_signature(*order[:4], LATER, signatures[0])
    with refuses("token: balance"):  # signed, but nobody holds anything over there
        forked.infer_with_signature(*order[:4], LATER, signatures[1])
