"""Training that reaches a NaN cannot be claimed, and a claim of it cannot stand."""

import pytest

PROGRAM = """
import numpy as np
from delea import nn

x = np.linspace(-2, 2, 8, dtype=np.float32).reshape(-1, 1)
program = nn.Program(
    network=nn.Sequential(nn.Linear(1, 1)),
    loss=nn.MSELoss(),
    optimizer=nn.SGD({rate}),
    data=nn.Dataset(x, x),
    steps_per_update=4,
)
"""


@pytest.fixture
def diverging(delea, create, anvil, tmp_path):
    """A model that its first update leaves finite, and its hundredth does not."""
    (tmp_path / "wild.py").write_text(PROGRAM.format(rate=1.5))
    assert delea("build", tmp_path / "wild.py").code == 0
    snapshot = anvil.snapshot()
    yield create(tmp_path / "wild.delea")
    anvil.revert(snapshot)


def test_a_program_that_diverges_at_once_is_not_created(delea, refuses, tmp_path):
    (tmp_path / "wild.py").write_text(PROGRAM.format(rate=1e30))
    assert delea("build", tmp_path / "wild.py").code == 0
    words = ("--name", "Wild", "--symbol", "WLD", "--key", "dev:0")
    refuses("create", tmp_path / "wild.delea", *words, kind="DivergedError")


def test_training_that_diverges_claims_nothing(delea, refuses, diverging):
    refuses("train", diverging, "--updates", 100, "--key", "dev:1", kind="DivergedError")
    assert len(delea("status", diverging, "--json").fields["versions"]) == 1
    assert delea("train", diverging, "--key", "dev:1").code == 0


@pytest.mark.parametrize("root", [b"\x66" * 32, bytes(32)])
def test_a_claim_of_training_that_diverges_is_refuted(delea, diverging, cheat, root):
    version = cheat(diverging, root=root, updates=100)
    said = delea("verify", diverging, "--challenge", "--key", "dev:6", "--json")
    assert said.code == 1
    check = said.fields["checks"][0]
    assert (check["version"], check["verdict"], check["game"]) == (version, "refuted", 1)
    decided = delea("rule", diverging, "--key", "dev:0", "--json").fields["rulings"]
    assert decided == [{"version": version, "game": 1, "refuted": True, "decided": True}]


def test_nothing_is_built_on_a_claim_of_training_that_diverges(delea, diverging, cheat):
    cheat(diverging, updates=100)
    said = delea("train", diverging, "--key", "dev:1", "--json")
    assert (said.code, said.fields["error"]["type"]) == (1, "DigestError")
    assert " claimed, a replay diverged (delea verify " in said.err
