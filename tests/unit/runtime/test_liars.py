"""The parent believes no more of what its child says than it must."""

import struct
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from delea.errors import DivergedError, SandboxError
from delea.runtime import Limits, Sandbox, process

LIARS = {
    "an answer that is too long": 'write(b"\\x01" + (1 << 40).to_bytes(8, "little"))',
    "an unknown answer": 'write(b"\\x63" + bytes(8))',
    "a fault that is too long": 'write(b"\\x10" + (501).to_bytes(8, "little") + bytes(501))',
    "half an answer": 'write(b"\\x01")',
    "nothing": "pass",
}


@pytest.fixture
def become(tmp_path, monkeypatch):
    """Make this text what every child runs."""

    def become(text):
        path = tmp_path / "child.py"
        path.write_text(text)
        monkeypatch.setattr("delea.runtime.child.__file__", str(path))

    return become


@pytest.mark.parametrize("says", LIARS)
def test_a_child_that_lies_is_ended(toy, become, says):
    become(f"import os\nwrite = lambda data: os.write(1, data)\n{LIARS[says]}\n")
    with pytest.raises(SandboxError, match=r"broke its protocol|ended with code 0"):
        Sandbox(toy.module)


def test_a_fault_s_text_is_one_printable_line(toy, become):
    text = "bad\x1b[31m\nline\u202e"
    body = text.encode()
    become(
        f"import os\nos.write(1, bytes([18]) + ({len(body)}).to_bytes(8, 'little') + {body!r})\n"
    )
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


FORK = """
import os, time
if os.fork() == 0:
    with open({pid!r}, "w") as file:
        file.write(str(os.getpid()))
    {first}
    time.sleep(600)
while not os.path.exists({pid!r}) or not os.path.getsize({pid!r}):
    time.sleep(0.01)
{then}
"""


def is_running(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


def until(happens):
    end = time.monotonic() + 5
    while not happens():
        assert time.monotonic() < end
        time.sleep(0.01)


@pytest.fixture
def crafted(become, toy):
    """Run this as the child of a sandbox; return how that ended."""

    def run(text, **limits):
        become(text)
        with pytest.raises(SandboxError) as told:
            Sandbox(toy.module, limits=Limits(**limits))
        return str(told.value)

    return run


@pytest.mark.parametrize(
    ("first", "then"),
    [
        ("pass", "time.sleep(600)"),
        ("pass", "os.write(1, b'no answer, but long enough')"),
        ("os.close(1); os.close(2)", "pass"),
    ],
)
def test_what_a_child_has_started_ends_with_it(crafted, tmp_path, first, then):
    pid = tmp_path / "pid"
    crafted(FORK.format(pid=str(pid), first=first, then=then), start_seconds=1.0)
    until(lambda: not is_running(int(pid.read_text())))


def test_what_a_child_has_started_ends_with_it_though_its_end_was_seen(become, tmp_path):
    pid = tmp_path / "pid"
    become(FORK.format(pid=str(pid), first="pass", then="pass"))
    child = process.Child(Limits())
    until(lambda: not child.is_alive)
    assert is_running(int(pid.read_text()))
    child.close()
    assert not child.is_alive
    until(lambda: not is_running(int(pid.read_text())))


def test_a_child_that_closes_its_pipe_and_goes_on_is_ended(crafted, monkeypatch):
    monkeypatch.setattr(process, "_LAST_SECONDS", 0.3)
    told = crafted("import os, time\nos.close(1)\ntime.sleep(600)\n")
    assert told == "the sandbox closed its pipe and went on"


NAGGING = {
    "nothing at all": "time.sleep(600)",
    "nothing, and takes nothing": "os.close(0); time.sleep(600)",
    "a byte now and then": "while True: os.write(1, b'\\1' ); time.sleep(0.2)",
    "complaints without end": "while True: os.write(2, b'!' * 65536)",
}


@pytest.mark.parametrize("says", NAGGING)
def test_a_child_that_never_answers_is_ended_at_the_deadline(crafted, says):
    started = time.monotonic()
    told = crafted(f"import os, time\n{NAGGING[says]}\n", start_seconds=0.5)
    assert "a sign of life expected within 0.5 s" in told or "an end expected" in told
    assert time.monotonic() - started < 5


def test_answers_without_end_are_cut_off(crafted):
    told = crafted("import os\nwhile True: os.write(1, b'\\x02' + bytes(8))\n")
    assert "broke its protocol" in told


def f32(*values):
    return struct.pack(f"<{len(values)}f", *values)


@pytest.fixture
def lie(become, toy):
    def start(*answers):
        become(SCRIPT.replace("{answers!r}", repr(list(answers))))
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
