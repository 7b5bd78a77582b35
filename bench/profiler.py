"""The profiler: every kernel of a training step timed alone, in wasmtime, node and Chromium."""

import json
import struct
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import wasmtime
from engines.chromium import Browser
from engines.node import find_node
from engines.v8 import DRIVERS
from variant import STEP, WARM_STEPS, Variant, peak_module

from delea.artifact import ZERO_SEED
from delea.runtime.child import configuration

TARGET_SECONDS = 0.0015  # short: a busy machine interrupts long runs
MAX_TIMES = 400  # Adam's powers of beta must not underflow
PEAK_ROUNDS, PROBES = 50_000, 5
WARM_ROUNDS = 8
Samples = dict[str, list[float]]
"""For `peak` and each part, milliseconds per run, one per round."""


class Prepared:
    """A variant after its first steps in wasmtime: what all engines start from."""

    def __init__(
        self, made: Variant, only: list[str] | None = None, *, warm_steps: int = WARM_STEPS
    ) -> None:
        """Choose how often to run each part, or only those named, for one sample."""
        self.variant = made
        engine = wasmtime.Engine(configuration(wasmtime))
        self._store = wasmtime.Store(engine)
        self._exports = self._instance(engine, made.module)
        self._peak = self._instance(engine, peak_module())["peak"]
        self._memory = self._exports["memory"]
        self._memory.write(self._store, made.artifact.genesis, made.state_at)
        self._memory.write(self._store, made.artifact.dataset, made.dataset_at)
        self._exports["seed"](self._store, *struct.unpack("<4q", ZERO_SEED))
        self._exports[STEP](self._store, warm_steps)
        self.image = bytes(self._memory.read(self._store, 0, self._memory.data_len(self._store)))
        self.times = {name: self._choose_times(name) for name in only or self._names()}

    def _names(self) -> list[str]:
        return [part.export for part in self.variant.parts]

    def rounds(self, count: int) -> Samples:
        """Time every part in each round."""
        samples: Samples = {"peak": [], **{name: [] for name in self.times}}
        for _ in range(count):
            samples["peak"].append(min(self._probe() for _ in range(PROBES)))
            for name, often in self.times.items():
                samples[name].append(self._run(name, often) * 1e3)
        return samples

    def _probe(self) -> float:
        """Return the milliseconds of one round of the peak."""
        started = time.perf_counter()
        self._peak(self._store, PEAK_ROUNDS)
        return (time.perf_counter() - started) * 1e3 / PEAK_ROUNDS

    def _run(self, name: str, times: int) -> float:
        """Return the seconds of one run of a part."""
        self._memory.write(self._store, self.image, 0)
        self._exports[name](self._store, 1)  # bring its data into the cache
        self._memory.write(self._store, self.image, 0)
        started = time.perf_counter()
        self._exports[name](self._store, times)
        return (time.perf_counter() - started) / times

    def _choose_times(self, name: str) -> int:
        return max(1, min(MAX_TIMES, int(TARGET_SECONDS / self._run(name, 5))))

    def _instance(self, engine: Any, module: bytes) -> Any:
        compiled = wasmtime.Module(engine, module)
        return wasmtime.Instance(self._store, compiled, []).exports(self._store)


def time_in_node(prepared: Prepared, rounds: int) -> Samples:
    """Run the same rounds in node."""
    with _job(prepared, rounds) as job:
        done = subprocess.run(
            [find_node(), DRIVERS / "kernels.mjs"],
            input=json.dumps(job),
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        raise SystemExit(f"kernels: node failed: {done.stderr.strip()[-300:]}")
    samples: Samples = json.loads(done.stdout)
    return samples


def time_in_chromium(prepared: Prepared, rounds: int) -> Samples:
    """Run the same rounds in a page."""
    with _job(prepared, rounds) as job, closing(Browser()) as browser:
        samples: Samples = browser.run("/drivers/page.mjs", job)
    return samples


TIMERS = {"wasmtime": Prepared.rounds, "node": time_in_node, "chromium": time_in_chromium}


@contextmanager
def _job(prepared: Prepared, rounds: int) -> Iterator[dict[str, Any]]:
    """Write the files of a job for the drivers; they are gone afterwards."""
    files = {"module": prepared.variant.module, "image": prepared.image, "peak": peak_module()}
    with tempfile.TemporaryDirectory(prefix="delea-bench-") as folder:
        paths = {name: str(Path(folder, name)) for name in files}
        for name, content in files.items():
            Path(paths[name]).write_bytes(content)
        yield {
            "paths": paths,
            "parts": [{"name": name, "times": often} for name, often in prepared.times.items()],
            "peakRounds": PEAK_ROUNDS,
            "probes": PROBES,
            "rounds": rounds,
            "warmup": WARM_ROUNDS,
        }
