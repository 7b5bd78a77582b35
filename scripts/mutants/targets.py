"""What is broken, which tests must notice, and what none can notice: as the two files say."""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mutants import Mutant, mutants_of


@dataclass(frozen=True, slots=True)
class Target:
    """Files to break, and the tests that must notice, stage by stage."""

    name: str
    files: Sequence[str]
    stages: Sequence[Sequence[str]]
    generated: Sequence[str] = ()
    patience: float = 30  # seconds that a mutant may take beyond what whole code takes
    first: dict[str, Sequence[str]] = field(default_factory=dict)

    def stages_for(self, file: str) -> list[Sequence[str]]:
        """Return the stages for a mutant of a file: what most likely notices it comes first."""
        first = self.first.get(Path(file).name)
        return [first, *self.stages] if first else list(self.stages)

    def mutants(self, root: Path) -> list[Mutant]:
        """Return every mutant of every file; of a generated one, those inside of functions."""
        made = [mutant for file in self.files for mutant in mutants_of(root, file)]
        return [m for m in made if m.in_function or m.file not in self.generated]


def read_targets(path: Path) -> list[Target]:
    """Read the targets."""
    return [Target(**each) for each in _read(path)["target"]]


def read_equivalents(path: Path) -> dict[str, str]:
    """Read, by the name of a mutant, why no test can notice it."""
    listed = _read(path).get("equivalent", [])
    return {name: each["reason"] for each in listed for name in each["names"]}


def _read(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))
