"""For every function that changes something: two take coin, and none is entered within another.

A call with coin, or within another, is refused before the function begins: without a reason. The
same call alone gets further: it is accepted, or refused for a reason.
"""

from dataclasses import asdict

import pytest
from eth_abi import encode

from delea.errors import RevertError

TAKE_COIN = {"train", "challenge"}
USUAL = {"bytes": b"", "string": "", "bool": False}


def usual(kind, world):
    """A value of a type: of little use, and well formed."""
    if kind.startswith("("):
        return tuple(asdict(world.terms).values())
    if kind == "address":
        return world.model.address
    return bytes(32) if kind == "bytes32" else USUAL.get(kind, 0)


@pytest.fixture
def calls(world, load):
    """The calldata of each function of a contract that may change something, by name."""

    def of(name):
        contract = type(world.model)(world.chain, world.model.address, load(name)[0])
        found = {}
        for function, (selector, kinds, _, entry) in contract.functions.items():
            if entry["stateMutability"] not in {"view", "pure"}:
                found[function] = selector + encode(kinds, [usual(k, world) for k in kinds])
        return found

    return of


@pytest.fixture
def deploy(world, load):
    def deployed(name):
        arguments = {
            "ModelFactory": (world.model.address, 2**64, 0),  # refuses all terms
            "Split": (world.model.address, 1_000),
        }.get(name, ())
        if name == "Model":
            return world.model
        return world.chain.deploy(*load(name), *arguments, sender=world.creator)

    return deployed


def reason_of(world, contract, data, value=0):
    """Why a call is refused, None if it is not; nothing stays changed."""
    before = world.chain.evm.snapshot()
    try:
        contract.call(data, sender=world.consumer, value=value)
    except RevertError as fault:
        return fault.reason
    finally:
        world.chain.evm.revert(before)
    return None


@pytest.mark.parametrize("name", ["Model", "ModelFactory", "Split", "StewardArbiter"])
def test_only_a_claim_and_a_challenge_take_coin(world, deploy, calls, name):
    contract = deploy(name)
    for function, data in calls(name).items():
        assert reason_of(world, contract, data) != "", function
        assert (reason_of(world, contract, data, 1) == "") is (function not in TAKE_COIN), function


def test_no_function_of_a_model_is_entered_while_coin_is_withdrawn(world, model, calls):
    hostile = world.harness("Hostile")
    claim = model.data("train", 0, world.root(7), 1, hostile.address, 0)
    hostile.forward(model.address, claim, sender=world.attacker, value=1_007)
    world.chain.wait(100)
    model.settle(1)
    for function, data in calls("Model").items():
        assert reason_of(world, model, data) != "", function
        before = world.chain.evm.snapshot()
        hostile.prepare(model.address, data, refuses=False)
        hostile.forward(model.address, model.data("withdraw"), sender=world.attacker)
        assert (hostile.reentered(), hostile.heard()) == (False, b""), function
        world.chain.evm.revert(before)


def test_no_function_of_a_split_is_entered_while_tokens_come_in(world, load, calls):
    underlying = world.harness("Underlying")
    underlying.prepare((1).to_bytes(32, "big"), refuses=False)
    split = world.chain.deploy(*load("Split"), underlying.address, 1_000, sender=world.creator)
    for function, data in calls("Split").items():
        assert reason_of(world, split, data) != "", function
        underlying.prepare_call(split.address, data)
        split.deposit(2, sender=world.consumer)
        assert (underlying.reentered(), underlying.heard()) == (False, b""), function


def test_no_function_of_the_arbiter_is_entered_while_it_rules(world, deploy, calls):
    arbiter, judged = deploy("StewardArbiter"), world.harness("Judged")
    arbiter.vote(judged.address, 1, 1, refuted=True, sender=world.creator)
    for function, data in calls("StewardArbiter").items():
        assert reason_of(world, arbiter, data) != "", function
        judged.prepare(data)
        arbiter.decide(judged.address, 1, 1)
        assert (judged.reentered(), judged.heard()) == (False, b""), function


def test_the_factory_is_not_entered_while_it_creates(world, load, calls):
    call = calls("ModelFactory")["create"]
    size = f"61{len(call):04x}"
    code = f"{size}60195f39" + f"5f5f{size}5f5f335af1" + "503d5f5260205ff3"  # keeps what is heard
    blueprint = world.chain.put(b"\xfe\x71\x00" + bytes.fromhex(code) + call, sender=world.creator)
    factory = world.chain.deploy(*load("ModelFactory"), blueprint, 1, 0, sender=world.creator)
    assert reason_of(world, factory, call) != ""
    created = factory.create(tuple(asdict(world.terms).values()), bytes(32), sender=world.creator)
    assert bytes(world.chain.evm.get_code(created)).rstrip(b"\0") == b""  # no word of a reason
