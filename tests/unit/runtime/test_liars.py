"""The parent believes no more of what its child says than it must."""

import struct
from types import SimpleNamespace

import pytest

from delea.errors import DivergedError, SandboxError
from delea.runtime import Sandbox, process

LIARS = {
    "an answer that is too long": 'write(b"\\x01" + (1 << 40).to_bytes(8, "little"))',
    "an unknown answer": 'write(b"\\x63" + bytes(8))',
    "a fault that is too long": 'write(b"\\x10" + (501).to_bytes(8, "little") + bytes(501))',
    "half an answer": 'write(b"\\x01")',
    "nothing": "pass",
}


@pytest.mark.parametrize("says", LIARS)
def test_a_child_that_lies_is_ended(toy, tmp_path, monkeypatch, says):
    liar = tmp_path / "child.py"
    liar.write_text(f"import os\nwrite = lambda data: os.write(1, data)\n{LIARS[says]}\n")
    monkeypatch.setattr("delea.runtime.child.__file__", str(liar))
    with pytest.raises(SandboxError, match=r"broke its protocol|ended with code 0"):
        Sandbox(toy.module)


def test_a_fault_s_text_is_one_printable_line(toy, tmp_path, monkeypatch):
    text = "bad\x1b[31m\nline\u202e"
    liar = tmp_path / "child.py"
    body = text.encode()
    liar.write_text(
        f"import os\nos.write(1, bytes([18]) + ({len(body)}).to_bytes(8, 'little') + {body!r})\n"
    )
    monkeypatch.setattr("delea.runtime.child.__file__", str(liar))
    with pytest.raises(Exception, match="diverged") as told:
        Sandbox(toy.module)
    assert str(told.value) == "training diverged: bad[31mline"


# A child that takes every request whole, says it is ready, and answers the next one as told.
SCRIPT = """
import os, struct
def take():
    head = b""
    while len(head) < 9:
        head += os.read(0, 9 - len(head))
    left = struct.unpack("<BQ", head)[1]
    while left:
        left -= len(os.read(0, left))
def say(kind, data):
    os.write(1, struct.pack("<BQ", kind, len(data)) + data)
take()
say(1, b"")
take()
for kind, data in {answers!r}:
    say(kind, data)
os.read(0, 1)
"""
LOSSES, STATE, VALUE, ROWS = 2, 3, 4, 5


def f32(*values):
    return struct.pack(f"<{len(values)}f", *values)


@pytest.fixture
def lie(tmp_path, monkeypatch, toy):
    def start(*answers):
        path = tmp_path / "child.py"
        path.write_text(SCRIPT.replace("{answers!r}", repr(list(answers))))
        monkeypatch.setattr("delea.runtime.child.__file__", str(path))
        sandbox = Sandbox(toy.module)
        sandbox.load_dataset(toy.dataset)
        return sandbox

    return start


@pytest.fixture
def after(toy):
    return toy.seed + b"\2" + bytes(7) + f32(1, 1, 1, 1)


def test_an_honest_answer_passes(lie, toy, after):
    with lie((LOSSES, f32(1)), (LOSSES, f32(2)), (STATE, after)) as sandbox:
        assert sandbox.train(toy.state, toy.seed, 2).state == after


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ([(LOSSES, f32(1, 2, 3))], "got more or an empty batch"),
        ([(LOSSES, b"")], "got more or an empty batch"),
        ([(LOSSES, f32(1) + b"x")], "4 bytes expected of the sandbox, got 5"),
        ([(STATE, b"short")], "56 bytes expected of the sandbox, got 5"),
        ([(LOSSES, f32(1)), (STATE, bytes(56))], "2 losses expected of the sandbox, got 1"),
        ([(VALUE, f32(1))], "broke its protocol"),
    ],
)
def test_a_lie_about_training_is_found_and_ends_the_child(lie, toy, answers, words):
    with lie(*answers) as sandbox:
        with pytest.raises(SandboxError, match=words):
            sandbox.train(toy.state, toy.seed, 2)
        with pytest.raises(SandboxError, match="closed or stopped"):
            sandbox.train(toy.state, toy.seed, 2)


def test_a_loss_that_is_not_finite_is_a_divergence_whatever_the_child_says(lie, toy, after):
    with (
        lie((LOSSES, f32(float("nan"), 1)), (STATE, after)) as sandbox,
        pytest.raises(DivergedError, match="finite losses expected"),
    ):
        sandbox.train(toy.state, toy.seed, 2)


def test_too_short_an_evaluation_or_inference_is_found(lie, toy):
    with (
        lie((VALUE, b"abc")) as sandbox,
        pytest.raises(SandboxError, match="4 bytes expected of the sandbox, got 3"),
    ):
        sandbox.evaluate(toy.state)
    with (
        lie((ROWS, f32(1))) as sandbox,
        pytest.raises(SandboxError, match="8 bytes expected of the sandbox, got 4"),
    ):
        sandbox.infer(toy.state, f32(1, 2))


@pytest.mark.parametrize("spec", [None, SimpleNamespace(origin=None)])
def test_a_missing_engine_is_named_with_how_to_get_it(toy, monkeypatch, spec):
    process.find_packages.cache_clear()
    monkeypatch.setattr(process, "find_spec", lambda _: spec)
    with pytest.raises(SandboxError, match="pip install wasmtime"):
        Sandbox(toy.module)
