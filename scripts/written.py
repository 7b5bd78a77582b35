"""What a script of `make generate` does with the text that it makes: write it, or compare."""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def write_or_compare(path: Path, make: Callable[[], str], told: str | None, mend: str) -> int:
    """Write what `make` returns to `path`; with `--check` compare, and return 1 on a difference.

    `told` is the help of the script; `mend` is what to run where the file is not current.
    """
    parser = argparse.ArgumentParser(description=told)
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    check: bool = parser.parse_args().check
    text = make()
    if not check:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    elif not path.is_file() or path.read_text(encoding="utf-8") != text:
        print(f"{path.relative_to(ROOT)} is not current: run {mend}", file=sys.stderr)
        return 1
    return 0
