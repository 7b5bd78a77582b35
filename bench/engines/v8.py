"""Delea in V8: a job for the drivers, whose rounds begin fresh and warm up until optimised."""

import struct
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

from delea.artifact import ZERO_SEED, Artifact, read_manifest
from engines.sampling import steps_per_sample

DRIVERS = Path(__file__).resolve().parent.parent / "drivers"
WARM_SECONDS = 0.5
"""Hot functions are compiled anew in the background, on a busy machine slowly."""
FIRST_STEPS, FIRST_ROUNDS, FIRST_SECONDS = 5, 40, 0.5


class V8:
    """The job of an artifact and its files; what runs a job is the subclass's."""

    def __init__(self, artifact: Artifact) -> None:
        manifest = read_manifest(artifact.module)
        self._folder = tempfile.TemporaryDirectory(prefix="delea-bench-")
        files = {
            "module": artifact.module,
            "dataset": artifact.dataset,
            "state": artifact.genesis,
        }
        self._paths = {name: str(Path(self._folder.name, name)) for name in files}
        for name, content in files.items():
            Path(self._paths[name]).write_bytes(content)
        self._job: dict[str, Any] = {
            "seed": ZERO_SEED.hex(),
            "regions": asdict(manifest.regions),
            "inferBatch": manifest.infer_batch,
            "inputRow": manifest.input.byte_length,
            "outputRow": manifest.output.byte_length,
            "outputDtype": manifest.output.dtype,
        }
        self._step_ms = 0.0

    def losses(self, steps: int) -> list[float]:
        """Return the losses of the first steps."""
        bits = self._run(steps=steps)["losses"]
        return [struct.unpack(">f", bytes.fromhex(word))[0] for word in bits]

    def round(self, seconds: float) -> list[float]:
        """Return samples in milliseconds per step."""
        if not self._step_ms:
            self._step_ms = self._first_estimate()
        steps = steps_per_sample(self._step_ms)
        sample_seconds = steps * self._step_ms / 1e3
        rounds, warm = (max(1, round(time / sample_seconds)) for time in (seconds, WARM_SECONDS))
        samples: list[float] = self._run(steps=steps, rounds=rounds, warmup=warm)["ms"]
        return samples

    def infer(self, inputs: bytes, seconds: float) -> tuple[bytes, list[float]]:
        """Return the outputs of all rows under the first weights, and milliseconds per call."""
        for name in ("inputs", "outputs"):
            self._paths[name] = str(Path(self._folder.name, name))
        Path(self._paths["inputs"]).write_bytes(inputs)
        ms: list[float] = self._run(steps=0, infer=True, inferSeconds=seconds)["inferMs"]
        return Path(self._paths["outputs"]).read_bytes(), ms

    def first_step(self) -> float:
        """Return the milliseconds from the module's bytes to the first loss, begun fresh."""
        ms: float = self._run(steps=1)["firstMs"]
        return ms

    def close(self) -> None:
        """Remove the files."""
        self._folder.cleanup()

    def _first_estimate(self) -> float:
        """Return about how many milliseconds an optimised step takes."""
        slow = min(self._run(steps=1, rounds=2)["ms"])
        rounds = max(1, min(FIRST_ROUNDS, round(FIRST_SECONDS * 1e3 / slow / FIRST_STEPS)))
        first = self._run(steps=FIRST_STEPS, rounds=rounds, warmup=rounds)
        return min(first["ms"])

    def _run(self, **job: float) -> dict[str, Any]:
        """Run the job with these fields added, in a fresh process or page."""
        raise NotImplementedError
