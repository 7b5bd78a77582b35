"""Help is there at once, because it imports none of what the verbs need."""

import json
import subprocess
import sys

import pytest
from typer.main import get_command

import delea
from delea.cli.app import make_app
from delea.cli.entry import run

HEAVY = ["web3", "eth_account", "eth_abi", "eth_utils", "wasmtime", "numpy", "vyper", "rich"]
HEAVY += ["requests", "dag_cbor", "delea.chain.client", "delea.compiler", "delea.roles"]
VERBS = [
    "audit", "build", "chain", "challenge", "create", "data", "demo", "execute-rollback", "export",
    "holders", "infer", "keys", "opt-in", "profile", "propose-rollback", "put", "replay", "rule",
    "settle", "simulate", "split", "status", "train", "verify", "vote", "withdraw",
]  # fmt: skip
PROBE = f"""
import io, json, sys
from contextlib import redirect_stdout
from delea.cli.entry import run
for line in {VERBS!r}:
    for words in ([line, "--help"], ["--help"], []):
        with redirect_stdout(io.StringIO()) as out:
            assert run(words) == 0, words
        assert "Usage: delea" in out.getvalue(), words
print(json.dumps([name for name in {HEAVY!r} if name in sys.modules]))
"""


def test_no_help_imports_anything_heavy():
    probe = subprocess.run(
        [sys.executable, "-c", PROBE], capture_output=True, text=True, check=True
    )
    assert json.loads(probe.stdout) == []


def test_the_version_is_the_packages_own(capsys):
    assert run(["--version"]) == 0
    assert capsys.readouterr() == (f"delea {delea.__version__}\n", "")


def test_the_verbs_are_these():
    assert sorted(get_command(make_app()).commands) == VERBS


def test_the_module_runs_as_the_command_does():
    shown = subprocess.run(
        [sys.executable, "-m", "delea.cli", "--help"], capture_output=True, text=True, check=False
    )
    assert (shown.returncode, shown.stderr) == (0, "")
    assert shown.stdout.startswith("Usage: delea [OPTIONS] COMMAND")


GROUPED = ["keys new", "keys show", "split create", "split deposit", "split show", "split withdraw"]


@pytest.mark.parametrize("line", [*(v for v in VERBS if v not in ("keys", "split")), *GROUPED])
def test_every_verb_speaks_json(line: str):
    command = get_command(make_app())
    for word in line.split():
        command = command.commands[word]
    assert "--json" in [name for option in command.params for name in option.opts]
