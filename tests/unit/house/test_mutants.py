"""The tool that breaks code on purpose, on a small repository with a hole in its tests."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

TOOL = Path(__file__).parents[3] / "scripts" / "mutants" / "run.py"
CODE = """
def is_big(number: int) -> bool:
    return number > 3


def count(number: int) -> int:
    counted = 0
    while number:
        number -= 1
        counted += 1
    return counted
"""
TESTS = """
import resource

from planted import count, is_big


def test_five_is_big():
    assert is_big(5)


def test_two_is_counted():
    assert count(2) == 2


def test_memory_is_bounded():
    assert resource.getrlimit(resource.RLIMIT_DATA) == (2 << 30, 2 << 30)
"""
TARGETS = """
[[target]]
name = "planted"
files = ["src/planted.py"]
stages = [["tests/test_planted.py"]]
patience = 1
"""
CONTRACT = """#pragma nonreentrancy on

total: uint256


@external
def add(amount: uint256):
    assert amount != 0 and amount <= 10, "add: amount"
    for i: uint256 in range(3):
        self.total += amount
    log Added(by=msg.sender)
"""
HOLE = "planted.py is_big: number > 3 -> (number >= 3)"
CAUGHT = "planted.py is_big: number > 3 -> not (number > 3)"
ENDLESS = "planted.py count: number -= 1 -> pass"


@pytest.fixture(scope="module")
def planted(tmp_path_factory) -> Path:
    """Return the small repository; what is judged in one test is kept for the next."""
    root = tmp_path_factory.mktemp("planted")
    for name, text in (
        ("src/planted.py", CODE),
        ("tests/test_planted.py", TESTS),
        ("targets.toml", TARGETS),
        ("equivalents.toml", ""),
        ("contracts/src/Adder.vy", CONTRACT),
    ):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    return root


def run(root: Path, *arguments: str, explained: str = "") -> subprocess.CompletedProcess[str]:
    listed = f'[[equivalent]]\nreason = "no input shows it"\nnames = ["{explained}"]\n'
    (root / "equivalents.toml").write_text(listed if explained else "", encoding="utf-8")
    paths = ("--root", root, "--targets", root / "targets.toml")
    paths += ("--equivalents", root / "equivalents.toml")
    return subprocess.run(
        [sys.executable, TOOL, *paths, *arguments], capture_output=True, text=True, check=False
    )


def outcomes(ended: subprocess.CompletedProcess[str]) -> dict[str, str]:
    return {each["mutant"]: each["outcome"] for each in json.loads(ended.stdout)["mutants"]}


def test_a_mutant_that_survives_is_reported(planted):
    ended = run(planted, "--json")
    assert ended.returncode == 1, ended.stderr
    found = outcomes(ended)
    assert [name for name, outcome in found.items() if outcome == "alive"] == [HOLE]
    assert found[CAUGHT] == "killed"
    assert "test_planted.py::test_five_is_big" in ended.stderr
    assert "1 alive\n" in ended.stderr


def test_a_mutant_that_loops_ends_at_its_deadline(planted):
    ended = run(planted, "--json", ENDLESS)
    assert ended.returncode == 0, ended.stderr
    (record,) = json.loads(ended.stdout)["mutants"]
    assert record["outcome"] == "killed"
    assert record["by"].startswith("the deadline of ")


def test_a_survivor_that_is_explained_is_none(planted):
    ended = run(planted, "--json", HOLE, explained=HOLE)
    assert ended.returncode == 0, ended.stderr
    assert outcomes(ended) == {HOLE: "alive, as explained"}


def test_an_explanation_of_what_is_killed_is_stale(planted):
    ended = run(planted, "--json", CAUGHT, explained=CAUGHT)
    assert ended.returncode == 1
    assert outcomes(ended) == {CAUGHT: "explained, but not alive"}


def test_an_explanation_of_no_mutant_is_refused(planted):
    ended = run(planted, explained="planted.py is_big: as it was before")
    assert ended.returncode == 1
    assert "mutants that exist expected in equivalents.toml, got" in ended.stderr


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("no such name",), 1, "no mutant has such a name\n"),
        (("--list", "no such name"), 1, "no mutant has such a name\n"),
        (("--side-by-side", "0"), 2, "a whole number above 0 expected, got '0'\n"),
        (("--side-by-side", "two"), 2, "a whole number above 0 expected, got 'two'\n"),
    ],
)
def test_what_cannot_be_asked_is_refused(planted, words, code, says):
    ended = run(planted, *words)
    assert (ended.returncode, ended.stdout) == (code, "")
    assert ended.stderr.endswith(says)


def test_a_list_whose_reader_is_gone_just_ends():
    with subprocess.Popen(
        [sys.executable, TOOL, "--list"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as listing:
        listing.stdout.close()
        assert listing.stderr.read() == b""


def test_what_was_judged_is_judged_again_only_after_a_change(planted):
    assert " (0.0 s)" in run(planted, HOLE).stdout
    (planted / "tests" / "test_planted.py").write_text(
        f"{TESTS}\n\ndef test_three_is_not_big():\n    assert not is_big(3)\n", encoding="utf-8"
    )
    ended = run(planted, HOLE)
    assert ended.returncode == 0, ended.stdout
    assert "test_planted.py::test_three_is_not_big" in ended.stdout


def test_nothing_is_judged_by_tests_that_fail_on_whole_code(planted):
    path = planted / "tests" / "test_planted.py"
    path.write_text("def test_what_fails():\n    assert 1 == 2\n", encoding="utf-8")
    ended = run(planted)
    assert ended.returncode == 1
    assert "tests that pass on whole code expected, failed: " in ended.stderr
    assert "planted.py" not in ended.stdout


def test_vyper_is_broken_by_the_same_rules(planted):
    (planted / "targets.toml").write_text(
        TARGETS.replace("src/planted.py", "contracts/src/Adder.vy"), encoding="utf-8"
    )
    check = "amount != 0 and amount <= 10"
    assert run(planted, "--list").stdout.splitlines() == [
        f"planted: Adder.vy add: {mutant}"
        for mutant in (
            f'assert {check}, "add: amount" -> pass',
            f"{check} -> (amount <= 10)",
            f"{check} -> (amount != 0)",
            "amount <= 10 -> (amount < 10)",
            "3 -> 4",
            "self.total += amount -> pass",
            "log Added(by=msg.sender) -> pass",
            "msg.sender -> tx.origin",
            "external -> external @reentrant",
            "external -> external @payable",
        )
    ]


def test_every_explanation_is_of_a_mutant_that_there_is():
    listed = subprocess.run(
        [sys.executable, TOOL, "--list"], capture_output=True, text=True, check=False
    )
    assert listed.returncode == 0, listed.stderr
    assert len(listed.stdout.splitlines()) >= 1_000
