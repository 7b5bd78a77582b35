"""`delea build --from-torch` runs a creator's module and blames it by its line."""

import json
from pathlib import Path

import pytest

import torch
from delea.cli.entry import run
from delea.store import read_bundle

NET = """
import torch

class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = torch.nn.Linear(2, 3)
    def forward(self, x):
        return self.fc(x)

class Sorted(Net):
    def forward(self, x):
        return self.fc(x).sort(1)[0]

class Wide(Net):
    def forward(self, x):
        return self.fc(torch.cat([x, x], 1))

def make():
    return Net()

def broken():
    raise ValueError("no weights today")

class Needy(Net):
    def __init__(self, width):
        super().__init__()

other = 3
"""
PARTS = ["--loss", "cross_entropy", "--optimizer", "adam:lr=0.01", "--data", "t.data"]


@pytest.fixture
def name(tmp_path, monkeypatch):
    """Return the name of a module in a folder of its own, with data beside it."""
    monkeypatch.chdir(tmp_path)
    name = f"net_{abs(hash(tmp_path))}"  # each test imports another
    (tmp_path / f"{name}.py").write_text(NET)
    (tmp_path / "t.csv").write_text("a,b,kind\n1,2,0\n3,4,2\n5,6,1\n")
    assert run(["data", "t.csv", "--targets", "kind"]) == 0
    return name


def built(name, kind, *more):
    return run(["build", "--from-torch", f"{name}:{kind}", *PARTS, *more])


def test_a_class_is_built_and_named_after(name, tmp_path, capsys):
    assert built(name, "Net", "--json") == 0
    told = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert told["file"] == "net.delea"
    assert told["parameters"] == 9
    assert (tmp_path / "net.delea").exists()


def test_the_same_command_gives_the_same_file(name):
    assert built(name, "Net", "-o", "a.delea") == 0
    torch.rand(3)
    assert built(name, "make", "-o", "b.delea") == 0
    assert read_bundle_bytes("a.delea") == read_bundle_bytes("b.delea")


def read_bundle_bytes(path):
    return read_bundle(Path(path))


@pytest.mark.parametrize(
    ("kind", "code", "why"),
    [
        ("Sorted", 1, "1 operation that Delea lacks: aten.sort at the module (Sorted)"),
        ("Wide", 1, "any number of rows expected: "),
        ("broken", 2, ".py:23: ValueError: no weights today"),
        ("Needy", 2, "TypeError: "),
        ("Missing", 2, "with Missing expected, it has none"),
        ("other", 1, "a torch.nn.Module expected, got int"),
        ("not a name", 2, "MODULE:CLASS expected"),
    ],
)
def test_a_mistake_is_one_line_and_an_exit_code(name, capsys, kind, code, why):
    assert built(name, kind) == code
    told = capsys.readouterr().err
    assert why in told
    assert told.count("\n") == 1


def test_a_module_that_is_not_there_is_told(name, capsys):
    assert name
    assert built("no_such_module", "Net") == 2
    assert "no_such_module.py: ModuleNotFoundError" in capsys.readouterr().err
