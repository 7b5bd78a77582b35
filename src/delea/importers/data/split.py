"""Which rows are kept for the test: a rule that anybody can apply again."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from delea.errors import UsageError

if TYPE_CHECKING:
    from numpy.typing import NDArray

_EVERY = re.compile(r"i\s*%\s*(\d{1,9})\s*==\s*(\d{1,9})", re.ASCII)
_END = re.compile(r"(first|last)\s+(\d{1,9})\s*(%?)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Rule:
    """A test part: every `step`-th row from `at` on, or `count` rows (of 100) at one end."""

    step: int = 0
    at: int = 0
    count: int = 0
    is_percent: bool = False
    is_first: bool = False

    def mask(self, rows: int) -> NDArray[Any]:
        """Return which of so many rows are for the test."""
        index = np.arange(rows)
        if self.step:
            return np.equal(index % self.step, self.at)
        count = rows * self.count // 100 if self.is_percent else self.count  # down
        return np.less(index, count) if self.is_first else np.greater_equal(index, rows - count)


def parse_rule(text: str) -> Rule:
    """Return the rule that a text says: `i % 5 == 0`, `last 10%`, `first 100`, `none`.

    Raises:
        UsageError: it says another thing.
    """
    words = text.strip()
    if words == "none":
        return Rule()
    if (found := _EVERY.fullmatch(words)) and int(found[2]) < int(found[1]):
        return Rule(step=int(found[1]), at=int(found[2]))
    if (found := _END.fullmatch(words)) and (not found[3] or int(found[2]) < 100):
        return Rule(count=int(found[2]), is_percent=bool(found[3]), is_first=found[1] == "first")
    raise UsageError(
        f"a rule such as 'i % 5 == 0', 'last 10%', 'first 100' or 'none' expected, got {text!r:.60}"
    )
