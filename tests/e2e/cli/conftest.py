"""The command line in this process, a real chain, and a small model that is quickly trained."""

import io
import json
import os
import struct
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
import wasmtime

from delea.artifact import (
    Artifact,
    Field,
    Hyper,
    Manifest,
    Region,
    Regions,
    StateTensor,
    encode_dataset,
    encode_manifest,
)
from delea.artifact.wasm import Section, read_sections, write_sections
from delea.chain import Anvil, Chain, dev_key
from delea.cli.entry import run
from delea.store import write_bundle

CHALLENGE_S, ROLLBACK_S = 600, 600
DEV_0 = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"
DEV_1 = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"
PROGRAM = """
import numpy as np
from delea import nn

print("a program may print")
x = np.linspace(-2, 2, 32, dtype=np.float32).reshape(-1, 1)
program = nn.Program(
    network=nn.Sequential(nn.Linear(1, 4), nn.Tanh(), nn.Linear(4, 1)),
    loss=nn.MSELoss(),
    optimizer=nn.{optimizer},
    data=nn.Dataset(x, np.sin(x)),
    steps_per_update={steps},
)
"""


@dataclass(frozen=True, slots=True)
class Said:
    """How a command ended and what it said."""

    code: int
    out: str
    err: str

    @property
    def fields(self) -> dict[str, Any]:
        """The one JSON object on standard output."""
        assert self.out.count("\n") == 1, self.out
        return json.loads(self.out)


Delea = Callable[..., Said]
VARIABLES: dict[str, str] = {}


def call(*words: object) -> Said:
    """Run `delea` in this process."""
    out, err = io.StringIO(), io.StringIO()
    with patch.dict(os.environ, VARIABLES), redirect_stdout(out), redirect_stderr(err):
        code = run([str(word) for word in words])
    return Said(code, out.getvalue(), err.getvalue())


@pytest.fixture(scope="session")
def anvil() -> Iterator[Anvil]:
    with Anvil() as running:
        yield running


@pytest.fixture(scope="session")
def chain(anvil: Anvil) -> Iterator[Chain]:
    with Chain.connect(anvil.url) as connected:
        yield connected


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory, anvil: Anvil) -> Path:
    """A folder for files and the store; every command is told of it and of the chain."""
    folder = tmp_path_factory.mktemp("cli")
    VARIABLES.update(DELEA_RPC=anvil.url, DELEA_STORE=str(folder / "store"))
    return folder


@pytest.fixture(autouse=True)
def _no_variables_of_ones_own(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DELEA_KEY", "DELEA_PASSWORD", "DELEA_DEBUG", "DELEA_CHAIN_ID"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def variables(home: Path) -> dict[str, str]:  # noqa: ARG001  # it sets them
    return dict(VARIABLES)


@pytest.fixture(scope="session")
def bundle(home: Path) -> Path:
    source = home / "tiny.py"
    source.write_text(PROGRAM.format(optimizer="SGD(0.05)", steps=5))
    assert call("build", source).code == 0
    return home / "tiny.delea"


@pytest.fixture(scope="session")
def create(bundle: Path) -> Callable[..., str]:
    """Create a model under short windows and return the model's address."""

    def created(file: Path = bundle, *more: object) -> str:
        words = ("--name", "Tiny", "--symbol", "TNY", "--horizon", 6400, "--max-updates", 100)
        words += ("--challenge-window", CHALLENGE_S, "--verdict-window", CHALLENGE_S)
        words += ("--rollback-window", ROLLBACK_S, "--key", "dev:0", "--json")
        said = call("create", file, *words, *more)
        assert said.code == 0, said.err
        return said.fields["address"]

    return created


@pytest.fixture(scope="session")
def created(create: Callable[..., str]) -> str:
    return create()


@pytest.fixture
def model(created: str, anvil: Anvil) -> Iterator[str]:
    """The model as it was created; whatever a test does to the chain is undone."""
    snapshot = anvil.snapshot()
    yield created
    anvil.revert(snapshot)


@pytest.fixture
def delea(home: Path) -> Delea:  # noqa: ARG001  # it sets the variables
    return call


@pytest.fixture(scope="session")
def address() -> Callable[[int], str]:
    """The address of a dev account."""
    return lambda index: dev_key(index, chain_id=31_337).address


@pytest.fixture
def cheat(chain: Chain) -> Callable[..., int]:
    """Claim a root that nobody computed, as dev:3; return the version."""

    def claimed(model: str, root: bytes = b"\x66" * 32, updates: int = 2) -> int:
        key, client = dev_key(3, chain_id=31_337), chain.model(model)
        receipt = client.train(client.tip(), root, updates, key.address, 0, key=key)
        return receipt.events[0].version

    return claimed


TOY = Manifest(
    abi=1,
    regions=Regions(
        state=Region(1024, 44),
        dataset=Region(2048, 24),
        input=Region(4096, 4),
        output=Region(5120, 4),
        scratch=Region(6144, 16),
    ),
    tensors=(StateTensor("w", (1,), "f32", 40),),
    input=Field("f32", (1,)),
    target=Field("f32", (1,)),
    output=Field("f32", (1,)),
    batch=2,
    infer_batch=1,
    max_rows=2,
    steps_per_update=4,
    loss="mse",
    optimizer=Hyper("sgd", ()),
    flops_per_step=1,
)
TOY_STATE = bytes(40) + struct.pack("<f", 1.0)
TOY_DATASET = encode_dataset(bytes(16), train_rows=2, test_rows=0)
TOY_TEXT = """(module {first}
  (memory (export "memory") 1 1) (global (export "delea_abi") i32 (i32.const 1))
  (func (export "seed") (param i64 i64 i64 i64)
    (i64.store (i32.const 1024) (local.get 0)) (i64.store (i32.const 1032) (local.get 1))
    (i64.store (i32.const 1040) (local.get 2)) (i64.store (i32.const 1048) (local.get 3)))
  (func (export "train_step") (result f32) {step}
    (i64.store (i32.const 1056) (i64.add (i64.load (i32.const 1056)) (i64.const 1)))
    (f32.load (i32.const 1064)))
  (func (export "infer") (param i32)
    (f32.store (i32.const 5120) (f32.load (i32.const 4096))))
  (func (export "evaluate") (result f32) (f32.load (i32.const 1064)))
  (func (export "is_finite") (result i32) (i32.const 1)) {last})"""


@pytest.fixture
def toy(tmp_path: Path) -> Callable[..., Path]:
    """Write a `.delea` file with a module from text, some of it hostile; return its path."""

    def written(*, first: str = "", step: str = "", last: str = "") -> Path:
        made = bytes(wasmtime.wat2wasm(TOY_TEXT.format(first=first, step=step, last=last)))
        sections = [section for section in read_sections(made) if section.name != "name"]
        module = write_sections([*sections, Section(0, "delea", encode_manifest(TOY))])
        return pack_module(tmp_path / "toy.delea", module)

    return written


@pytest.fixture
def pack_toy(tmp_path: Path) -> Callable[[bytes], Path]:
    """Write a `.delea` file with any bytes as its module; return its path."""
    return lambda module: pack_module(tmp_path / "toy.delea", module)


def pack_module(path: Path, module: bytes) -> Path:
    write_bundle(path, Artifact(module, TOY_STATE, TOY_DATASET))
    return path


@pytest.fixture
def refuses(home: Path, chain: Chain, created: str) -> Callable[..., str]:
    """Run a command that must fail in one line, pay nothing and leave no file; return the line."""

    def refused(*words: object, code: int = 1, kind: str) -> str:
        before = picture(home, chain, created)
        said = call(*words, "--json")
        assert said.code == code, said
        assert said.err.startswith("delea: ")
        assert said.err.count("\n") == 1
        message = said.err.removeprefix("delea: ").removesuffix("\n")
        assert said.fields == {"error": {"type": kind, "message": message}}
        assert picture(home, chain, created) == before
        return message

    return refused


def picture(home: Path, chain: Chain, model: str) -> tuple[object, ...]:
    """All that a refused command must leave as it was."""
    client = chain.model(model)
    coins = [chain.balance_of(address) for address in (DEV_0, DEV_1)]
    tokens = [client.balance_of(address) for address in (DEV_0, DEV_1, client.address)]
    return client.version_count(), coins, tokens, sorted(home.rglob("*"))
