"""What the README and examples/ show is what runs."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
LEARNING = {"digits_cnn", "char_gpt"}
"""Those that test_learning runs."""

FOREIGN = {"from_torch"}
"""Those that need another library: its own tests run them."""

EXAMPLES = sorted(p for p in (ROOT / "examples").glob("*.py") if p.stem not in LEARNING | FOREIGN)


def blocks(language: str) -> list[str]:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    return re.findall(rf"```{language}\n(.*?)```", readme, re.DOTALL)


def test_the_readme_shows_the_quickstart_example():
    assert blocks("python") == [(ROOT / "examples" / "quickstart.py").read_text(encoding="utf-8")]


def test_the_quickstart_is_about_twenty_lines():
    code = (ROOT / "examples" / "quickstart.py").read_text(encoding="utf-8").splitlines()
    assert len([line for line in code if line and not line.startswith('"""')]) <= 20


def test_the_readme_names_no_command_but_verbs_of_the_makefile():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    lines = [line.split("#")[0].split() for block in blocks("sh") for line in block.splitlines()]
    assert [words[0] for words in lines] == ["make", "make"]
    assert all(f"\n{words[1]}:" in makefile for words in lines)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_runs(example):
    done = subprocess.run(
        [sys.executable, str(example)], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr


def test_the_quickstart_learns_and_prints_the_root_it_checked():
    done = subprocess.run(
        [sys.executable, str(ROOT / "examples" / "quickstart.py")],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    before, after, root = re.fullmatch(
        r"loss (\d\.\d{4}) -> (\d\.\d{4}), root ([0-9a-f]{16})\n", done.stdout
    ).groups()
    assert float(after) < float(before) / 20
    assert len(root) == 16
