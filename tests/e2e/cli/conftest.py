"""The command line in this process, a real chain, and a small model that is quickly trained."""

import io
import json
import os
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from delea.chain import Anvil, Chain, dev_key
from delea.cli.entry import run

CHALLENGE_S, ROLLBACK_S = 600, 60
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


def call(*words: object) -> Said:
    """Run `delea` in this process."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
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
def home(tmp_path_factory: pytest.TempPathFactory, anvil: Anvil) -> Iterator[Path]:
    """A folder for files and the store, named like the chain by the variables of the options."""
    folder = tmp_path_factory.mktemp("cli")
    before = dict(os.environ)
    os.environ |= {"DELEA_RPC": anvil.url, "DELEA_STORE": str(folder / "store")}
    for name in ("DELEA_KEY", "DELEA_PASSWORD", "DELEA_DEBUG"):
        os.environ.pop(name, None)
    yield folder
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture(scope="session")
def bundle(home: Path) -> Path:
    source = home / "tiny.py"
    source.write_text(PROGRAM.format(optimizer="SGD(0.05)", steps=5))
    assert call("build", source).code == 0
    return home / "tiny.delea"


@pytest.fixture(scope="session")
def deploy(bundle: Path) -> Callable[..., str]:
    """Deploy a file under short windows and return the model's address."""

    def deployed(file: Path = bundle, *more: object) -> str:
        words = ("--name", "Tiny", "--symbol", "TNY", "--horizon", 6400, "--max-updates", 100)
        words += ("--challenge-window", CHALLENGE_S, "--verdict-window", CHALLENGE_S)
        words += ("--rollback-window", ROLLBACK_S, "--key", "dev:0", "--json")
        said = call("deploy", file, *words, *more)
        assert said.code == 0, said.err
        return said.fields["address"]

    return deployed


@pytest.fixture(scope="session")
def deployed(deploy: Callable[..., str]) -> str:
    return deploy()


@pytest.fixture
def model(deployed: str, anvil: Anvil) -> Iterator[str]:
    """The model as it was deployed; whatever a test does to the chain is undone."""
    snapshot = anvil.snapshot()
    yield deployed
    anvil.revert(snapshot)


@pytest.fixture
def delea(home: Path) -> Delea:  # noqa: ARG001  # the variables are set
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
