"""Break the contracts on purpose, one change at a time, and see that the tests notice each.

Reads tests/contracts/mutants.txt, prints one line per mutant, and exits 1 if any survives. Numbers
as arguments run only those mutants.
"""

import os
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from broken import ROOT, run_tests

MUTANTS = ROOT / "tests" / "contracts" / "mutants.txt"
SUITES = ("tests/contracts/unit", "tests/contracts/stateful")


@dataclass(frozen=True, slots=True)
class Mutant:
    """In one file, some lines replaced by others."""

    file: str
    before: str
    after: str


def read_mutants() -> list[Mutant]:
    """Read blocks of a file name, lines with `- ` to take out, lines with `+ ` to put there."""
    found = []
    for block in MUTANTS.read_text().strip().split("\n\n")[1:]:
        file, *lines = block.split("\n")
        before = "".join(line[2:] + "\n" for line in lines if line.startswith("- "))
        after = "".join(line[2:] + "\n" for line in lines if line.startswith("+ "))
        found.append(Mutant(file, before, after))
    return found


def noticed_by(mutant: Mutant) -> str | None:
    """Return the suite that notices the mutant, or None if none does."""
    with tempfile.TemporaryDirectory() as folder:
        contracts = Path(folder) / "contracts"
        shutil.copytree(ROOT / "contracts", contracts)
        path = contracts / "src" / mutant.file
        text = path.read_text()
        if text.count(mutant.before) != 1:
            raise SystemExit(f"{mutant.file} does not hold this once: {mutant.before!r}")
        path.write_text(text.replace(mutant.before, mutant.after))
        environment = {**os.environ, "DELEA_CONTRACTS": str(contracts)}
        for suite in SUITES:
            code, told = run_tests((suite,), environment)
            if code == 1:
                return told
            if code != 0:
                raise SystemExit(told)
    return None


def main() -> int:
    """Run all mutants, or those whose numbers were given."""
    wanted = {int(number) for number in sys.argv[1:]}
    alive = 0
    for number, mutant in enumerate(read_mutants(), 1):
        if wanted and number not in wanted:
            continue
        noticed = noticed_by(mutant)
        alive += noticed is None
        print(f"{number} {mutant.file}: {noticed or f'SURVIVED {mutant.before!r}'}", flush=True)
    print(f"{alive} survived")
    return int(alive > 0)


if __name__ == "__main__":
    raise SystemExit(main())
