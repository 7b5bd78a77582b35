"""What the tests of the house look at: the files of this repository."""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
MADE = {"node_modules", "demo-out", "dist", "build", "results", "__pycache__"}


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def committed() -> dict[str, str]:
    """Return the text of every file that is or would be committed, by its path."""
    texts = {}
    for name in _names():
        path = ROOT / name
        if path.is_file():
            try:
                texts[name] = path.read_text(encoding="utf-8")
            except UnicodeDecodeError:
                continue  # no text: nothing to read in it
    return texts


def _names() -> list[str]:
    if shutil.which("git"):
        command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
        listing = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        if listing.returncode == 0 and listing.stdout:
            return listing.stdout.splitlines()
    return [str(path.relative_to(ROOT)) for path in _walk(ROOT)]


def _walk(folder: Path) -> list[Path]:
    """Find the files below `folder` where there is no git to ask."""
    found: list[Path] = []
    for path in sorted(folder.iterdir()):
        if path.is_dir() and path.name not in MADE and not (folder == ROOT and path.name[0] == "."):
            found += _walk(path)
        elif path.is_file():
            found.append(path)
    return found
