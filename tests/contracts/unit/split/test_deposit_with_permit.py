"""deposit_with_permit: allowance and deposit in one, whoever brings the signature first."""

import pytest

LATER = 1_000_000_500


@pytest.fixture
def order(owner, split):
    return [owner.address, split.address, 7, 0, LATER]


@pytest.fixture
def signature(model, owner, order):
    return owner.sign(model, "Permit", order)


def deposit(split, order, signature, sender=None):
    owner, _, amount, _, deadline = order
    return split.deposit_with_permit(amount, deadline, *signature.words, sender=sender or owner)


def test_a_signature_is_enough_to_deposit(model, split, owner, order, signature):
    deposit(split, order, signature)
    assert split.balanceOf(owner.address) == 7_000
    assert model.balanceOf(split.address) == 7
    assert model.nonces(owner.address) == 1
    assert model.allowance(owner.address, split.address) == 0


def test_a_signature_that_was_brought_before_is_no_fault(
    world, model, split, owner, order, signature
):
    model.permit(*order[:3], LATER, *signature.words, sender=world.attacker)
    deposit(split, order, signature)
    assert split.balanceOf(owner.address) == 7_000
    assert model.nonces(owner.address) == 1


def test_a_signature_is_used_once(split, owner, order, signature, refuses):
    deposit(split, order, signature)
    with refuses("token: allowance"):
        deposit(split, order, signature)
    assert split.balanceOf(owner.address) == 7_000


def test_anothers_signature_deposits_nothing(world, model, split, owner, order, signature, refuses):
    model.transfer(world.attacker, 100, sender=world.creator)
    with refuses("token: allowance"):
        deposit(split, order, signature, sender=world.attacker)
    assert model.nonces(owner.address) == 0
    deposit(split, order, signature)


def test_a_contract_does_not_bring_the_signature_of_who_calls_it(
    world, model, split, owner, signature
):
    wallet = world.harness("Hostile")
    model.transfer(wallet.address, 7, sender=world.creator)
    approval = model.data("approve", split.address, 7)
    wallet.forward(model.address, approval, sender=owner.address)
    data = split.data("deposit_with_permit", 7, LATER, *signature.words)
    wallet.forward(split.address, data, sender=owner.address)
    assert split.balanceOf(wallet.address) == 7_000
    assert model.nonces(owner.address) == 0


def test_an_expired_signature_deposits_nothing(world, model, split, owner, order, refuses):
    signature = owner.sign(model, "Permit", order)
    world.chain.wait(501)
    with refuses("token: allowance"):
        deposit(split, order, signature)


def test_with_an_allowance_no_signature_is_needed(model, split, owner, order, signature):
    model.approve(split.address, 7, sender=owner.address)
    deposit(split, order, signature.twin)  # a bad one
    assert split.balanceOf(owner.address) == 7_000
    assert model.nonces(owner.address) == 0


@pytest.mark.parametrize("field", range(5))
def test_the_signature_binds_each_of_its_fields(world, model, split, owner, order, refuses, field):
    signed = list(order)
    signed[field] = world.attacker if field < 2 else signed[field] + 1
    with refuses("token: allowance"):
        deposit(split, order, owner.sign(model, "Permit", signed))


@pytest.mark.parametrize(
    "domain",
    [{"name": "Split 1000 of Sine"}, {"version": "2"}, {"chainId": 2}],
    ids=str,
)
def test_the_signature_binds_the_models_domain(model, split, owner, order, refuses, domain):
    with refuses("token: allowance"):
        deposit(split, order, owner.sign(model, "Permit", order, **domain))


def test_a_permit_of_the_split_itself_deposits_nothing(split, owner, order, refuses):
    signature = owner.sign(split, "Permit", order, name="Split 1000 of Sine")
    with refuses("token: allowance"):
        deposit(split, order, signature)


def test_a_signature_beyond_the_balance_leaves_no_trace(model, split, owner, order, refuses):
    order[2] = model.balanceOf(owner.address) + 1
    with refuses("token: balance"):
        deposit(split, order, owner.sign(model, "Permit", order))
    assert model.nonces(owner.address) == 0
    assert model.allowance(owner.address, split.address) == 0


def test_a_signature_for_more_than_any_model_has_is_refused(model, split, owner, order, refuses):
    order[2] = 2**112
    with refuses("deposit: amount"):
        deposit(split, order, owner.sign(model, "Permit", order))


def test_a_signature_for_another_split_deposits_nothing_here(
    split, deploy, order, signature, refuses
):
    other = deploy(10)
    with refuses("token: allowance"):
        deposit(other, order, signature)
    deposit(split, order, signature)
