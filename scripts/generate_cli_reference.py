"""Write docs/reference/cli.md: the help of every verb, as the command line itself prints it.

`--check` compares instead of writing, and exits 1 with one line on a difference.
"""

import os
from collections.abc import Iterator

os.environ["COLUMNS"] = "100"  # before anything looks at the terminal

from typer.main import get_command
from typer.testing import CliRunner
from written import ROOT, write_or_compare

from delea.cli.app import make_app

PATH = ROOT / "docs" / "reference" / "cli.md"
HEAD = """# The command line

Written by `scripts/generate_cli_reference.py` from the commands themselves.

Every verb takes `--json`: standard output then carries exactly one JSON object and standard error
the rest. Amounts there are integers in wei, digests are hex. A fault is one line on standard error,
`delea: ...`, and with `--json` the object `{"error": {"type": ..., "message": ...}}` too, whose
type is a name of `src/delea/errors.py`, `Interrupted` or `Bug`. `DELEA_DEBUG=1` adds the traceback.

| exit code | meaning |
|---|---|
| 0 | done |
| 1 | understood and refused, or a claim was not upheld |
| 2 | the call cannot be understood |
| 3 | the chain does not answer |
| 70 | a bug of Delea |
| 130 | ended by Ctrl-C |
"""


def verbs() -> Iterator[tuple[str, ...]]:
    """Yield the words of every command, in order."""
    root = get_command(make_app())
    for name, command in root.commands.items():
        yield (name,)
        for below in getattr(command, "commands", {}):
            yield (name, below)


def reference() -> str:
    """Return the whole page."""
    runner = CliRunner()
    parts = [HEAD]
    for words in ((), *verbs()):
        shown = runner.invoke(make_app(), [*words, "--help"], prog_name="delea")
        title = " ".join(("delea", *words))
        text = "\n".join(line.rstrip() for line in shown.output.strip().splitlines())
        parts.append(f"## {title}\n\n```text\n{text}\n```\n")
    return "\n".join(parts)


def main() -> int:
    """Write or compare the file."""
    return write_or_compare(PATH, reference, __doc__, "scripts/generate_cli_reference.py")


if __name__ == "__main__":
    raise SystemExit(main())
