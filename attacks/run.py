"""Run every attack in a process of its own and print what came of it: `make attacks`.

Words as arguments choose the attacks whose names hold one of them; `--json` prints lines of JSON.
Exit code 1: an attack succeeded, or is broken, which may hide that it would. 130: Ctrl-C.
"""

import argparse
import ast
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from frame import FAILED, SUCCEEDED
from rich.console import Console
from rich.table import Table

FOLDER = Path(__file__).resolve().parent
SECONDS = 300.0
"""What an attack may take: one that makes its script hang is no failed one."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an attack: `failed` is what must be; `succeeded` and `broken` must not."""

    attack: str
    wants: str
    outcome: str
    why: str
    seconds: float


def find_attacks(words: list[str]) -> list[Path]:
    """Return the scripts whose name holds one of the words, or all if there are none."""
    scripts = sorted(FOLDER.glob("*_*.py"))  # the others are what attacks are made with
    return [path for path in scripts if not words or any(word in path.stem for word in words)]


def try_attack(script: Path) -> Outcome:
    """Run one script to its end, or to the deadline."""
    wants = (ast.get_docstring(ast.parse(script.read_text(encoding="utf-8"))) or "").split("\n")[0]
    started = time.monotonic()
    try:
        done = subprocess.run(
            [sys.executable, str(script)],
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Outcome(script.stem, wants, "broken", f"no end within {SECONDS:g} s", SECONDS)
    seconds = round(time.monotonic() - started, 2)
    last = (done.stdout.strip() or done.stderr.strip() or "it said nothing").split("\n")[-1]
    outcome = {FAILED: "failed", SUCCEEDED: "succeeded"}.get(done.returncode, "broken")
    if len(done.stdout.strip().split("\n")) != 1 or not done.stdout.strip():
        outcome = "broken"  # a traceback also ends with code 1
    return Outcome(script.stem, wants, outcome, last, seconds)


def draw(outcomes: list[Outcome]) -> Table:
    """Return the table of all attacks."""
    table = Table("attack", "what it wants", "outcome", "why", "s", show_lines=True)
    for each in outcomes:
        style = "green" if each.outcome == "failed" else "bold red"
        row = (each.attack, each.wants, f"[{style}]{each.outcome}", each.why.replace("[", r"\["))
        table.add_row(*row, f"{each.seconds:.1f}")
    return table


def main() -> int:
    """Run the attacks that are asked for."""
    parser = argparse.ArgumentParser(description="Run the attacks; each must fail.")
    parser.add_argument("words", nargs="*", help="only attacks whose name holds one of these")
    parser.add_argument("--json", action="store_true", help="print one line of JSON per attack")
    arguments = parser.parse_args()
    scripts = find_attacks(arguments.words)
    if not scripts:
        print("no attack has such a name", file=sys.stderr)
        return 1
    outcomes = list(_tried(scripts, quiet=arguments.json))
    bad = [each.attack for each in outcomes if each.outcome != "failed"]
    if not arguments.json:
        Console().print(draw(outcomes))
        print(f"{len(outcomes) - len(bad)} of {len(outcomes)} attacks failed, as they must")
    if len(outcomes) < len(scripts):
        print(f"stopped: {len(outcomes)} of {len(scripts)} were tried", file=sys.stderr)
        return 130
    return int(bool(bad))


def _tried(scripts: list[Path], *, quiet: bool) -> Iterator[Outcome]:
    """Yield what came of each, and tell a terminal which is tried; Ctrl-C ends it."""
    with Console(stderr=True).status("") as status:
        for number, script in enumerate(scripts, 1):
            status.update(f"{number} of {len(scripts)}: {script.stem}")
            try:
                outcome = try_attack(script)
            except KeyboardInterrupt:
                return
            if quiet:
                print(json.dumps(asdict(outcome)), flush=True)
            yield outcome


if __name__ == "__main__":
    sys.exit(main())
