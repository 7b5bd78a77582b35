"""Take out one defence at a time, and see that the attack which it stops then succeeds.

Reads attacks/defences.txt, prints one line per defence, and exits 1 if an attack fails even so.
Words as arguments choose the attacks whose names hold one of them.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from written import ROOT

DEFENCES = ROOT / "attacks" / "defences.txt"
COPIED = ("attacks", "contracts", "scripts", "src")
SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class Defence:
    """Lines of a file that stop an attack, and what stands there without them."""

    attack: str
    file: str
    before: str
    after: str


def read_defences(text: str) -> list[Defence]:
    """Read blocks of an attack and a file, lines with `- ` to take out, with `+ ` to put there."""
    found = []
    for block in text.strip().split("\n\n")[1:]:
        head, *lines = block.split("\n")
        attack, file = head.split()
        before = "".join(line[2:] + "\n" for line in lines if line.startswith("- "))
        after = "".join(line[2:] + "\n" for line in lines if line.startswith("+ "))
        found.append(Defence(attack, file, before, after))
    return found


def attack_without(defence: Defence) -> tuple[bool, str]:
    """Run an attack against a copy of Delea without its defence; return if it succeeded, why."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        for name in COPIED:
            shutil.copytree(ROOT / name, copy / name)
        take_out(defence, copy / defence.file)
        environment = {**os.environ, "PYTHONPATH": str(copy / "src")}
        if defence.file.startswith("contracts"):
            compiled = _run([copy / "scripts" / "compile_contracts.py"], environment)
            if compiled.returncode != 0:
                raise SystemExit(f"{defence.file} does not compile: {compiled.stderr[-2000:]}")
        done = _run([copy / "attacks" / f"{defence.attack}.py"], environment)
    last = (done.stdout.strip() or done.stderr.strip()).split("\n")[-1]
    return done.returncode == 1 and last.startswith("the attack succeeded"), last


def take_out(defence: Defence, path: Path) -> None:
    """Replace a defence's lines, which must be there once."""
    text = path.read_text()
    if text.count(defence.before) != 1:
        raise SystemExit(f"{defence.file} does not hold this once: {defence.before!r}")
    path.write_text(text.replace(defence.before, defence.after))


def _run(program: list[Path], environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *map(str, program)],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )


def main() -> int:
    """Take out all defences, or those of the attacks that are named."""
    words = sys.argv[1:]
    held = 0
    for defence in read_defences(DEFENCES.read_text()):
        if words and not any(word in defence.attack for word in words):
            continue
        succeeded, why = attack_without(defence)
        held += not succeeded
        told = "succeeds" if succeeded else "STILL FAILS"
        print(f"{defence.attack} without {defence.file}: {told}: {why}", flush=True)
    print(f"{held} attacks fail without their defence")
    return int(held > 0)


if __name__ == "__main__":
    raise SystemExit(main())
