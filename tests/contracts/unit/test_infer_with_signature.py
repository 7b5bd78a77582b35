"""infer_with_signature: anyone brings an owner's order, once (EIP-712, ERC-1271)."""

import pytest
from eth_abi import encode
from eth_utils import keccak

LATER = 1_000_000_500
REQUEST = b"\x07" * 32
YES = bytes.fromhex("1626ba7e") + b"\x00" * 28
INFINITE = 2**256 - 1


@pytest.fixture
def order(owner):
    return [owner.address, 50, 10**18, REQUEST, 0, LATER]


def bring(model, order, signature, sender="0x" + "11" * 20):
    owner, units, max_price, request, _, deadline = order
    return model.infer_with_signature(
        owner, units, max_price, request, deadline, signature, sender=sender
    )


def test_an_order_pays_from_its_owner_whoever_brings_it(world, model, owner, order):
    price = model.price_for(50)
    signature = owner.sign(model, "Infer", order).packed
    assert bring(model, order, signature, sender=world.attacker) == price
    moved, inferred = model.events()
    assert moved.fields == {"sender": owner.address, "receiver": model.address, "value": price}
    assert inferred.name == "Inferred"
    assert inferred.fields == {
        "payer": owner.address,
        "request": REQUEST,
        "units": 50,
        "price": price,
    }
    assert model.balanceOf(owner.address) == 10**21 - price
    assert model.nonces(owner.address) == 1


def test_an_order_is_used_once(model, owner, order, refuses):
    signature = owner.sign(model, "Infer", order).packed
    bring(model, order, signature)
    with refuses("infer: signature"):
        bring(model, order, signature)


def test_an_order_expires_after_its_last_second(world, model, owner, order, refuses):
    signature = owner.sign(model, "Infer", order).packed
    world.chain.wait(500)
    before = world.chain.evm.snapshot()
    bring(model, order, signature)
    world.chain.evm.revert(before)
    world.chain.wait(1)
    with refuses("infer: expired"):
        bring(model, order, signature)


@pytest.mark.parametrize("field", [0, 1, 2, 3, 5])
def test_an_order_binds_each_of_its_fields(world, model, owner, order, refuses, field):
    signature = owner.sign(model, "Infer", order).packed
    others = [world.creator, 51, 10**18 + 1, b"\x08" * 32, 0, LATER + 1]
    order[field] = others[field]
    with refuses("infer: signature"):
        bring(model, order, signature)


@pytest.mark.parametrize(
    "domain",
    [{"name": "Cosine"}, {"version": "2"}, {"chainId": 2}, {"verifyingContract": "0x" + "77" * 20}],
    ids=str,
)
def test_an_order_binds_its_domain(model, owner, order, refuses, domain):
    with refuses("infer: signature"):
        bring(model, order, owner.sign(model, "Infer", order, **domain).packed)


def test_the_signature_with_the_high_s_is_refused(model, owner, order, refuses):
    with refuses("infer: signature"):
        bring(model, order, owner.sign(model, "Infer", order).twin.packed)


@pytest.mark.parametrize("length", [0, 1, 64, 66, 1024])
def test_a_key_signs_in_65_bytes(model, owner, order, refuses, length):
    signature = owner.sign(model, "Infer", order).packed.ljust(1024, b"\x00")[:length]
    with refuses("infer: signature"):
        bring(model, order, signature)


def test_a_permit_is_no_order(model, owner, order, refuses):
    permit = owner.sign(model, "Permit", [owner.address, model.address, INFINITE, 0, LATER])
    with refuses("infer: signature"):
        bring(model, order, permit.packed)


def test_nobody_orders_for_the_zero_address(model, order, refuses):
    order[0] = "0x" + "00" * 20
    for v in (0, 27, 28):
        with refuses("infer: signature"):
            bring(model, order, b"\x00" * 64 + bytes([v]))


def test_an_order_cannot_spend_the_reserve(model, owner, order, refuses):
    signature = owner.sign(model, "Infer", order).packed
    order[0] = model.address
    with refuses("infer: signature"):
        bring(model, order, signature)


@pytest.mark.parametrize(
    ("units", "reason"), [(0, "units"), (10**8 + 1, "units"), (2, "max_price")]
)
def test_an_order_is_bound_as_a_payment_of_ones_own(model, owner, order, refuses, units, reason):
    order[1:3] = [units, 1]
    with refuses(f"infer: {reason}"):
        bring(model, order, owner.sign(model, "Infer", order).packed)


def test_an_owner_without_tokens_orders_nothing(model, stranger, order, refuses):
    order[0] = stranger.address
    with refuses("token: balance"):
        bring(model, order, stranger.sign(model, "Infer", order).packed)


@pytest.fixture
def wallet(world, model):
    wallet = world.harness("Wallet")
    model.transfer(wallet.address, 10**21, sender=world.creator)
    return wallet


def test_a_wallet_signs_by_erc_1271(model, wallet, order):
    order[0] = wallet.address
    wallet.prepare(YES, refuses=False, expected=b"\x00" * 32)
    price = model.price_for(50)
    assert bring(model, order, b"anything") == price
    assert model.balanceOf(wallet.address) == 10**21 - price
    assert model.nonces(wallet.address) == 1


def test_a_wallet_is_asked_about_the_very_order_and_signature(model, wallet, order):
    order[0] = wallet.address
    kind = b"Infer(address owner,uint256 units,uint256 max_price,"
    kind += b"bytes32 request,uint256 nonce,uint256 deadline)"
    types = ["bytes32", "address", "uint256", "uint256", "bytes32", "uint256", "uint256"]
    struct = keccak(encode(types, [keccak(kind), *order]))
    digest = keccak(b"\x19\x01" + model.DOMAIN_SEPARATOR() + struct)
    signature = b"\x05" * 1024
    wallet.prepare(YES, refuses=False, expected=keccak(digest + keccak(signature)))
    assert bring(model, order, signature) > 0


@pytest.mark.parametrize(
    "answer",
    [b"", YES[:31], b"\x00" * 32, bytes.fromhex("ffffffff") + b"\x00" * 28, YES[:31] + b"\x01"],
)
def test_a_wallet_that_says_no_is_heard(model, wallet, order, refuses, answer):
    order[0] = wallet.address
    wallet.prepare(answer, refuses=False, expected=b"\x00" * 32)
    with refuses("infer: signature"):
        bring(model, order, b"anything")


def test_a_wallet_that_refuses_to_answer_has_not_signed(model, wallet, order, refuses):
    order[0] = wallet.address
    wallet.prepare(YES, refuses=True, expected=b"\x00" * 32)
    with refuses("infer: signature"):
        bring(model, order, b"anything")


def test_a_contract_that_knows_no_signatures_has_not_signed(world, model, order, refuses):
    order[0] = world.arbiter.address
    with refuses("infer: signature"):
        bring(model, order, b"anything")
