"""The profiler in every engine: the parts of an instrumented module, timed by the same rules."""

import json
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from engines.chromium import Browser
from engines.node import find_node
from engines.v8 import DRIVERS

from delea.artifact import Artifact, read_manifest
from delea.compiler import Definition, Instrumented, build, define, instrument
from delea.nn import Program
from delea.roles.profiling import Profile, parts_of, summary
from delea.runtime import stopwatch as rules
from delea.runtime import time_parts

WARM_ROUNDS = 8
Samples = Sequence[Sequence[float]]
"""Milliseconds of each part of `parts_of`, in each round."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A training step, instrumented, and the files that it starts from."""

    definition: Definition
    made: Instrumented
    artifact: Artifact

    @classmethod
    def of(cls, program: Program) -> "Prepared":
        """Compile a program, as it ships and instrumented."""
        definition = define(program, len(program.data.inputs) + _tests(program))
        return cls(definition, instrument(definition, "train"), build(program))

    def profile(self, engine: str, rounds: int) -> Profile:
        """Time every part in an engine."""
        return summary(self.made, TIMERS[engine](self, rounds), self.definition.batch)


def _tests(program: Program) -> int:
    return 0 if program.data.test_inputs is None else len(program.data.test_inputs)


def time_in_wasmtime(prepared: Prepared, rounds: int) -> Samples:
    """Run the rounds in the sandbox, as `delea profile` does."""
    made, files = prepared.made, prepared.artifact
    return time_parts(made.module, parts_of(made), files.dataset, files.genesis, b"", rounds)


def time_in_node(prepared: Prepared, rounds: int) -> Samples:
    """Run the rounds in node."""
    with _job(prepared, rounds) as job:
        done = subprocess.run(
            [find_node(), DRIVERS / "kernels.mjs"],
            input=json.dumps(job),
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        raise SystemExit(f"bench: the node driver failed: {done.stderr.strip()[-300:]}")
    samples: Samples = json.loads(done.stdout)
    return samples


def time_in_chromium(prepared: Prepared, rounds: int) -> Samples:
    """Run the rounds in a page."""
    with _job(prepared, rounds) as job, closing(Browser()) as browser:
        samples: Samples = browser.run("/drivers/page.mjs", job)
    return samples


TIMERS: dict[str, Callable[[Prepared, int], Samples]] = {
    "wasmtime": time_in_wasmtime,
    "node": time_in_node,
    "chromium": time_in_chromium,
}


@contextmanager
def _job(prepared: Prepared, rounds: int) -> Iterator[dict[str, Any]]:
    """Write the files of a job for the drivers; they are gone afterwards."""
    made, artifact = prepared.made, prepared.artifact
    files = {"module": made.module, "state": artifact.genesis, "dataset": artifact.dataset}
    regions = asdict(read_manifest(made.module).regions)
    with tempfile.TemporaryDirectory(prefix="delea-bench-") as folder:
        paths = {name: str(Path(folder, name)) for name in files}
        for name, content in files.items():
            Path(paths[name]).write_bytes(content)
        yield {
            "paths": paths,
            "regions": {name: regions[name] for name in ("state", "dataset")},
            "parts": [asdict(part) for part in parts_of(made)],
            "rounds": rounds,
            "warmRounds": WARM_ROUNDS,
            "warmSteps": rules.WARM_STEPS,
            "warmSeconds": rules.WARM_SECONDS,
            "sampleMs": rules.SAMPLE_MS,
            "maxTimes": rules.MAX_TIMES,
            "maxTimesChanged": rules.MAX_TIMES_CHANGED,
        }
