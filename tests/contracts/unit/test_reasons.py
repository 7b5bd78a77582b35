"""ReasonTexts: why a call is refused stands on the chain once, for all contracts."""

import re
from dataclasses import asdict, replace

import pytest
from eth_utils import to_checksum_address

from delea.chain import commons

NOBODY = "0x" + "00" * 20


@pytest.fixture
def source(pytestconfig):
    return (pytestconfig.rootpath / "contracts" / "src" / "reasons.vy").read_text()


@pytest.fixture
def texts(pytestconfig):
    return (pytestconfig.rootpath / "contracts" / "reasons.txt").read_text().splitlines()


@pytest.fixture
def address():
    return commons.address_of(commons.texts_code())


@pytest.fixture
def ask(world, address):
    """Ask for the text of a number."""
    contract = type(world.model)(world.chain, address, [])
    return lambda number: contract.call(number.to_bytes(32, "big"), sender=world.attacker)


@pytest.fixture
def stage(world, load):
    """A chain of its own with other code in place of the texts, and contracts on it."""

    def made(code, name):
        chain = type(world.chain)()
        chain.place(commons.address_of(commons.texts_code()), code)
        other = chain.put(b"\0", sender=world.creator)
        terms = tuple(asdict(replace(world.terms, arbiter=other)).values())
        arguments = (terms, world.creator) if name == "Model" else ()
        return chain.deploy(*load(name), *arguments, sender=world.creator)

    return made


def test_every_reason_has_its_text_on_the_chain(source, texts, ask, refuses):
    found = re.findall(r"^(\w+): constant\(uint256\) = (\d+)  # (.+)$", source, re.MULTILINE)
    assert [text for _, _, text in found] == sorted(texts)
    for name, number, text in found:
        assert name == text.upper().replace(": ", "_").replace(" ", "_")
        with refuses(text):
            ask(int(number))


def test_no_other_number_has_a_text(texts, ask):
    assert ask(len(texts)) == ask(2**256 - 1) == b""


def test_the_contracts_ask_where_the_texts_code_says(source, address):
    assert f"TEXTS: constant(address) = {to_checksum_address(address)}" in source


REFUSED = [  # contract, its call
    ("Model", "settle", (1,)),
    ("Model", "transfer", (NOBODY, 1)),
    ("Model", "version", (1,)),
    ("StewardArbiter", "decide", (NOBODY, 1, 1)),
]


@pytest.mark.parametrize(("name", "call", "arguments"), REFUSED)
@pytest.mark.parametrize(
    "code",
    ["", "600160005260206000f3", "5f5ffd", "fe"],
    ids=["nothing", "yes", "an empty revert", "an invalid one"],
)
def test_a_call_is_refused_whatever_stands_in_the_place_of_the_texts(
    stage, refuses, code, name, call, arguments
):
    contract = stage(bytes.fromhex(code), name)
    with refuses(""):
        getattr(contract, call)(*arguments)


def test_a_refusal_that_runs_out_of_gas_is_a_refusal(world, model):
    data = model.data("transfer", world.attacker, 1)
    heard = set()
    for gas in range(22_000, 42_000, 200):
        with pytest.raises(RuntimeError) as fault:
            world.chain.evm.message_call(world.consumer, model.address, calldata=data, gas=gas)
        heard.add(b"token: balance".hex() in str(fault.value))
    assert heard == {False, True}  # with too little gas, and with enough
