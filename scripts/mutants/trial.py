"""One mutant on trial, in a process of its own: is there a test that notices it?"""

import gc
import json
import os
import re
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import eth_abi  # noqa: F401  what the tests import is loaded once, for all trials
import eth_utils  # noqa: F401
import pytest
from mutants import Mutant
from vyper.compiler import compile_from_file_input
from vyper.compiler.input_bundle import FilesystemInputBundle
from vyper.exceptions import VyperException

KILLED, ALIVE, NO_CODE, SAME_CODE = "killed", "alive", "does not compile", "same bytecode"
SHIPPED = Path("src") / "delea" / "chain" / "abi"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a mutant, and which test noticed it."""

    what: str
    by: str = ""


class FirstFailure:
    """A pytest plugin that remembers what failed first."""

    def __init__(self) -> None:
        self.name = ""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take note of a test, its setup or its teardown."""
        self.name = self.name or (report.nodeid if report.failed else "")

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Take note of a file that cannot be loaded."""
        self.name = self.name or (report.nodeid if report.failed else "")


def prepare(root: Path, folder: Path, file: str) -> None:
    """Copy what a mutant of `file` needs beside it, and have this process's tests use the copy."""
    kept = file.split("/", maxsplit=1)[0]  # src or contracts
    shutil.copytree(root / kept, folder / kept)
    os.environ["DELEA_CONTRACTS"] = str((folder if kept == "contracts" else root) / "contracts")
    if kept == "src":
        os.environ["PYTHONPATH"] = str(folder / "src")
        sys.path.insert(0, str(folder / "src"))


def judge(root: Path, folder: Path, *, mutant: Mutant, stages: Sequence[Sequence[str]]) -> Outcome:
    """Put a mutant into its copy and run the tests, stage by stage, up to the first that fails."""
    gc.disable()  # the process ends soon
    prepare(root, folder, mutant.file)
    (folder / mutant.file).write_text(mutant.text, encoding="utf-8")
    if mutant.file.endswith(".vy"):
        outcome = _compile(root, folder, mutant.file)
        if outcome:
            return outcome
    return run_tests(root, stages)


def run_tests(root: Path, stages: Sequence[Sequence[str]]) -> Outcome:
    """Run the tests up to the first that fails."""
    os.chdir(root)
    for tests in stages:
        first = FirstFailure()
        options = ("-x", "-q", "-p", "no:cacheprovider", "--no-header", "--tb=no")
        code = pytest.main([*options, *tests], plugins=[first])
        if code != pytest.ExitCode.OK:  # a mutant may break what is loaded before any test, too
            return Outcome(KILLED, first.name or f"exit code {int(code)} of pytest")
    return Outcome(ALIVE)


def _compile(root: Path, folder: Path, file: str) -> Outcome | None:
    """Compile what the file is part of, for the tests; an outcome if that already is one."""
    is_same = True
    for name in contracts_of(root):
        if not _uses(folder, f"{name}.vy", Path(file).name, set()):
            continue
        try:
            made = compile_contract(folder / "contracts", name)
        except VyperException as fault:
            return Outcome(NO_CODE, type(fault).__name__)
        is_same &= made["code"] == compile_whole(root, name)["code"]
        compiled = folder / "contracts" / "compiled" / f"{name}.json"
        compiled.parent.mkdir(exist_ok=True)
        compiled.write_text(json.dumps(made), encoding="utf-8")
    return Outcome(SAME_CODE) if is_same else None


def compile_contract(contracts: Path, name: str) -> dict[str, Any]:
    """Return the ABI and bytecode of a contract, and `code`: the bytecode without metadata."""
    bundle = FilesystemInputBundle([contracts, contracts / "src"])
    made = compile_from_file_input(
        bundle.load_file(contracts / "src" / f"{name}.vy"),
        input_bundle=bundle,
        output_formats=["abi", "bytecode"],
    )
    length = int(made["bytecode"][-4:], 16)  # of the metadata: a digest of the source is in them
    return {**made, "code": made["bytecode"][: -2 * length]}


def contracts_of(root: Path) -> list[str]:
    """Return the names of the contracts that the package ships."""
    return sorted(path.stem for path in (root / SHIPPED).glob("*.json"))


@cache
def compile_whole(root: Path, name: str) -> dict[str, Any]:
    """Return the same of whole code; called before any trial, it is known to all."""
    return compile_contract(root / "contracts", name)


def _uses(folder: Path, file: str, wanted: str, seen: set[str]) -> bool:
    """Return whether a contract's file is another one or imports it, by however many steps."""
    if file == wanted or file in seen:
        return file == wanted
    seen.add(file)
    path = folder / "contracts" / "src" / file
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    imports = re.findall(r"^import (\w+)$", text, re.MULTILINE)
    return any(_uses(folder, f"{name}.vy", wanted, seen) for name in imports)
