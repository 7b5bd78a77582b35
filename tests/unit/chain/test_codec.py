import json
from dataclasses import fields
from importlib.resources import files

import pytest
from eth_abi.abi import encode

from delea.chain.codec import (
    check_address,
    decode_log,
    decode_values,
    encode_call,
    encode_deploy,
    is_deployed,
    load_contract,
)
from delea.chain.events import EVENTS, Event
from delea.chain.evm import Log
from delea.chain.revert import reason_of
from delea.chain.values import read_events, read_version
from delea.errors import ChainError, MalformedError, UsageError
from delea.protocol.terms import Terms

LOW = "0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266"
SUM = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"


@pytest.fixture(scope="session")
def model():
    return load_contract("Model")


def test_every_event_of_the_contract_has_a_value_with_its_fields(model):
    own = len(fields(Event))
    values = {kind.__name__: [field.name for field in fields(kind)[own:]] for kind in EVENTS}
    forms = {name: [field.name for field in form.fields] for name, form in model.events.items()}
    assert values == forms


def test_terms_have_the_fields_of_the_constructor_in_order():
    text = files("delea.chain").joinpath("abi/Model.json").read_text()
    constructor = next(e for e in json.loads(text)["abi"] if e["type"] == "constructor")
    names = [item["name"] for item in constructor["inputs"][0]["components"]]
    assert names == [field.name for field in fields(Terms)]


def test_a_call_is_encoded_as_the_abi_says(model):
    data = encode_call(model.functions["transfer"], (SUM, 1))
    assert data.hex() == "a9059cbb" + LOW[2:].rjust(64, "0") + "1".rjust(64, "0")


def test_a_creation_is_the_bytecode_and_its_values():
    arbiter = load_contract("StewardArbiter")
    assert encode_deploy(arbiter, ()) == arbiter.bytecode


@pytest.mark.parametrize(
    "values", [(SUM,), (SUM, -1), (SUM, 1 << 256), (SUM, 1.5), (SUM, "1"), (SUM, True), (SUM, 1, 2)]
)
def test_values_that_do_not_fit_are_refused_in_one_line(model, values):
    with pytest.raises(UsageError, match="transfer: values for") as refusal:
        encode_call(model.functions["transfer"], values)
    assert "\n" not in str(refusal.value)


def test_addresses_come_out_checksummed_even_inside_a_struct():
    kinds = ["(uint256,address)", "address", "bytes32"]
    data = encode(kinds, [(7, LOW), LOW, bytes(32)])
    assert decode_values(kinds, data) == ((7, SUM), SUM, bytes(32))


@pytest.mark.parametrize("data", [b"", bytes(31), b"\xff" * 32])
def test_answers_that_do_not_fit_are_malformed(data):
    with pytest.raises(MalformedError, match="ABI values"):
        decode_values(["address"], data)


def test_a_string_that_claims_to_be_huge_is_malformed():
    data = (32).to_bytes(32, "big") + (1 << 255).to_bytes(32, "big")
    with pytest.raises(MalformedError):
        decode_values(["string"], data)


def test_a_log_is_read_by_name(model):
    form = model.events["Voided"]
    topics = [form.topic, (5).to_bytes(32, "big")]
    assert decode_log(form, topics, (1).to_bytes(32, "big")) == {"version": 5, "timed_out": True}


@pytest.mark.parametrize("topics", [0, 1, 3])
def test_a_log_with_other_topics_is_malformed(model, topics):
    form = model.events["Voided"]
    with pytest.raises(MalformedError, match="the topics of Voided expected"):
        decode_log(form, [form.topic, *[bytes(32)] * 2][:topics], bytes(32))


def test_a_log_that_is_no_event_of_a_model_is_refused():
    log = Log(SUM, (bytes(32),), b"", 1, 0, "0xab")
    with pytest.raises(ChainError, match="an event of a model expected in 0xab, got another"):
        read_events([log])


def test_a_version_with_an_unknown_status_is_malformed():
    fields_ = [0, bytes(32), 0, SUM, SUM, 0, 0, 0, 0, 0, 0, 0, 0, 0, 6, False]
    with pytest.raises(MalformedError, match="a status of 1 to 5 expected, got 6"):
        read_version(1, fields_)


def test_only_the_whole_code_of_the_contract_is_a_model(model):
    code = model.runtime + bytes(model.immutable_bytes)
    assert is_deployed(model, code)
    assert is_deployed(model, model.runtime + b"\xff" * model.immutable_bytes)
    altered = bytes([code[0] ^ 1]) + code[1:]
    last = len(model.runtime) - 1
    late = code[:last] + bytes([code[last] ^ 1]) + code[last + 1 :]
    for other in (b"", code[:-1], code + b"\0", altered, late, model.bytecode):
        assert not is_deployed(model, other)


def test_an_address_is_checksummed_and_a_wrong_checksum_refused():
    assert check_address(LOW) == SUM
    for text in ("", "0x12", LOW[2:], "0X" + LOW[2:], None, 7, SUM + "0", SUM + "\n", b"\0" * 20):
        with pytest.raises(UsageError, match="an address"):
            check_address(text)
    with pytest.raises(UsageError, match="has a wrong checksum: a digit may be mistyped"):
        check_address(SUM.replace("F", "f", 1))


def error_of(reason):
    return "0x08c379a0" + encode(["string"], [reason]).hex()


@pytest.mark.parametrize(
    ("data", "message", "reason"),
    [
        (error_of("train: bond"), "", "train: bond"),
        ({"data": error_of("train: bond")}, "", "train: bond"),
        (error_of("two\nlines"), "", "two lines"),
        (error_of("x" * 999), "", "x" * 200),
        (error_of(""), "", "no reason given"),
        ("0x4e487b71" + "11".rjust(64, "0"), "", "panic 17"),
        ("0x", "execution reverted: from the node", "from the node"),
        ("0x08c379a0ff", "", "no reason given"),
        ("0x08c379a0zz", "", "no reason given"),
        ("0x08c379a0" + "ff" * 64, "execution reverted: kept", "kept"),
        (None, "", "no reason given"),
        (7, "", "no reason given"),
        ("0xdeadbeef", "", "no reason given"),
    ],
)
def test_a_reason_is_read_from_whatever_comes(data, message, reason):
    assert reason_of(data, message) == reason
