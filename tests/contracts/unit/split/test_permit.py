"""permit, nonces, DOMAIN_SEPARATOR, eip712Domain of a split: a domain of its own (EIP-2612)."""

import pytest
from eth_abi import encode
from eth_utils import keccak

LATER = 1_000_000_500
NAME = "Split 1000 of Sine"
NOBODY = "0x" + "00" * 20


@pytest.fixture
def order(world, owner):
    return [owner.address, world.consumer, 7, 0, LATER]


def sign(owner, split, order, **domain):
    return owner.sign(split, "Permit", order, **{"name": NAME, **domain})


def permit(split, order, signature):
    owner, spender, amount, _, deadline = order
    return split.permit(owner, spender, amount, deadline, *signature.words)


def test_a_permit_approves(world, split, owner, order):
    permit(split, order, sign(owner, split, order))
    (event,) = split.events()
    assert event.name == "Approval"
    assert event.fields == {"owner": owner.address, "spender": world.consumer, "value": 7}
    assert split.allowance(owner.address, world.consumer) == 7
    assert split.nonces(owner.address) == 1


def test_a_permit_counts_in_the_last_second_of_its_deadline(world, split, owner, order):
    world.chain.wait(500)
    permit(split, order, sign(owner, split, order))
    assert split.allowance(owner.address, world.consumer) == 7


def test_a_permit_expires(world, split, owner, order, refuses):
    world.chain.wait(501)
    with refuses("permit: expired"):
        permit(split, order, sign(owner, split, order))


def test_a_permit_is_used_once(split, owner, order, refuses):
    signature = sign(owner, split, order)
    permit(split, order, signature)
    with refuses("permit: signature"):
        permit(split, order, signature)


def test_permits_follow_their_nonces(split, owner, order, refuses):
    later = [*order[:3], 1, LATER]
    signature = sign(owner, split, later)
    with refuses("permit: signature"):
        permit(split, later, signature)
    permit(split, order, sign(owner, split, order))
    permit(split, later, signature)
    assert split.nonces(owner.address) == 2


@pytest.mark.parametrize("field", [0, 1, 2, 4])
def test_a_permit_binds_each_of_its_fields(world, split, owner, order, refuses, field):
    signature = sign(owner, split, order)
    order[field] = world.attacker if field < 2 else order[field] + 1
    with refuses("permit: signature"):
        permit(split, order, signature)


@pytest.mark.parametrize(
    "domain",
    [{"name": "Sine"}, {"version": "2"}, {"chainId": 2}, {"verifyingContract": "0x" + "77" * 20}],
    ids=str,
)
def test_a_permit_binds_its_domain(split, owner, order, refuses, domain):
    with refuses("permit: signature"):
        permit(split, order, sign(owner, split, order, **domain))


def test_a_permit_of_the_model_is_none_of_the_split(model, split, owner, order, refuses):
    with refuses("permit: signature"):
        permit(split, order, owner.sign(model, "Permit", order))
    with refuses("permit: signature"):
        permit(model, order, sign(owner, split, order))


def test_the_signature_with_the_high_s_is_refused(split, owner, order, refuses):
    with refuses("permit: signature"):
        permit(split, order, sign(owner, split, order).twin)


@pytest.mark.parametrize("v", [0, 1, 26, 29, 255])
def test_only_27_and_28_are_a_v(split, owner, order, refuses, v):
    words = sign(owner, split, order).words
    with refuses("permit: signature"):
        split.permit(*order[:3], LATER, v, *words[1:])


def test_another_signer_is_refused(split, stranger, order, refuses):
    with refuses("permit: signature"):
        permit(split, order, sign(stranger, split, order))


@pytest.mark.parametrize("v", [0, 27, 28])
def test_nobody_signs_for_the_zero_address(world, split, refuses, v):
    for word in (b"\x00" * 32, b"\xff" * 32):
        with refuses("permit: signature"):
            split.permit(NOBODY, world.attacker, 7, LATER, v, word, b"\x00" * 32)


def test_the_domain_can_be_read(split):
    fields, name, version, chain_id, contract, salt, extensions = split.eip712Domain()
    assert (fields, name, version, chain_id) == (b"\x0f", NAME, "1", 1)
    assert (contract, salt, extensions) == (split.address, b"\x00" * 32, ())


def domain_of(split, chain_id):
    kind = b"EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
    types = ["bytes32", "bytes32", "bytes32", "uint256", "address"]
    values = [keccak(kind), keccak(NAME.encode()), keccak(b"1"), chain_id, split.address]
    return keccak(encode(types, values))


def test_the_domain_separator_is_that_of_eip_712(split):
    assert split.DOMAIN_SEPARATOR() == domain_of(split, 1)
