"""What the scripts that break code on purpose have in common: the tests run on the broken code."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def run_tests(
    suites: Sequence[str], environment: dict[str, str], seconds: float | None = None
) -> tuple[int, str]:
    """Run tests up to the first that fails; return pytest's exit code and that test's name.

    If none is named, the end of what pytest said is in its place.

    Raises:
        subprocess.TimeoutExpired: they took longer than `seconds`.
    """
    ended = subprocess.run(
        [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *suites],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )
    lines = ended.stdout.split("\n")
    failed = [line for line in lines if line.startswith(("FAILED", "ERROR"))]
    said = (ended.stdout + ended.stderr)[-2000:]
    return ended.returncode, failed[0].split(" - ")[0] if failed else said
