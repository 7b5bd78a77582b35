"""Every outcome is an exit code, every fault one line."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from delea.cli.entry import run
from delea.cli.output import Output
from delea.errors import RefusedError, UnreachableError, UsageError
from delea.roles import creator

HINT = "set DELEA_DEBUG=1 to see where"


@pytest.fixture
def failing(monkeypatch):
    """Let `delea build` raise something."""

    def fail(fault: BaseException) -> None:
        def build_artifact(*_: object) -> None:
            raise fault

        monkeypatch.setattr(creator, "build_artifact", build_artifact)
        monkeypatch.delenv("DELEA_DEBUG", raising=False)

    return fail


@pytest.mark.parametrize(
    ("fault", "code", "line"),
    [
        (RefusedError("1 expected, got 2"), 1, "delea: 1 expected, got 2\n"),
        (UsageError("a b\n c"), 2, "delea: a b c\n"),
        (UnreachableError("no chain"), 3, "delea: no chain\n"),
        (
            ZeroDivisionError("division\nby zero"),
            70,
            f"delea: a bug of Delea: ZeroDivisionError division by zero ({HINT})\n",
        ),
    ],
)
def test_a_fault_is_one_line_and_a_code(failing, capsys, fault, code, line):
    failing(fault)
    assert run(["build", "x.py"]) == code
    assert capsys.readouterr() == ("", line)


def test_ctrl_c_is_130(failing, capsys):
    failing(KeyboardInterrupt())
    assert run(["build", "x.py", "--json"]) == 130
    said = capsys.readouterr()
    assert json.loads(said.out) == {"error": {"type": "Interrupted", "message": "interrupted"}}
    assert said.err.split() == ["delea:", "interrupted"]


def test_a_fault_is_one_object_with_json(failing, capsys):
    failing(RefusedError('a "quoted" word'))
    assert run(["build", "x.py", "--json"]) == 1
    said = capsys.readouterr()
    assert said.out == ('{"error": {"type": "RefusedError", "message": "a \\"quoted\\" word"}}\n')
    assert said.err == 'delea: a "quoted" word\n'


@pytest.mark.parametrize("fault", [ZeroDivisionError("oh"), RefusedError("oh")])
def test_debugging_shows_the_traceback_too(failing, capsys, monkeypatch, fault):
    failing(fault)
    monkeypatch.setenv("DELEA_DEBUG", "1")
    assert run(["build", "x.py"]) in {1, 70}
    said = capsys.readouterr().err
    assert said.startswith("Traceback (most recent call last):")
    assert said.splitlines()[-1].startswith("delea: ")


@pytest.mark.parametrize(
    "words",
    [
        ["fly"],
        ["train"],
        ["train", "0x", "--updates", "0"],
        ["train", "0x", "--updates", "many"],
        ["train", "0x", "--fast"],
        ["train", "0x12", "--key", "dev:0"],
        ["train", "0xE7f1725E7734CE288F8367e1Bb143E90bb3F0512", "--key", "dev:0"],
        ["train", "0x" + "0" * 40, "--key", "dev:0", "--beneficiary", "me"],
        ["status", "0x" + "0" * 40, "--rpc", "ftp://somewhere"],
        ["infer", "0x" + "0" * 40, "--inputs", "[[1"],
        ["propose-rollback", "0x" + "0" * 40],
        ["execute-rollback", "0x" + "0" * 40, "-1"],
        ["vote", "0x" + "0" * 40, "1", "perhaps"],
        ["challenge", "0x" + "0" * 40, "1", "--fast"],
        ["create", "none.delea", "--name", "a", "--symbol", "A", "--factory", "me"],
        ["verify", "0x" + "0" * 40, "1", "--watch"],
        ["chain", "warp", "-1"],
        ["keys"],
    ],
)
def test_a_call_that_cannot_be_understood_is_2(capsys, words):
    assert run([*words, "--json"]) == 2
    said = capsys.readouterr()
    assert said.err.count("\n") == 1
    assert json.loads(said.out)["error"]["type"] == "UsageError"


def test_a_table_in_a_file_has_every_row_on_one_line(capsys):
    Output(as_json=False).table(("a", "b"), [("x" * 200, "[bold]1[/bold]")])
    lines = [line.split() for line in capsys.readouterr().out.splitlines() if line.strip()]
    assert lines[0] == ["a", "b"]
    assert lines[2] == ["x" * 200, "[bold]1[/bold]"]


def test_a_reader_that_goes_away_is_no_fault():
    reader, writer = os.pipe()
    os.close(reader)
    said = subprocess.run(
        [sys.executable, "-m", "delea.cli", "keys", "show", "--key", "dev:0"],
        stdout=writer,
        stderr=subprocess.PIPE,
        check=False,
    )
    os.close(writer)
    assert (said.returncode, said.stderr) == (1, b"")


@pytest.fixture(params=["", "1"], ids=["buffered", "unbuffered"])
def run_on(request):
    """Run `delea` with files as its standard output and error, whether Python buffers or not."""

    def start(words: list[str], **streams: object) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            [sys.executable, "-m", "delea.cli", *words],
            env=os.environ | {"PYTHONUNBUFFERED": request.param},
            check=False,
            **({"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | streams),
        )

    return start


@pytest.fixture
def full():
    """A file on a disk that is full."""
    with Path("/dev/full").open("wb") as file:
        yield file


@pytest.mark.parametrize(
    "words",
    [["--version"], ["--help"], ["keys", "show", "--key", "dev:0"]],
    ids=["version", "help", "verb"],
)
def test_a_result_that_finds_the_disk_full_is_one_line_and_1(run_on, full, words):
    said = run_on(words, stdout=full)
    line = b"delea: standard output cannot be written: No space left on device\n"
    assert (said.returncode, said.stderr) == (1, line)


def test_an_object_that_finds_the_disk_full_is_a_line_and_1(run_on, full):
    said = run_on(["keys", "show", "--key", "dev:0", "--json"], stdout=full)
    assert said.returncode == 1
    assert said.stderr.splitlines() == [
        b"0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266",
        b"delea: standard output cannot be written: No space left on device",
    ]


def test_a_fault_is_told_with_its_code_though_its_object_finds_the_disk_full(run_on, full):
    said = run_on(["fly", "--json"], stdout=full)
    assert (said.returncode, said.stderr) == (2, b"delea: No such command 'fly'.\n")


def test_lines_that_find_the_disk_full_are_told_in_the_object(run_on, full):
    said = run_on(["keys", "show", "--key", "dev:0", "--json"], stderr=full)
    assert said.returncode == 1
    assert json.loads(said.stdout)["error"] == {
        "type": "StreamError",
        "message": "standard error cannot be written: No space left on device",
    }


def test_a_fault_that_cannot_be_told_anywhere_still_has_its_code(run_on, full):
    assert run_on(["fly"], stdout=full, stderr=full).returncode == 2


def test_a_closed_standard_output_takes_nothing_and_is_no_fault():
    words = f"{sys.executable} -m delea.cli keys show --key dev:0 >&-"
    said = subprocess.run(["/bin/sh", "-c", words], stderr=subprocess.PIPE, check=False)
    assert (said.returncode, said.stderr) == (0, b"")


def test_a_name_cannot_steer_the_terminal(capsys):
    out = Output(as_json=False)
    out.say("a\x1b[2Jb")
    out.table(("c",), [("d\x1b]0;e",)])
    out.warn("f\rg")
    said = capsys.readouterr()
    assert "\x1b" not in said.out
    assert said.out.startswith("a?[2Jb\n")
    assert said.err == "delea: f?g\n"


def test_json_carries_no_nan():
    with pytest.raises(ValueError, match="not JSON compliant"):
        Output(as_json=True).result({"loss": float("nan")})
