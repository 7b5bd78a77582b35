"""Other engines that train in a browser, in the same Chromium: a fresh page each round."""

import tempfile
from pathlib import Path
from typing import Any

from workloads.arrays import write_arrays

from engines.chromium import Browser

PEERS = {"jaxjs-chromium": "/peers/jaxjs.mjs", "tfjs-chromium": "/peers/tfjs.mjs"}
PACKAGES = Path(__file__).resolve().parent.parent / "peers" / "node_modules"


class Peer:
    """A peer's page script and a workload's arrays."""

    def __init__(self, workload: str, engine: str) -> None:
        if not PACKAGES.is_dir():
            raise SystemExit(
                "bench: the peers' packages expected, `make bench-peers` installs them"
            )
        self._folder = tempfile.TemporaryDirectory(prefix="delea-bench-")
        self._job = {"workload": workload, "paths": write_arrays(workload, Path(self._folder.name))}
        self._script = PEERS[engine]
        self._browser = Browser()

    def losses(self, steps: int) -> list[float]:
        """Return the losses of the first steps."""
        found: list[float] = self._run(steps=steps)["losses"]
        return found

    def round(self, seconds: float) -> list[float]:
        """Return samples in milliseconds per step."""
        found: list[float] = self._run(steps=1, seconds=seconds)["ms"]
        return found

    def infer(self, rows: int, seconds: float) -> list[float]:
        """Return samples in milliseconds per inference of so many rows, 1 or a batch."""
        found: list[float] = self._run(infer=rows, seconds=seconds)["ms"]
        return found

    def close(self) -> None:
        """End the browser and remove the files."""
        self._browser.close()
        self._folder.cleanup()

    def _run(self, **job: float) -> dict[str, Any]:
        answer: dict[str, Any] = self._browser.run(self._script, {**self._job, **job})
        return answer
