"""Outcomes from run to run: one is good for as long as nothing that it came from has changed."""

import json
from dataclasses import asdict
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from mutants import Mutant
from targets import Target
from trial import ALIVE, Outcome


class Kept:
    """The outcomes in a file, by the name of the mutant."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._path = root / ".make" / "mutants.json"
        known = self._path.is_file()
        self._records: dict[str, Any] = json.loads(self._path.read_text()) if known else {}

    def get(self, target: Target, mutant: Mutant) -> Outcome | None:
        """Return the outcome of before, unless it may have changed."""
        record = self._records.get(mutant.name)
        if record is None:
            return None
        outcome = Outcome(**record["outcome"])
        return outcome if record["key"] == self._key(target, mutant, outcome) else None

    def put(self, target: Target, mutant: Mutant, outcome: Outcome) -> None:
        """Keep an outcome."""
        key = self._key(target, mutant, outcome)
        self._records[mutant.name] = {"key": key, "outcome": asdict(outcome)}
        self._path.parent.mkdir(exist_ok=True)
        beside = self._path.with_suffix(".new")
        beside.write_text(json.dumps(self._records, indent=1))
        beside.replace(self._path)

    def _key(self, target: Target, mutant: Mutant, outcome: Outcome) -> str:
        """Digest the mutant's file and the test that noticed it; if none did, all of the target."""
        by = outcome.by.split("::")[0]
        files = [by]
        if outcome.what == ALIVE or not (self._root / by).is_file():
            tests = [name for stage in target.stages_for(mutant.file) for name in stage]
            files = [*target.files, *tests, "vectors"]
        digests = [_digest(self._root / name) for name in files]
        return sha256("".join([mutant.text, *digests]).encode()).hexdigest()


@cache
def _digest(path: Path) -> str:
    """Digest a file, or all that is in a folder."""
    files = [each for each in sorted([path, *path.rglob("*")]) if each.is_file()]
    sources = [each for each in files if each.suffix != ".pyc"]
    return sha256(b"".join(sha256(each.read_bytes()).digest() for each in sources)).hexdigest()
