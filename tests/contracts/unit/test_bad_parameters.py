"""Every argument at 0, 1, its bound, one more and 2^256 - 1: exact, or refused by name."""

import pytest

from delea import curve
from delea.errors import RevertError

MOST = 2**256 - 1
NOBODY = "0x" + "00" * 20
IDS = (0, 1, 2**40 - 1, 2**40, 2**40 + 1, 2**255, MOST)
AMOUNTS = (0, 1, 10**24 - 1, 10**24, 10**24 + 1, 2**112 - 1, 2**112, MOST)
SIGNED = (-(2**255), -2, -1, 0, 1, 2, 2**255 - 1)
ROOTS = (b"\x00" * 32, b"\x00" * 31 + b"\x01", b"\xff" * 32)
ACCOUNTS = (NOBODY, "0x" + "00" * 19 + "01", "0x" + "ff" * 20)
BYTES = (b"", b"\x00" * 64, b"\x00" * 65, b"\xff" * 65, b"\x00" * 1024)
KINDS = {
    "uint256": tuple(
        sorted({*IDS, *AMOUNTS, 16, 17, 1_000, 1_001, 2**16, 2**48, 10**8, 10**8 + 1})
    ),
    "uint8": (0, 1, 27, 28, 255),
    "int256": SIGNED,
    "bytes32": ROOTS,
    "address": ACCOUNTS,
    "bool": (False, True),
    "bytes": BYTES,
}
DEFAULTS = {
    "uint256": 1,
    "uint8": 27,
    "int256": 1,
    "bytes32": b"\x01" * 32,
    "address": "0x" + "a1" * 20,
    "bool": True,
    "bytes": b"",
}


def calls(abi):
    """Each function with each argument swept in turn, the others as usual."""
    for entry in abi:
        if entry["type"] != "function":
            continue
        kinds = [part["type"] for part in entry["inputs"]]
        usual = [DEFAULTS.get(kind) for kind in kinds]
        if None in usual:
            continue  # the terms have a sweep of their own
        coins = (0, 1_007) if entry["stateMutability"] == "payable" else (0,)
        for coin in coins:
            yield entry["name"], tuple(usual), coin
            for place, kind in enumerate(kinds):
                for extreme in KINDS[kind]:
                    yield entry["name"], (*usual[:place], extreme, *usual[place + 1 :]), coin


@pytest.mark.parametrize("name", ["Model", "ModelFactory", "Split", "StewardArbiter"])
def test_no_call_is_refused_without_a_reason(world, load, name):
    contract = {
        "Model": lambda: world.model,
        "ModelFactory": lambda: world.chain.deploy(
            *load("ModelFactory"), world.model.address, 1, 0, sender=world.creator
        ),
        "Split": lambda: world.chain.deploy(
            *load("Split"), world.model.address, 1_000, sender=world.creator
        ),
        "StewardArbiter": lambda: world.chain.deploy(*load("StewardArbiter"), sender=world.creator),
    }[name]()
    world.challenge(world.train(0, 1))  # version 1 with a game, beside genesis
    world.model.propose_rollback(0, sender=world.creator)
    before = world.chain.evm.snapshot()
    refused, accepted = set(), set()
    for function, arguments, coin in calls(load(name)[0]):
        if name == "StewardArbiter" and arguments[0] == DEFAULTS["address"]:
            arguments = (world.model.address, *arguments[1:])  # noqa: PLW2901
        for sender in (world.creator, world.attacker):
            try:
                getattr(contract, function)(*arguments, sender=sender, value=coin)
                accepted.add(function)
            except RevertError as fault:
                refused.add(fault.reason)
            world.chain.evm.revert(before)
            before = world.chain.evm.snapshot()
    assert {reason for reason in refused if ": " not in reason} == set()  # none without a reason
    if name == "Model":
        assert len(refused) >= 30
        assert {"transfer", "approve", "train", "infer", "opt_in", "vote_rollback"} <= accepted


BOUNDS = [
    (
        "train: updates",
        lambda m, n: m.train(0, ROOTS[1], n, DEFAULTS["address"], 0),
        (0, 1_001, MOST),
    ),
    ("infer: units", lambda m, n: m.infer(n, MOST, ROOTS[1]), (0, 10**8 + 1, MOST)),
    ("price_for: units", lambda m, n: m.price_for(n), (0, 10**8 + 1, MOST)),
    ("bond_for: updates", lambda m, n: m.bond_for(n), (0, 1_001, MOST)),
    ("version: unknown version", lambda m, n: m.version(n), (1, 2**40, 2**40 + 1, MOST)),
    ("quote_after: unknown version", lambda m, n: m.quote_after(n, 1), (1, 2**40, MOST)),
    ("settle: unknown version", lambda m, n: m.settle(n), (1, 2**40, MOST)),
    ("void: unknown version", lambda m, n: m.void(n), (1, 2**40, MOST)),
    ("reclaim: no open game", lambda m, n: m.reclaim(0, n), (0, 1, MOST)),
    ("token: balance", lambda m, n: m.transfer(DEFAULTS["address"], n), (1, 2**112, MOST)),
]


@pytest.mark.parametrize(
    ("reason", "call", "number"),
    [(reason, call, number) for reason, call, numbers in BOUNDS for number in numbers],
)
def test_a_number_beyond_its_bound_is_refused_by_name(model, refuses, reason, call, number):
    with refuses(reason):
        call(model, number)


@pytest.mark.parametrize("updates", [0, 1, 1_000, 2**48, 2**255, MOST])
def test_a_reward_is_exact_for_any_number_of_updates(model, updates):
    assert model.reward_for(updates) == curve.reward(model.reserve(), updates, 1_000_000)
    assert model.quote_after(0, updates) == model.reward_for(updates)


@pytest.mark.parametrize("units", [1, 10**8 - 1, 10**8])
def test_a_price_is_exact_up_to_its_bound(model, units):
    assert model.price_for(units) == curve.price(model.reserve(), units, 1_000_000, 100)
