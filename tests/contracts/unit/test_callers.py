"""Who calls is who the call comes from: a contract acts for itself, not for whoever began it."""

from dataclasses import asdict

import pytest
from eth_abi import encode
from eth_utils import get_abi_input_types, keccak

SALT = b"\x05" * 32
NOBODY = "0x" + "00" * 20
LEAST = 5 * 10**21  # half a percent of the supply


def test_a_contract_sends_its_own_tokens(world, model, wallet, by):
    by(model, "transfer", world.consumer, 7)
    assert model.balanceOf(wallet.address) == 10**21 - 7
    assert model.balanceOf(world.consumer) == 7


def test_a_contract_allows_others_its_own_tokens(world, model, wallet, by):
    by(model, "approve", world.consumer, 7)
    assert model.allowance(wallet.address, world.consumer) == 7
    assert model.allowance(world.attacker, world.consumer) == 0


def test_a_contract_spends_what_it_was_allowed(model, wallet_spends):
    wallet_spends(model)


def test_a_contract_pays_for_inferences_out_of_its_own_tokens(model, wallet, by):
    price = model.price_for(1)
    by(model, "infer", 1, price, SALT)
    assert model.events()[-1].fields["payer"] == wallet.address
    assert model.balanceOf(wallet.address) == 10**21 - price


def test_a_contract_sends_a_claim(world, model, wallet, by):
    by(model, "train", 0, world.root(7), 1, world.consumer, 0, value=1_007)
    assert model.events()[0].fields["sender"] == wallet.address
    assert model.version(1)["sender"] == wallet.address


def test_a_contract_challenges(world, model, wallet, by):
    version = world.train(0, 1)
    by(model, "challenge", version, world.root(8), value=1_007)
    assert model.events()[0].fields["challenger"] == wallet.address
    assert model.game(version, 1)["challenger"] == wallet.address


def test_a_contract_withdraws_what_it_is_owed(world, model, wallet, by, refuses):
    by(model, "train", 0, world.root(7), 1, world.consumer, 0, value=1_007)
    world.chain.wait(100)
    model.settle(1)
    with refuses("withdraw: nothing"):
        model.withdraw(sender=world.attacker)
    by(model, "withdraw")
    assert wallet.coin == 1_007
    assert model.events()[0].fields["account"] == wallet.address
    assert model.credit_of(wallet.address) == 0  # not who began the call has been paid


def test_a_contract_switches_its_own_right(world, model, wallet, by):
    by(model, "opt_in")
    assert model.events()[0].fields["account"] == wallet.address
    assert model.has_opted_in(wallet.address)
    assert not model.has_opted_in(world.attacker)
    by(model, "opt_out")
    assert model.events()[0].fields["account"] == wallet.address
    assert not model.has_opted_in(wallet.address)


def test_the_creator_may_opt_a_contract_in(world, model, wallet):
    wallet.forward(model.address, model.data("opt_in"), sender=world.creator)
    assert model.has_opted_in(wallet.address)


def test_a_contract_with_a_seat_proposes_and_votes(world, model, wallet, by, refuses):
    world.earn(wallet.address, LEAST)
    by(model, "opt_in")
    assert model.top_holders() == (NOBODY, NOBODY)  # its time begins now
    world.chain.wait(300)
    assert model.top_holders() == (wallet.address, NOBODY)
    by(model, "propose_rollback", 0)
    assert model.events()[0].fields["proposer"] == wallet.address
    assert model.rollback_proposal(1)["proposer"] == wallet.address
    assert model.open_rollback_of(wallet.address) == 1
    assert model.open_rollback_of(world.attacker) == 0
    with refuses("propose_rollback: one is open"):
        by(model, "propose_rollback", 0)
    assert model.rollback_vote_of(1, wallet.address) == 1
    by(model, "vote_rollback", 1, -1)
    assert model.events()[0].fields["voter"] == wallet.address
    assert model.rollback_vote_of(1, wallet.address) == -1
    assert model.rollback_vote_of(1, world.attacker) == 0


def test_a_contract_in_the_second_seat_proposes_too(world, model, wallet, by):
    world.earn(world.consumer, 2 * LEAST)
    world.earn(wallet.address, LEAST)
    model.opt_in(sender=world.consumer)
    by(model, "opt_in")
    world.chain.wait(300)
    assert model.top_holders() == (world.consumer, wallet.address)
    by(model, "propose_rollback", 0)
    assert model.rollback_proposal(1)["proposer"] == wallet.address


def test_a_contract_called_by_a_steward_has_no_seat(world, model, wallet, refuses):
    data = model.data("propose_rollback", 0)
    with refuses("propose_rollback: no seat"):
        wallet.forward(model.address, data, sender=world.creator)


def test_a_contract_votes_on_a_game(world, load, wallet, by, refuses):
    arbiter = world.chain.deploy(*load("StewardArbiter"), sender=world.attacker)
    there = world.with_model(arbiter=arbiter.address)
    game = (there.model.address, there.train(0, 1), 1)
    there.challenge(game[1], sender=world.attacker)  # a party, who may not vote
    by(arbiter, "vote", *game, refuted=True)
    assert arbiter.events()[0].fields["voter"] == wallet.address
    assert arbiter.vote_of(*game, wallet.address) == 1
    assert arbiter.vote_of(*game, world.attacker) == 0
    with refuses("vote: already"):
        by(arbiter, "vote", *game, refuted=True)


def test_a_party_cannot_be_judge_through_a_contract_that_is_one_too(world, load, by, refuses):
    arbiter = world.chain.deploy(*load("StewardArbiter"), sender=world.attacker)
    there = world.with_model(arbiter=arbiter.address)
    bond = there.model.bond_for(1)
    by(there.model, "train", 0, world.root(7), 1, world.consumer, 0, value=bond)
    game = (there.model.address, 1, there.challenge(1))
    with refuses("vote: party"):
        by(arbiter, "vote", *game, refuted=False)


@pytest.fixture
def factory(world, load, blueprint):
    return world.chain.deploy(*load("ModelFactory"), blueprint, 100, 0, sender=world.creator)


def test_the_address_of_a_model_follows_from_who_creates_it_and_the_salt(
    world, load, factory, wallet, by
):
    abi, bytecode = load("Model")
    (entry,) = (each for each in abi if each["type"] == "constructor")
    terms = tuple(asdict(world.terms).values())
    arguments = encode(get_abi_input_types(entry), (terms, wallet.address))
    code = keccak(bytes.fromhex(bytecode.removeprefix("0x")) + arguments)
    salt = keccak(encode(["address", "bytes32"], [wallet.address, SALT]))
    by(factory, "create", terms, SALT)
    sender = bytes.fromhex(factory.address.removeprefix("0x"))
    assert factory.models(0) == "0x" + keccak(b"\xff" + sender + salt + code)[12:].hex()


def test_a_contract_may_use_the_salt_of_who_calls_it(world, factory, wallet, by):
    terms = tuple(asdict(world.terms).values())
    factory.create(terms, SALT, sender=world.attacker)
    by(factory, "create", terms, SALT)
    assert factory.model_of(wallet.address, SALT) == factory.models(1)
    assert factory.model_of(world.attacker, SALT) == factory.models(0)


def test_a_model_that_a_contract_creates_is_the_contracts(world, load, factory, wallet, by):
    by(factory, "create", tuple(asdict(world.terms).values()), SALT)
    (event,) = factory.events()
    assert event.fields["creator"] == wallet.address
    address = factory.model_of(wallet.address, SALT)
    assert address == event.fields["model"]
    assert factory.model_of(world.attacker, SALT) == NOBODY
    model = type(factory)(world.chain, address, load("Model")[0])
    assert model.creator() == wallet.address
    assert model.balanceOf(wallet.address) == 5 * 10**22
    assert model.balanceOf(world.attacker) == 0
