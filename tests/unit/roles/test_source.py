"""A creator's own file is run, and its own mistakes are told with their line."""

from pathlib import Path

import pytest

from delea.errors import ShapeError, UsageError
from delea.roles import creator
from delea.roles.source import load_program

HEAD = "import numpy as np\nfrom delea import nn\nx = np.zeros((2, 1), np.float32)\n"
PROGRAM = "program = nn.Program({network}, {loss}, {optimizer}, nn.Dataset(x, x))\n"
PARTS = {"network": "nn.Linear(1, 1)", "loss": "nn.MSELoss()", "optimizer": "nn.SGD(0.1)"}
NETWORK = """class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(1, 1)

    def forward(self, x):
        return {forward}

"""
"""Line 10 of a file that starts with HEAD is what `forward` returns."""


def _written(folder: Path, text: str, name: str = "m.py") -> Path:
    (folder / name).write_text(text)
    return folder / name


def test_a_program_may_import_what_lies_beside_it(tmp_path):
    _written(tmp_path, "RATE = 0.1\n", "beside_delea_test.py")
    parts = PARTS | {"optimizer": "nn.SGD(RATE)"}
    head = f"{HEAD}from beside_delea_test import RATE\n"
    source = _written(tmp_path, head + PROGRAM.format(**parts))
    assert load_program(source).steps_per_update == 100


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("raise ValueError('first\\nsecond')\n", "m.py:1: ValueError: first"),
        ("\n\nraise KeyError\n", "m.py:3: KeyError: no message"),
        ("x = 1\nx = (\n", "m.py:2: SyntaxError: '(' was never closed"),
        ("def f():\n    exit(3)\nf()\n", "m.py:2: SystemExit: 3"),
        ("import json\njson.loads('[')\n", "m.py:2: JSONDecodeError: Expecting value"),
        ("x = 1", "m.py: a `program = delea.nn.Program(...)` expected, got none"),
        ("program = 3", "m.py: a Program expected, got int"),
    ],
)
def test_a_file_that_fails_is_one_line(tmp_path, monkeypatch, text, says):
    monkeypatch.chdir(tmp_path)
    _written(tmp_path, text)
    with pytest.raises(UsageError) as told:
        load_program(Path("m.py"))
    assert str(told.value).startswith(says)
    assert "\n" not in str(told.value)


@pytest.mark.parametrize("name", ["m.delea", "absent.py", ".", "m" * 5000])
def test_what_is_no_python_file_is_refused(tmp_path, name):
    _written(tmp_path, "program = 3", "m.delea")
    with pytest.raises(UsageError, match="a Python file expected"):
        load_program(tmp_path / name)


@pytest.mark.parametrize(
    ("forward", "says"),
    [
        ("self.b(x)", r"AttributeError: .*'b'"),
        ("self.a(x, x)", r"TypeError: .*takes 2 positional arguments but 3 were given"),
        ("self.a(1 / 0)", "ZeroDivisionError: division by zero"),
        ("exit(0)", "SystemExit: 0"),
    ],
)
def test_a_mistake_in_forward_is_told_with_its_line(tmp_path, forward, says):
    parts = PARTS | {"network": "Net()"}
    text = HEAD + NETWORK.format(forward=forward) + PROGRAM.format(**parts)
    with pytest.raises(UsageError, match=rf"/m\.py:10: {says}"):
        creator.build_artifact(_written(tmp_path, text))


def test_a_mistake_in_a_file_beside_is_told_with_that_file(tmp_path):
    beside = HEAD + NETWORK.format(forward="self.b(x)")
    _written(tmp_path, beside, "nets_delea_test.py")
    head = f"{HEAD}from nets_delea_test import Net\n"
    source = _written(tmp_path, head + PROGRAM.format(**PARTS | {"network": "Net()"}))
    with pytest.raises(UsageError, match=r"/nets_delea_test\.py:10: AttributeError: "):
        creator.build_artifact(source)


def test_a_fault_outside_the_file_stays_a_fault_of_ours(tmp_path, monkeypatch):
    def build(_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(creator, "build", build)
    with pytest.raises(ZeroDivisionError):
        creator.build_artifact(_written(tmp_path, HEAD + PROGRAM.format(**PARTS)))


@pytest.mark.parametrize("given", ["nn.SGD", "int", "3"])
def test_a_part_of_another_type_is_refused(tmp_path, given):
    source = _written(tmp_path, HEAD + PROGRAM.format(**PARTS | {"optimizer": given}))
    came = {"nn.SGD": "SGD without ()", "int": "int without ()", "3": "int"}[given]
    with pytest.raises(UsageError) as told:
        creator.build_artifact(source)
    says = f"{source}: program.optimizer: an nn.Optimizer expected, got {came}"
    assert str(told.value) == says


@pytest.mark.parametrize("given", ["nn.MSELoss", "nn.L1Loss", "3"])
def test_a_loss_of_another_type_is_refused(tmp_path, given):
    source = _written(tmp_path, HEAD + PROGRAM.format(**PARTS | {"loss": given}))
    with pytest.raises(UsageError, match=r"/m\.py"):
        creator.build_artifact(source)


def test_a_refusal_keeps_its_type_and_gets_its_line(tmp_path):
    text = HEAD + NETWORK.format(forward="x.reshape(7, 7)") + PROGRAM.format(**PARTS)
    source = _written(tmp_path, text.replace("nn.Linear(1, 1), nn.MSE", "Net(), nn.MSE"))
    with pytest.raises(ShapeError, match=r"/m\.py:10: "):
        creator.build_artifact(source)
    with pytest.raises(ShapeError, match=r"/m\.py:2: .*at least 1, got 0"):
        load_program(_written(tmp_path, "from delea import nn\nnn.Linear(0, 1)\n"))
