"""Break the checks of modules on purpose, one at a time, and see that the tests notice each.

The rules: a check is taken out (`if …: raise` never raises), a comparison is moved or turned, a cap
is one higher. Prints what came of each mutant and exits 1 if one survives that EQUIVALENT does not
explain. Words as arguments run only the mutants whose line holds one of them; `--list` runs none.
"""

import ast
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from broken import ROOT, run_tests

RUNTIME = Path("src/delea/runtime")
FILES = ("policy.py", "bodies.py", "calls.py", "layout.py", "caps.py")
TESTS = tuple(f"tests/unit/runtime/test_{name}.py" for name in ("caps", "policy", "encoding"))
OTHER: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq, ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
}  # fmt: skip
SECONDS = 60  # a mutant may loop for ever
EQUIVALENT: dict[str, str] = {}
"""By mutant: why no test can notice it."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """A file with one thing changed; `name` says which and what, and does not depend on lines."""

    file: str
    name: str
    text: str


def mutants() -> Iterator[Mutant]:
    """Yield every mutant that the rules make, in the order of the files."""
    for file in FILES:
        text = (ROOT / RUNTIME / file).read_text(encoding="utf-8")
        count = len(list(ast.walk(ast.parse(text))))
        seen: dict[str, int] = {}
        for number in range(count):
            for variant in range(4):
                tree = ast.parse(text)  # anew: a mutant is one change
                node = list(ast.walk(tree))[number]
                told = change(node, variant)
                if told is None:
                    break
                seen[told] = seen.get(told, 0) + 1
                again = f" ({seen[told]})" if seen[told] > 1 else ""
                yield Mutant(file, f"{file}: {told}{again}", ast.unparse(tree))


def change(node: ast.AST, variant: int) -> str | None:
    """Change a node by the rule for it, if there is one more; say what was changed."""
    if isinstance(node, ast.If) and variant == 0 and isinstance(node.body[-1], ast.Raise):
        told = f"no check of {ast.unparse(node.test)}"
        node.test = ast.Constant(value=False)
        return told
    if isinstance(node, ast.Compare) and variant < len(node.ops):
        before = ast.unparse(node)
        node.ops[variant] = OTHER[type(node.ops[variant])]()
        return f"{before} -> {ast.unparse(node)}"
    if isinstance(node, ast.Assign) and variant == 0 and ast.unparse(node.targets[0])[:4] == "MAX_":
        before = ast.unparse(node)
        if not isinstance(node.value, ast.Dict):
            node.value = ast.BinOp(node.value, ast.Add(), ast.Constant(value=1))
            return f"{before} + 1"
    return None


def noticed_by(mutant: Mutant, folder: Path) -> str | None:
    """Return the test that notices the mutant in a copy of `src`, or None if none does."""
    path = folder / RUNTIME / mutant.file
    whole = path.read_text(encoding="utf-8")
    path.write_text(mutant.text, encoding="utf-8")
    try:
        return failed_in(folder)
    except subprocess.TimeoutExpired:
        return f"the deadline of {SECONDS} s"
    finally:
        path.write_text(whole, encoding="utf-8")


def failed_in(folder: Path) -> str | None:
    """Return the first test that fails on a copy of `src`, or None if all pass."""
    environment = {**os.environ, "PYTHONPATH": str(folder / "src"), "PYTHONDONTWRITEBYTECODE": "1"}
    code, told = run_tests(TESTS, environment, SECONDS)
    return told if code else None


def main() -> int:
    """Run the mutants that are asked for."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(ROOT / "src", Path(folder) / "src")  # with what is compiled of it
        return _run(Path(folder))


def _run(folder: Path) -> int:
    words = [word for word in sys.argv[1:] if word != "--list"]
    wanted = [m for m in mutants() if not words or any(word in m.name for word in words)]
    unbroken = None if "--list" in sys.argv else failed_in(folder)
    if unbroken:  # else every mutant would count as noticed
        raise SystemExit(f"tests that pass before anything is broken expected, got {unbroken}")
    alive = explained = 0
    started = time.monotonic()
    for number, mutant in enumerate(wanted, 1):
        noticed = "not run" if "--list" in sys.argv else noticed_by(mutant, folder)
        reason = EQUIVALENT.get(mutant.name)
        alive += noticed is None
        explained += noticed is None and reason is not None
        outcome = f"killed by {noticed}" if noticed else f"ALIVE {reason or 'and not explained'}"
        print(f"{number}/{len(wanted)} {mutant.name}\n    {outcome}", flush=True)
    seconds = time.monotonic() - started
    print(f"{len(wanted)} mutants, {alive} alive, {explained} of them explained, {seconds:.0f} s")
    return int(alive > explained or not wanted)


if __name__ == "__main__":
    sys.exit(main())
