"""What every test stands on: Python's own recursion limit, a home of its own; the guides' shell.

A library below eth-account raises it a hundredfold when it is first imported, and hostile data
nested deep would kill the test's process. `delea.chain.keys` imports it and puts the limit back.
"""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import delea.chain.keys  # noqa: F401


@pytest.fixture(autouse=True, scope="session")
def _own_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Let no test write among what the user of this machine keeps."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_DATA_HOME", str(tmp_path_factory.mktemp("own")))
        yield


@pytest.fixture(scope="session")
def run_blocks() -> Callable[..., str]:
    """Run a guide's commands in a folder, with `delea` on the path; return what they print."""

    def run(blocks: list[str], folder: Path, *, seconds: int = 240, **environment: str) -> str:
        bin_folder = Path(sys.executable).parent
        done = subprocess.run(
            ["bash", "-c", "set -euo pipefail\n" + "\n".join(blocks)],
            env={**os.environ, "PATH": f"{bin_folder}:{os.environ['PATH']}", **environment},
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run
