"""A module that is not what its graph compiles to is refused wherever something is at stake."""

import importlib.util
import os
from pathlib import Path

import pytest

from delea import __version__
from delea.artifact import Artifact
from delea.store import read_bundle, write_bundle

_PATH = Path(__file__).parents[3] / "attacks" / "victim.py"
_spec = importlib.util.spec_from_file_location("attacks_victim_of_cli", _PATH)
victim = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(victim)

SAYS = (
    "the module is not what the graph inside it compiles to: sections that differ: 10;"
    f" another release than this Delea {__version__} made it, which it does not say, or it was"
    " changed"
)
TERMS = ("--name", "Odd", "--symbol", "ODD", "--horizon", 6400, "--max-updates", 1)


@pytest.fixture(scope="module")
def hostile(bundle, tmp_path_factory):
    """A `.delea` file whose module answers with the bits of a NaN; all else is as it was built."""
    file, honest = tmp_path_factory.mktemp("hostile") / "odd.delea", read_bundle(bundle)
    module = victim.show_nan(honest.module)
    write_bundle(file, Artifact(module, honest.genesis, honest.dataset))
    return file


@pytest.fixture
def odd(create, hostile, anvil):
    snapshot = anvil.snapshot()
    yield create(hostile, "--unaudited", "--max-updates", 1)
    anvil.revert(snapshot)


def test_neither_audit_nor_create_passes_it(refuses, hostile):
    assert refuses("audit", hostile, kind="UnauditedError") == SAYS
    assert refuses("create", hostile, *TERMS, "--key", "dev:0", kind="UnauditedError") == SAYS


def test_nobody_works_with_it_unknowingly(refuses, odd, cheat):
    cheat(odd, updates=1)
    key = ("--key", "dev:1")
    for words in (
        ("train", odd, *key),
        ("verify", odd),
        ("verify", odd, "--challenge", *key),
        ("challenge", odd, 1, *key),
        ("infer", odd, "--inputs", "[[0.5]]", *key),
        ("rule", odd, *key),
        ("replay", odd),
    ):
        assert refuses(*words, kind="UnauditedError") == SAYS


def test_whoever_asks_for_it_gets_it(delea, odd):
    said = delea("train", odd, "--key", "dev:1", "--unaudited", "--json")
    assert [claim["version"] for claim in said.fields["claims"]] == [1]
    said = delea("verify", odd, "--unaudited", "--json")
    assert said.fields["checks"][0]["verdict"] == "upheld"
    for words in (("rule", odd, "--key", "dev:0"), ("replay", odd)):
        assert delea(*words, "--unaudited").code == 0


def test_what_was_audited_once_is_remembered_apart_from_the_store(delea, model):
    assert delea("verify", model).code == 0
    marks = list((Path(os.environ["XDG_DATA_HOME"]) / "delea" / "audited").iterdir())
    assert delea("status", model, "--json").fields["terms"]["artifact"] in {m.name for m in marks}
