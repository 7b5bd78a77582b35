"""Delea in V8, by the node driver: a fresh process each round, warmed up until it is optimised."""

import json
import shutil
import signal
import struct
import subprocess
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

from delea.artifact import ZERO_SEED, Artifact, read_manifest
from engines.sampling import steps_per_sample

DRIVER = Path(__file__).resolve().parent.parent / "drivers" / "node.mjs"
WARM_SECONDS = 0.5
"""Hot functions are compiled anew in the background, on a busy machine slowly."""
FIRST_STEPS, FIRST_ROUNDS = 5, 40


class Node:
    """The driver and the files it reads."""

    def __init__(self, artifact: Artifact) -> None:
        node = shutil.which("node")
        if node is None:
            raise SystemExit("bench: node expected on PATH")
        self._node = node
        self._folder = tempfile.TemporaryDirectory(prefix="delea-bench-")
        files = {
            "module": artifact.module,
            "dataset": artifact.dataset,
            "state": artifact.genesis,
        }
        self._job: dict[str, Any] = {
            "seed": ZERO_SEED.hex(),
            "regions": asdict(read_manifest(artifact.module).regions),
        }
        for name, content in files.items():
            path = Path(self._folder.name, name)
            path.write_bytes(content)
            self._job[name] = str(path)
        self._step_ms = 0.0

    def losses(self, steps: int) -> list[float]:
        """Return the losses of the first steps."""
        bits = self._run(steps=steps)["losses"]
        return [struct.unpack(">f", bytes.fromhex(word))[0] for word in bits]

    def round(self, seconds: float) -> list[float]:
        """Return samples in milliseconds per step."""
        if not self._step_ms:
            first = self._run(steps=FIRST_STEPS, rounds=FIRST_ROUNDS, warmup=FIRST_ROUNDS)
            self._step_ms = min(first["ms"])
        steps = steps_per_sample(self._step_ms)
        sample_seconds = steps * self._step_ms / 1e3
        rounds, warm = (max(1, round(time / sample_seconds)) for time in (seconds, WARM_SECONDS))
        samples: list[float] = self._run(steps=steps, rounds=rounds, warmup=warm)["ms"]
        return samples

    def close(self) -> None:
        """Remove the files."""
        self._folder.cleanup()

    def _run(self, **job: int) -> dict[str, Any]:
        done = subprocess.run(
            [self._node, DRIVER],
            input=json.dumps(self._job | job),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode == -signal.SIGINT:
            raise KeyboardInterrupt
        if done.returncode:
            line = next((x for x in done.stderr.splitlines() if "Error" in x), "no reason given")
            raise SystemExit(f"bench: the node driver failed: {line}")
        answer: dict[str, Any] = json.loads(done.stdout)
        return answer
