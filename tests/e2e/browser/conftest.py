"""Four engines for one program: the reference, the sandbox, node, and a page in Chromium."""

import importlib
import json
import shutil
import struct
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from delea.artifact import Artifact, read_manifest, state_root
from delea.compiler import Reference, read_definition
from delea.runtime import Sandbox

BENCH = Path(__file__).parents[3] / "bench"
SEED = bytes(range(32))


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an engine makes of an artifact: all of it bits, so that equality is bit for bit."""

    root: str
    losses: tuple[str, ...]
    outputs: str


def by_reference(artifact: Artifact, steps: int, inputs: bytes) -> Outcome:
    reference = Reference(read_definition(artifact.module), artifact.dataset)
    state, losses = reference.train(artifact.genesis, SEED, steps)
    return _outcome(state, map(_bits, losses), reference.infer(artifact.genesis, inputs))


def by_sandbox(artifact: Artifact, steps: int, inputs: bytes) -> Outcome:
    with Sandbox(artifact.module) as sandbox:
        sandbox.load_dataset(artifact.dataset)
        trained = sandbox.train(artifact.genesis, SEED, steps)
        outputs = sandbox.infer(artifact.genesis, inputs)
    return _outcome(trained.state, map(_bits, trained.losses), outputs)


def by_node(_: Any, job: dict[str, Any]) -> dict[str, Any]:
    done = subprocess.run(
        [shutil.which("node"), BENCH / "drivers" / "node.mjs"],
        input=json.dumps(job | job["paths"]),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def by_page(browser: Any, job: dict[str, Any]) -> dict[str, Any]:
    return browser.run("/drivers/page.mjs", {**job, "keep": True, "infer": True})


@pytest.fixture(scope="session")
def bench() -> Iterator[Callable[[str], ModuleType]]:
    """Import a module of the benchmarks by its name."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(BENCH)
        yield importlib.import_module


@pytest.fixture(scope="session")
def browser(bench: Callable[[str], ModuleType]) -> Iterator[Any]:
    """One browser for all tests; every job has a fresh page."""
    started = bench("engines.chromium").Browser()
    yield started
    started.close()


@pytest.fixture
def engines(browser: Any, tmp_path: Path) -> dict[str, Callable[..., Outcome]]:
    """The engines by name: (artifact, steps, inputs) -> Outcome."""

    def v8(run: Callable[..., dict[str, Any]]) -> Callable[..., Outcome]:
        return lambda *case: _by_v8(lambda job: run(browser, job), tmp_path, *case)

    return {
        "reference": by_reference,
        "sandbox": by_sandbox,
        "node": v8(by_node),
        "chromium": v8(by_page),
    }


def _by_v8(
    run: Callable[..., dict[str, Any]], folder: Path, artifact: Artifact, steps: int, inputs: bytes
) -> Outcome:
    manifest = read_manifest(artifact.module)
    written = {"module": artifact.module, "dataset": artifact.dataset, "state": artifact.genesis}
    for name, content in {**written, "inputs": inputs}.items():
        (folder / name).write_bytes(content)
    names = (*written, "inputs", "outputs", "stateOut")
    job = {
        "paths": {name: str(folder / name) for name in names},
        "seed": SEED.hex(),
        "steps": steps,
        "regions": asdict(manifest.regions),
        "inferBatch": manifest.infer_batch,
        "inputRow": manifest.input.byte_length,
        "outputRow": manifest.output.byte_length,
        "outputDtype": manifest.output.dtype,
    }
    answer = run(job)
    assert answer["finite"] is True
    state, outputs = (folder / "stateOut").read_bytes(), (folder / "outputs").read_bytes()
    return _outcome(state, answer["losses"], outputs)


def _bits(number: float) -> str:
    return struct.pack(">f", number).hex()


def _outcome(state: bytes, losses: Any, outputs: bytes) -> Outcome:
    return Outcome(state_root(state).hex(), tuple(losses), outputs.hex())
