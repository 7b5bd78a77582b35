"""Other engines that train in a browser, in the same Chromium: a fresh page each round."""

import tempfile
from pathlib import Path
from typing import Any

from inference_models import MODELS
from workloads.arrays import write_arrays

from engines.chromium import Browser

PEERS = {"jaxjs-chromium": "/peers/jaxjs.mjs", "tfjs-chromium": "/peers/tfjs.mjs"}
SCRIPTS = {**PEERS, "onnx-chromium": "/peers/onnx.mjs"}
PACKAGES = Path(__file__).resolve().parent.parent / "peers" / "node_modules"


ONNX = "onnx-chromium"


class Peer:
    """A peer's page script and a workload's arrays."""

    def __init__(self, workload: str, engine: str) -> None:
        if not PACKAGES.is_dir():
            raise SystemExit(
                "bench: the peers' packages expected, `make bench-peers` installs them"
            )
        self._folder = tempfile.TemporaryDirectory(prefix="delea-bench-")
        self._job: dict[str, Any] = {
            "workload": workload,
            "paths": write_arrays(workload, Path(self._folder.name)),
        }
        self._script = SCRIPTS[engine]
        self._browser = Browser()

    def losses(self, steps: int) -> list[float]:
        """Return the losses of the first steps."""
        found: list[float] = self._run(steps=steps)["losses"]
        return found

    def round(self, seconds: float) -> list[float]:
        """Return samples in milliseconds per step."""
        found: list[float] = self._run(steps=1, seconds=seconds)["ms"]
        return found

    def infer(self, rows: int, seconds: float) -> dict[str, Any]:
        """Return `ms`, samples per inference of so many rows, 1 or a batch."""
        return self._run(infer=rows, seconds=seconds)

    def close(self) -> None:
        """End the browser and remove the files."""
        self._browser.close()
        self._folder.cleanup()

    def _run(self, **job: float) -> dict[str, Any]:
        answer: dict[str, Any] = self._browser.run(self._script, {**self._job, **job})
        return answer


class Onnx(Peer):
    """onnxruntime-web, which infers only; its answer has the first row's `outputs`, too."""

    def __init__(self, workload: str) -> None:
        super().__init__(workload, ONNX)
        path = Path(self._folder.name, "onnx")
        path.write_bytes(MODELS[workload]())
        self._job["paths"] = {**self._job["paths"], "onnx": str(path)}
