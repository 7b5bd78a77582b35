"""ModelFactory: models from one blueprint, on a list, above the floors."""

from dataclasses import asdict, replace

import pytest
from eth_abi import encode
from eth_utils import keccak

from delea.chain.commons import address_of, texts_code

SALT = b"\x05" * 32
NOBODY = "0x" + "00" * 20


@pytest.fixture
def factory(world, load, blueprint):
    return world.chain.deploy(*load("ModelFactory"), blueprint, 100, 1_007, sender=world.attacker)


def values(world, **changes):
    return tuple(asdict(replace(world.terms, **changes)).values())


def test_a_model_is_created_for_its_caller(world, factory, load):
    address = factory.create(values(world), SALT, sender=world.creator)
    (event,) = factory.events()
    assert event.name == "Created"
    assert event.fields == {"model": address, "creator": world.creator, "number": 0}
    model = type(factory)(world.chain, address, load("Model")[0])
    assert model.creator() == world.creator
    assert model.balanceOf(world.creator) == 5 * 10**22
    assert model.reserve() == 95 * 10**22
    assert model.version(0)["root"] == world.root(1)


def test_a_model_from_the_factory_has_the_code_of_one_deployed_alone(world, model, factory):
    address = factory.create(values(world), SALT, sender=world.creator)
    code = bytes(world.chain.evm.get_code(address))
    assert code == bytes(world.chain.evm.get_code(model.address)) != b""


def test_the_factory_lists_its_models(world, factory):
    first = factory.create(values(world), SALT, sender=world.creator)
    second = factory.create(values(world), b"\x06" * 32, sender=world.creator)
    assert factory.model_count() == 2
    assert (factory.models(0), factory.models(1), factory.models(2)) == (first, second, NOBODY)
    assert factory.is_model(first)
    assert not factory.is_model(world.model.address)
    assert factory.model_of(world.creator, SALT) == first


def test_the_address_follows_from_creator_salt_and_terms(world, factory, load):
    abi, bytecode = load("Model")
    constructor = next(entry for entry in abi if entry["type"] == "constructor")
    kinds = [part["type"] for part in constructor["inputs"][0]["components"]]
    arguments = encode([f"({','.join(kinds)})", "address"], [values(world), world.creator])
    start = bytes.fromhex(bytecode.removeprefix("0x")) + arguments
    salt = keccak(encode(["address", "bytes32"], [world.creator, SALT]))
    made = keccak(b"\xff" + bytes.fromhex(factory.address[2:]) + salt + keccak(start))
    address = factory.create(values(world), SALT, sender=world.creator)
    assert address == "0x" + made[12:].hex()


def test_another_creator_cannot_take_an_address(world, factory):
    first = factory.create(values(world), SALT, sender=world.attacker)
    second = factory.create(values(world), SALT, sender=world.creator)
    assert first != second
    assert factory.model_of(world.creator, SALT) == second


def test_a_salt_is_used_once_by_a_creator(world, factory, refuses):
    factory.create(values(world), SALT, sender=world.creator)
    with refuses("create: salt"):
        factory.create(values(world, horizon=64_000), SALT, sender=world.creator)


def test_the_floors_can_be_read(factory, blueprint):
    assert factory.min_challenge_window() == 100
    assert factory.min_bond() == 1_007
    assert factory.blueprint() == blueprint


@pytest.mark.parametrize("window", [0, 99])
def test_a_window_below_the_floor_is_refused(world, factory, refuses, window):
    with refuses("create: challenge_window"):
        factory.create(values(world, challenge_window=window), SALT, sender=world.creator)


@pytest.mark.parametrize(("base", "part"), [(0, 0), (1_000, 6), (0, 1_006), (1_006, 0)])
def test_a_bond_below_the_floor_is_refused(world, factory, refuses, base, part):
    with refuses("create: bond"):
        terms = values(world, bond_base=base, bond_per_update=part)
        factory.create(terms, SALT, sender=world.creator)


@pytest.mark.parametrize(("base", "part"), [(1_007, 0), (0, 1_007), (1_000, 7)])
def test_a_bond_at_the_floor_is_accepted(world, factory, base, part):
    terms = values(world, bond_base=base, bond_per_update=part)
    assert factory.is_model(factory.create(terms, SALT, sender=world.creator))


@pytest.mark.parametrize(
    ("what", "changes"),
    [
        ("horizon", {"horizon": 63}),
        ("supply", {"supply": 2**256 - 1}),
        ("bond_base", {"bond_base": 2**256 - 1, "bond_per_update": 1}),
        ("verdict_window", {"verdict_window": 99}),
        ("arbiter", {"arbiter": NOBODY}),
    ],
)
def test_the_models_own_reason_comes_through(world, factory, refuses, what, changes):
    with refuses(f"terms: {what}"):
        factory.create(values(world, **changes), SALT, sender=world.creator)
    assert factory.model_count() == 0


def test_a_factory_needs_a_blueprint(world, load, refuses):
    with refuses("factory: blueprint"):
        world.chain.deploy(*load("ModelFactory"), NOBODY, 1, 0, sender=world.creator)


def test_a_factory_needs_the_texts_of_refusals(world, load, refuses):
    chain = type(world.chain)()
    chain.place(address_of(texts_code()), b"")
    blueprint = chain.put(b"\0", sender=world.creator)
    with refuses("factory: reason texts"):
        chain.deploy(*load("ModelFactory"), blueprint, 1, 0, sender=world.creator)
