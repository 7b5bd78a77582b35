"""How long the demo and the tests take, their set-up aside."""

import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SUITES = {
    "make demo ARGS=--once": ["make", "demo", "ARGS=--once"],
    "make test": ["make", "test"],
}


@dataclass(frozen=True, slots=True)
class Suite:
    """A command, its seconds and its exit code."""

    command: str
    seconds: float
    code: int
    load: float


def time_suites(load: float, progress: Callable[[str], None]) -> list[Suite]:
    """Run each suite once, after its set-up."""
    progress("make setup")
    subprocess.run(["make", "setup"], cwd=ROOT, check=True, capture_output=True)
    found = []
    for name, command in SUITES.items():
        progress(name)
        started = time.perf_counter()
        done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True)
        seconds = round(time.perf_counter() - started, 1)
        found.append(Suite(name, seconds, done.returncode, load))
    return found
