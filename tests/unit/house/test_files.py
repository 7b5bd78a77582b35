"""What holds for every file of the repository."""

import json
import re
import subprocess
import sys
from pathlib import Path

MAX_LINES = 500
REGISTRIES = (
    ("registry", "npmjs", "org"),
    ("registry", "yarnpkg", "com"),
    ("pypi", "org"),
    ("files", "pythonhosted", "org"),
    ("download", "pytorch", "org"),
    ("deb", "debian", "org"),
    ("deb", "nodesource", "com"),
    ("proxy", "golang", "org"),
    ("crates", "io"),
    ("ghcr", "io"),
)
HOME_PATH = re.compile(r"(?<![\w.~}-])/(?:home|root|Users|work|workspace)/\w")


def test_every_source_file_stays_under_500_lines(root: Path):
    sources = [
        path for path in (root / "src").rglob("*") if path.suffix in {".py", ".js", ".mjs", ".vy"}
    ]
    long = {str(path.relative_to(root)): _lines(path) for path in sources}
    assert {name: lines for name, lines in long.items() if lines >= MAX_LINES} == {}


def test_the_floors_hold(root: Path):
    linted = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache"],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    assert linted.returncode == 0, linted.stdout[-2000:] + linted.stderr


def test_no_committed_file_names_a_registry(committed: dict[str, str]):
    hosts = [".".join(parts) for parts in REGISTRIES]
    assert [
        (name, host) for name, text in committed.items() for host in hosts if host in text
    ] == []


def test_no_committed_file_names_a_home_folder(committed: dict[str, str]):
    found = {name: HOME_PATH.search(text) for name, text in committed.items()}
    assert {name: match[0] for name, match in found.items() if match} == {}


def test_the_node_lock_pins_checksums_and_no_address(root: Path):
    packages = json.loads((root / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    installed = {name: entry for name, entry in packages.items() if name}
    assert [name for name, entry in installed.items() if "resolved" in entry] == []
    assert [name for name, entry in installed.items() if "integrity" not in entry] == []


def test_the_constraints_pin_every_package_exactly(root: Path):
    lines = (root / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = [line for line in lines if not line.startswith("#")]
    assert [pin for pin in pins if not re.fullmatch(r"[a-z0-9.-]+==[0-9][\w.]*", pin)] == []
    names = [pin.partition("==")[0] for pin in pins]
    assert names == sorted(set(names))


def _lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())
