"""What a verb says: lines and tables for people, or one JSON object for programs."""

import json
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.table import Column


class Output:
    """Standard output for the result; with `--json` the lines for people go to standard error."""

    def __init__(self, *, as_json: bool) -> None:
        self.as_json = as_json

    @property
    def shows_progress(self) -> bool:
        """Whether somebody watches."""
        return sys.stderr.isatty() and not self.as_json

    def say(self, line: str = "") -> None:
        """Say a line to people."""
        print(printable(line), file=sys.stderr if self.as_json else sys.stdout, flush=True)

    def facts(self, pairs: Mapping[str, object]) -> None:
        """Say names and values, one pair a line."""
        width = max(map(len, pairs))
        for name, fact in pairs.items():
            self.say(f"{name:<{width}}  {fact}")

    def table(self, columns: "Sequence[str | Column]", rows: Sequence[Sequence[object]]) -> None:
        """Say rows under their columns' names; nothing if there are none."""
        if self.as_json or not rows:
            return
        from rich import box
        from rich.console import Console
        from rich.table import Table

        fresh = (column if isinstance(column, str) else column.copy() for column in columns)
        table = Table(*fresh, box=box.SIMPLE_HEAD, pad_edge=False)
        for row in rows:
            table.add_row(*(printable(str(cell)) for cell in row))
        console = Console(highlight=False, markup=False, emoji=False)
        if not console.is_terminal:
            console.width = 10_000  # a file has no edge to fit
        console.print(table, crop=False)

    def result(self, fields: Mapping[str, Any]) -> None:
        """Print the one JSON object; people have been told already."""
        if self.as_json:
            print(json.dumps(fields, allow_nan=False), flush=True)  # noqa: T201

    def warn(self, line: str) -> None:
        """Say on standard error why the exit code will not be 0."""
        print(f"delea: {printable(line)}", file=sys.stderr, flush=True)  # noqa: T201


def printable(text: str) -> str:
    """Return text that moves no cursor: a model's name may be anybody's."""
    return "".join(char if char.isprintable() else "?" for char in text)
