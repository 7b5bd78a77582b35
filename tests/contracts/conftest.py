"""A model on an EVM in memory, the people around it, and a way to call it by name."""

import json
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import pytest
import vyper
from eth_abi import decode, encode
from eth_utils import (
    event_abi_to_log_topic,
    function_abi_to_4byte_selector,
    get_abi_input_types,
    get_abi_output_types,
)
from vyper.compiler.input_bundle import FilesystemInputBundle

from delea.chain import commons
from delea.errors import RevertError
from delea.protocol.terms import Terms

try:
    from pyrevm import EVM, AccountInfo, BlockEnv
except ImportError as fault:
    line = "the contract tests need pyrevm: pip install pyrevm==0.3.7, on Python 3.11 or 3.12"
    raise ImportError(line) from fault

sys.path.insert(0, str(Path(__file__).parent))  # for signing.py
ROOT = Path(__file__).resolve().parents[2]
MUTANT = os.environ.get("DELEA_CONTRACTS", "")  # a folder like contracts/, broken on purpose
CONTRACTS = Path(MUTANT or ROOT / "contracts")  # compiled/ holds what differs by then
START = 1_000_000_000
ERROR_STRING = "08c379a0"
RICH = 10**36
TEXTS = commons.address_of(commons.texts_code())
ROLES = ("creator", "trainer", "other_trainer", "challenger", "consumer", "attacker")


@dataclass(frozen=True)
class Event:
    """What a contract logged."""

    name: str
    fields: dict[str, Any]


@dataclass
class Chain:
    """An EVM without blocks of its own: time moves when told to. It has the reasons' texts."""

    evm: EVM = field(default_factory=lambda: EVM(spec_id="CANCUN", gas_limit=2**63))
    now: int = START

    def __post_init__(self):
        self.wait(0)
        made = self.deploy(*load_contract("ReasonTexts"), sender="0x" + "7e" * 20)
        self.place(TEXTS, bytes(self.evm.get_code(made.address)))  # where a mutant's belong, too

    def place(self, address: str, code: bytes) -> None:
        """Let an account that no call has met yet have this code."""
        self.evm.insert_account_info(address, AccountInfo(code=code))

    def wait(self, seconds: int) -> None:
        self.now += seconds
        self.evm.set_block_env(BlockEnv(number=1, timestamp=self.now))

    def deploy(self, abi: list, bytecode: str, *arguments: Any, sender: str) -> "Contract":
        entry = next((e for e in abi if e["type"] == "constructor"), {"inputs": []})
        encoded = encode(get_abi_input_types(entry), arguments) if entry["inputs"] else b""
        code = bytes.fromhex(bytecode.removeprefix("0x")) + encoded
        with reasons():
            address = self.evm.deploy(sender, code)
        return Contract(self, address.lower(), abi)

    def put(self, code: bytes, *, sender: str) -> str:
        """Put bare code on the chain."""
        size = len(code).to_bytes(2, "big")
        with reasons():
            start = b"\x61" + size + b"\x3d\x81\x60\x0a\x3d\x39\xf3"
            return self.evm.deploy(sender, start + code).lower()


@contextmanager
def reasons() -> Iterator[None]:
    """Turn the machine's refusal into the contract's own reason; empty if it gave none."""
    try:
        yield
    except RuntimeError as fault:
        text = str(fault)
        if "Revert" not in text:
            raise
        output = text.partition("output: 0x")[2].partition(" ")[0]
        reason = ""
        if output.startswith(ERROR_STRING):
            (reason,) = decode(["string"], bytes.fromhex(output[8:]))
        raise RevertError(reason) from None


known_encode = lru_cache(maxsize=1 << 14)(encode)  # long lives ask for the same again and again
known_decode = lru_cache(maxsize=1 << 14)(decode)


def encoded(kinds: tuple[str, ...], values: tuple) -> bytes:
    try:
        return known_encode(kinds, values)
    except TypeError:  # a list has no hash
        return encode(kinds, values)


class Contract:
    """A deployed contract; each of its functions is a method, sender and value are keywords."""

    def __init__(self, chain: Chain, address: str, abi: list) -> None:
        self.chain = chain
        self.address = address
        self.functions = {}
        self.topics = {}
        for entry in abi:
            if entry["type"] == "function":
                selector = function_abi_to_4byte_selector(entry)
                kinds = (tuple(get_abi_input_types(entry)), tuple(get_abi_output_types(entry)))
                self.functions[entry["name"]] = (selector, *kinds, entry)
            if entry["type"] == "event":
                self.topics[event_abi_to_log_topic(entry).hex()] = entry

    def data(self, name: str, *arguments: Any, **named: Any) -> bytes:
        selector, inputs, _, entry = self.functions[name]
        rest = [part["name"] for part in entry["inputs"]][len(arguments) :]
        return selector + encoded(inputs, (*arguments, *(named[name] for name in rest)))

    def __getattr__(self, name: str) -> Any:
        if name not in self.functions:
            raise AttributeError(name)
        _, _, outputs, entry = self.functions[name]

        def call(
            *arguments: Any, sender: str = "0x" + "11" * 20, value: int = 0, **named: Any
        ) -> Any:
            with reasons():
                data = self.data(name, *arguments, **named)
                message_call = self.chain.evm.message_call
                answer = message_call(sender, self.address, calldata=data, value=value)
            decoded = known_decode(outputs, bytes(answer))
            if len(decoded) != 1:
                return decoded or None
            if outputs[0].startswith("("):
                names = [part["name"] for part in entry["outputs"][0]["components"]]
                return dict(zip(names, decoded[0], strict=True))
            return decoded[0]

        return call

    def call(self, data: bytes, *, sender: str, value: int = 0) -> bytes:
        """Call with data made by hand, and return the bare answer."""
        with reasons():
            message_call = self.chain.evm.message_call
            return bytes(message_call(sender, self.address, calldata=data, value=value))

    @property
    def coin(self) -> int:
        return self.chain.evm.get_balance(self.address)

    def events(self) -> list[Event]:
        """What this contract logged in the last call."""
        found = []
        for log in self.chain.evm.result.logs:
            if log.address.lower() != self.address:
                continue
            entry = self.topics[log.topics[0].removeprefix("0x")]
            topics = iter(log.topics[1:])
            plain = [i for i in entry["inputs"] if not i["indexed"]]
            data = bytes(log.data[1] if isinstance(log.data, tuple) else log.data)
            values = iter(decode([i["type"] for i in plain], data))
            fields = {}
            for i in entry["inputs"]:
                if i["indexed"]:
                    raw = bytes.fromhex(next(topics).removeprefix("0x"))
                    (fields[i["name"]],) = decode([i["type"]], raw)
                else:
                    fields[i["name"]] = next(values)
            found.append(Event(entry["name"], fields))
        return found


@cache
def load_contract(name: str) -> tuple[list, str]:
    """The ABI and bytecode that the package ships, or a mutant's if they differ."""
    broken = CONTRACTS / "compiled" / f"{name}.json"
    shipped = ROOT / "src/delea/chain/abi" / f"{name}.json"
    record = json.loads((broken if broken.is_file() else shipped).read_text())
    return record["abi"], record["bytecode"]


@cache
def compile_file(path: Path, contracts: Path = CONTRACTS) -> tuple[list, str]:
    bundle = FilesystemInputBundle([contracts, contracts / "src"])
    found = vyper.compiler.compile_from_file_input(
        bundle.load_file(path), input_bundle=bundle, output_formats=["abi", "bytecode"]
    )
    return found["abi"], found["bytecode"]


@dataclass
class World:
    """One chain, one model, and everyone around it."""

    chain: Chain
    terms: Terms
    arbiter: Contract
    model: Contract
    people: dict[str, str]

    def __getattr__(self, name: str) -> str:
        if name in ROLES:
            return self.people[name]
        raise AttributeError(name)

    def root(self, number: int) -> bytes:
        return number.to_bytes(32, "big")

    def deploy(self, code: tuple | None = None, **changes: Any) -> Contract:
        """Another model, with other terms."""
        abi, bytecode = code or load_contract("Model")
        terms = replace(self.terms, **{"arbiter": self.arbiter.address, **changes})
        values = tuple(asdict(terms).values())
        return self.chain.deploy(abi, bytecode, values, self.creator, sender=self.creator)

    def with_model(self, **changes: Any) -> "World":
        """The same world around another model."""
        model = self.deploy(**changes)
        return replace(self, model=model, terms=replace(self.terms, **changes))

    def with_source(self, folder: Path, file: str, before: str, after: str) -> "World":
        """The same world around a model of which one line reads otherwise."""
        contracts = folder / "contracts"
        shutil.copytree(CONTRACTS, contracts)
        path = contracts / "src" / file
        text = path.read_text()
        assert before in text
        path.write_text(text.replace(before, after))
        code = compile_file(contracts / "src" / "Model.vy", contracts)
        return replace(self, model=self.deploy(code))

    def harness(self, name: str) -> Contract:
        abi, bytecode = compile_file(ROOT / "tests/contracts/harness" / f"{name}.vy")
        return self.chain.deploy(abi, bytecode, sender=self.creator)

    def train(self, parent: int, updates: int = 100, *, root: int = 7, sender: str = "") -> int:
        sender = sender or self.trainer
        bond = self.model.bond_for(updates)
        root = self.root(root)
        return self.model.train(parent, root, updates, sender, 0, sender=sender, value=bond)

    def challenge(self, version: int, *, root: int = 8, sender: str = "") -> int:
        bond = self.model.version(version)["bond"]
        sender = sender or self.challenger
        return self.model.challenge(version, self.root(root), sender=sender, value=bond)

    def rule(self, version: int, game: int, *, refuted: bool, rewarded: bool = True) -> None:
        self.arbiter.answer(self.model.address, version, game, refuted, rewarded)

    def earn(self, account: str, at_least: int = 5 * 10**21) -> None:
        """Let an account train until rewards are worth a seat, or as much as is said."""
        earned = 0
        while earned < at_least:
            updates = self.terms.max_updates
            value = self.model.bond_for(updates)
            parent = self.model.head()
            version = self.model.train(
                parent, self.root(7), updates, account, 0, sender=self.trainer, value=value
            )
            earned += self.model.reward_for(updates)
            self.chain.wait(self.terms.challenge_window)
            self.model.settle(version)

    def seat(self, account: str, at_least: int = 5 * 10**21) -> None:
        """Let an account earn a holder's seat."""
        self.earn(account, at_least)
        self.model.opt_in(sender=account)
        self.chain.wait(2 * self.terms.rollback_window)

    def settled(self, parent: int, updates: int = 100) -> int:
        """A version that was trained and settled."""
        version = self.train(parent, updates)
        self.chain.wait(self.terms.challenge_window)
        assert self.model.settle(version)
        return version

    def rolled_back(self, target: int) -> int:
        proposal = self.model.propose_rollback(target, sender=self.creator)
        self.chain.wait(self.terms.rollback_window)
        return self.model.execute_rollback(proposal)


TERMS = Terms(
    name="Sine",
    symbol="SIN",
    supply=10**24,
    horizon=1_000_000,
    inferences_per_update=100,
    max_updates=1_000,
    artifact=b"\xaa" * 32,
    dataset=b"\xdd" * 32,
    genesis_root=b"\x00" * 31 + b"\x01",
    challenge_window=100,
    verdict_window=200,
    rollback_window=150,
    bond_base=1_000,
    bond_per_update=7,
    arbiter="0x" + "00" * 20,
)


@pytest.fixture(scope="session")
def session_world() -> World:
    """The world before anything happened."""
    chain = Chain()
    people = {role: "0x" + f"{n:02x}" * 20 for n, role in enumerate(ROLES, 0xA0)}
    for person in people.values():
        chain.evm.set_balance(person, RICH)
    world = World(chain, TERMS, None, None, people)
    world.arbiter = world.harness("Puppet")
    world.terms = replace(TERMS, arbiter=world.arbiter.address)
    world.model = world.deploy()
    return world


@pytest.fixture
def world(session_world: World):
    """The world, put back after the test."""
    before = session_world.chain.evm.snapshot()
    yield replace(session_world)
    session_world.chain.evm.revert(before)
    session_world.chain.now = START
    session_world.chain.wait(0)


@pytest.fixture
def model(world: World) -> Contract:
    return world.model


@pytest.fixture
def refuses():
    """A context that expects exactly this reason."""

    def context(reason: str) -> Any:
        return pytest.raises(RevertError, match=f"^the contract refused: {reason}$")

    return context


@pytest.fixture(scope="session")
def load():
    """The ABI and bytecode of a contract by its name."""
    return load_contract
