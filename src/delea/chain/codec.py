"""The contracts' ABI: calls to bytes, answers and logs to values.

Addresses come out checksummed, bytes as bytes, structs as tuples.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from eth_abi.abi import decode, encode
from eth_abi.exceptions import DecodingError, EncodingError
from eth_utils.abi import collapse_if_tuple
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

from delea.artifact import decode as decode_cbor
from delea.errors import MalformedError, UsageError
from delea.ids import Address

_ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Function:
    """One call of a contract."""

    name: str
    selector: bytes
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Field:
    """One field of an event."""

    name: str
    type: str
    indexed: bool


@dataclass(frozen=True, slots=True)
class LogForm:
    """One event of a contract; `topic` is the first of its logs' topics."""

    name: str
    topic: bytes
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Contract:
    """A contract as it was compiled."""

    name: str
    bytecode: bytes
    runtime: bytes  # what lives on the chain, save for the immutables after it
    immutable_bytes: int
    constructor: tuple[str, ...]
    functions: Mapping[str, Function]
    events: Mapping[str, LogForm]


@cache
def load_contract(name: str) -> Contract:
    """Return the contract `name` that ships with the package."""
    text = files("delea.chain").joinpath("abi", f"{name}.json").read_text(encoding="utf-8")
    compiled = json.loads(text)
    entries = compiled["abi"]
    bytecode = bytes.fromhex(compiled["bytecode"].removeprefix("0x"))
    runtime, immutable_bytes = _split_runtime(bytecode)
    constructors = [entry for entry in entries if entry["type"] == "constructor"]
    return Contract(
        name=name,
        bytecode=bytecode,
        runtime=runtime,
        immutable_bytes=immutable_bytes,
        constructor=_types(constructors[0]["inputs"]) if constructors else (),
        functions={e["name"]: _function(e) for e in entries if e["type"] == "function"},
        events={e["name"]: _log_form(e) for e in entries if e["type"] == "event"},
    )


def encode_call(function: Function, values: Sequence[Any]) -> bytes:
    """Return the data of a call; raises UsageError for values that do not fit the ABI."""
    return function.selector + encode_values(function.inputs, values, what=function.name)


def encode_deploy(contract: Contract, values: Sequence[Any]) -> bytes:
    """Return the data of a contract's creation; raises UsageError as `encode_call` does."""
    return contract.bytecode + encode_values(contract.constructor, values, what=contract.name)


def encode_values(types: Sequence[str], values: Sequence[Any], *, what: str) -> bytes:
    """Return the ABI encoding of values; raises UsageError if they do not fit."""
    try:
        return encode(types, [_spell(*pair) for pair in zip(types, values, strict=True)])
    except (EncodingError, TypeError, ValueError, OverflowError) as fault:
        reason = " ".join(str(fault).split())[:160]
        raise UsageError(f"{what}: values for ({','.join(types)}) expected: {reason}") from None


def decode_values(types: Sequence[str], data: bytes) -> tuple[Any, ...]:
    """Return ABI-encoded values, or raise MalformedError."""
    try:
        values = decode(types, data)
    except (DecodingError, ValueError, OverflowError) as fault:
        reason = " ".join(str(fault).split())[:160]
        raise MalformedError(f"ABI values ({','.join(types)}) expected: {reason}") from None
    return tuple(_checksum(kind, value) for kind, value in zip(types, values, strict=True))


def decode_log(form: LogForm, topics: Sequence[bytes], data: bytes) -> dict[str, Any]:
    """Return an event's fields by name, or raise MalformedError."""
    indexed = [field for field in form.fields if field.indexed]
    plain = [field for field in form.fields if not field.indexed]
    if len(topics) != 1 + len(indexed) or topics[0] != form.topic:
        raise MalformedError(f"the topics of {form.name} expected, got {len(topics)} others")
    values = {
        field.name: decode_values([field.type], topic)[0]
        for field, topic in zip(indexed, topics[1:], strict=True)
    }
    found = decode_values([field.type for field in plain], data)
    values |= {field.name: value for field, value in zip(plain, found, strict=True)}
    return {field.name: values[field.name] for field in form.fields}


def is_deployed(contract: Contract, code: bytes) -> bool:
    """Return whether code on a chain is that of `contract`, whatever its immutables are."""
    expected = len(contract.runtime) + contract.immutable_bytes
    return len(code) == expected and code.startswith(contract.runtime)


def _split_runtime(bytecode: bytes) -> tuple[bytes, int]:
    """Return the runtime code and the length of its immutables.

    Vyper ends a creation's code with the runtime code, then `[digest, bytes of runtime code,
    data sections, bytes of immutables, compiler]` in CBOR, then the length of that and of itself.
    """
    tail = len(bytecode) - int.from_bytes(bytecode[-2:], "big")
    _, runtime_bytes, _, immutable_bytes, _ = decode_cbor(bytecode[tail:-2])
    return bytecode[tail - runtime_bytes : tail], immutable_bytes


def check_address(text: Any) -> Address:
    """Return an address checksummed; raises UsageError if it is none or has a wrong checksum."""
    if not isinstance(text, str) or not _ADDRESS.fullmatch(text):
        raise UsageError(f"an address (0x and 40 hex digits) expected, got {str(text)[:60]!r}")
    summed = to_checksum_address(text)
    if text not in {summed, summed.lower()}:
        raise UsageError(f"the address {text} has a wrong checksum: a digit may be mistyped")
    return Address(summed)


def _function(entry: Mapping[str, Any]) -> Function:
    inputs = _types(entry["inputs"])
    return Function(
        name=entry["name"],
        selector=_keccak_of(entry["name"], inputs)[:4],
        inputs=inputs,
        outputs=_types(entry["outputs"]),
    )


def _log_form(entry: Mapping[str, Any]) -> LogForm:
    fields = tuple(
        Field(item["name"], collapse_if_tuple(item), item["indexed"]) for item in entry["inputs"]
    )
    topic = _keccak_of(entry["name"], [field.type for field in fields])
    return LogForm(entry["name"], topic, fields)


def _types(items: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    return tuple(collapse_if_tuple(dict(item)) for item in items)


def _keccak_of(name: str, types: Sequence[str]) -> bytes:
    return keccak(text=f"{name}({','.join(types)})")


def _spell(kind: str, value: Any) -> Any:
    """Return `value`, or raise UsageError if an address in it is mistyped."""
    if kind == "address":
        return check_address(value)
    if kind.startswith("("):
        return tuple(_spell(*pair) for pair in zip(kind[1:-1].split(","), value, strict=True))
    return value


def _checksum(kind: str, value: Any) -> Any:
    """Return `value` with every address in it checksummed."""
    if kind == "address":
        return to_checksum_address(value)
    if kind.startswith("("):
        return tuple(
            _checksum(part, item) for part, item in zip(kind[1:-1].split(","), value, strict=True)
        )
    if kind.startswith("address["):
        return tuple(to_checksum_address(item) for item in value)
    return value
