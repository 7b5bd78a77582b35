"""What `make` offers, and what it refuses."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

VERBS = {
    "help", "setup", "demo", "test", "test-full", "check", "fix", "fuzz", "generate", "bench",
    "bench-peers", "clean", "test-torch", "attacks", "mutants", "coverage",
}  # fmt: skip
NEEDED = ("bash", "cat", "dirname", "grep", "mkdir", "rm", "sha256sum", "tail", "uname")


def test_help_lists_every_verb(root: Path):
    listed = re.findall(r"^  make (\S+)", _make(root, "help"), re.MULTILINE)
    assert set(listed) == VERBS
    assert len(listed) == len(VERBS)


def test_every_verb_is_declared_phony(root: Path):
    declared = re.search(
        r"^\.PHONY: (.*)$", (root / "Makefile").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert declared is not None
    assert set(declared[1].split()) == VERBS


def test_make_alone_shows_the_help(root: Path):
    assert _make(root) == _make(root, "help")


def test_every_verb_that_the_documents_name_exists(committed: dict[str, str]):
    named = {
        verb
        for name, text in committed.items()
        if name.endswith(".md")
        for verb in re.findall(r"`make ([a-z-]+)", text)
    }
    assert {"demo", "test", "check"} <= named <= VERBS


def test_the_ci_entry_is_executable_and_runs_both_verbs(root: Path):
    entry = root / ".ci" / "run"
    assert os.access(entry, os.X_OK)
    assert {"make check", "make test"} <= set(
        re.findall(r"make [a-z]+", entry.read_text(encoding="utf-8"))
    )


@pytest.fixture
def fresh(root: Path, tmp_path: Path) -> Path:
    """Return a folder with only what setup reads, and a path of our own for its commands."""
    shutil.copytree(root / "scripts", tmp_path / "scripts")
    for name in ("pyproject.toml", "constraints.txt", "package.json", "package-lock.json"):
        shutil.copy(root / name, tmp_path)
    (tmp_path / "bin").mkdir()
    for name in NEEDED:
        found = shutil.which(name)
        assert found is not None, name
        (tmp_path / "bin" / name).symlink_to(found)
    _command(tmp_path, "python3", "echo 3.11")
    _command(tmp_path, "node", "echo v22.1.0")
    _command(tmp_path, "npm", "exit 1")
    _command(tmp_path, "flock", "exit 0")
    _command(tmp_path, "id", "echo 1000")
    return tmp_path


def test_setup_refuses_an_old_python(fresh: Path):
    _command(fresh, "python3", "echo 3.10")
    assert _refusal(fresh) == (
        "setup: Python 3.11 or newer is needed, python3 is 3.10; set PYTHON to a newer one\n"
    )


def test_setup_refuses_a_python_that_does_not_run(fresh: Path):
    assert _refusal(fresh, PYTHON="python9") == (
        "setup: python9 does not run; set PYTHON to a Python 3.11 or newer\n"
    )


def test_setup_names_the_debian_packages_of_python(fresh: Path):
    (fresh / "bin" / "python3").unlink()
    assert _refusal(fresh) == (
        "setup: python3 python3-venv is missing; run as root: "
        "apt-get install -y --no-install-recommends python3 python3-venv\n"
    )


def test_setup_refuses_an_old_node(fresh: Path):
    _command(fresh, "node", "echo v18.19.0")
    assert _refusal(fresh) == (
        "setup: Node.js 20 or newer with npm is needed, found 18.19.0; install it from nodejs.org "
        "(Debian 12's own is 18) and run this again\n"
    )


def test_setup_says_that_node_is_missing(fresh: Path):
    (fresh / "bin" / "node").unlink()
    assert "Node.js 20 or newer with npm is needed, found no node" in _refusal(fresh)


def test_setup_names_the_debian_package_of_venv(fresh: Path):
    _command(fresh, "python3", 'case "$2" in *ensurepip*) exit 1 ;; *) echo 3.11 ;; esac')
    assert _refusal(fresh) == (
        "setup: python3.11-venv is missing; run as root: "
        "apt-get install -y --no-install-recommends python3.11-venv\n"
    )


def test_setup_installs_the_debian_package_of_venv_as_root(fresh: Path):
    _command(fresh, "id", "echo 0")
    _command(fresh, "python3", 'case "$*" in *import?sys*) echo 3.11 ;; *) exit 1 ;; esac')
    _command(fresh, "apt-get", 'echo "$@" >>apt')
    assert "setup: installing the Debian package python3.11-venv\n" in _refusal(fresh)
    assert (fresh / "apt").read_text(encoding="utf-8") == (
        "update\ninstall -y --no-install-recommends python3.11-venv\n"
    )


def test_only_tests_and_benchmarks_need_chromium(fresh: Path):
    assert _refusal(fresh, "test") == (
        "setup: chromium is missing; run as root: "
        "apt-get install -y --no-install-recommends chromium\n"
    )
    (fresh / "bin" / "node").unlink()  # what is asked for after Chromium
    assert "node" in _refusal(fresh, "test", DELEA_CHROMIUM="another")
    assert "node" in _refusal(fresh)


def test_setup_installs_chromium_as_root_and_says_how_much_that_is(fresh: Path):
    _command(fresh, "id", "echo 0")
    _command(fresh, "node", "exit 1")
    _command(fresh, "apt-get", 'echo "$@" >>apt; echo Need to get 113 MB of archives.')
    assert (
        "setup: installing the Debian package chromium\n"
        "setup: Need to get 113 MB of archives.\n" in _refusal(fresh, "test")
    )
    assert (fresh / "apt").read_text(encoding="utf-8") == (
        "update\ninstall -y --no-install-recommends chromium\n"
    )


def _make(root: Path, *verbs: str) -> str:
    environment = {key: os.environ[key] for key in ("PATH", "HOME") if key in os.environ}
    made = subprocess.run(
        ["make", "--no-print-directory", *verbs],
        cwd=root,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return made.stdout


def _command(fresh: Path, name: str, script: str) -> None:
    path = fresh / "bin" / name
    path.unlink(missing_ok=True)
    path.write_text(f"#!{shutil.which('bash')}\n{script}\n")
    path.chmod(0o755)


def _refusal(fresh: Path, *groups: str, **environment: str) -> str:
    done = subprocess.run(
        ["bash", "scripts/setup", *groups],
        cwd=fresh,
        env={"PATH": str(fresh / "bin"), **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done
    assert done.stdout == ""
    return done.stderr
