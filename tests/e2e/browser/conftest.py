"""Four engines for the same programs: the reference, the sandbox, node, and a page in Chromium."""

import importlib
import json
import shutil
import struct
import subprocess
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from functools import partial
from math import isfinite, isnan, nan
from pathlib import Path
from tempfile import mkdtemp
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import wasmtime

from delea.artifact import STATE_HEADER, Artifact, read_manifest, state_root
from delea.compiler import Reference, read_definition
from delea.errors import DivergedError
from delea.runtime import Sandbox, check_finite
from delea.runtime.child import configuration

HERE = Path(__file__).parent
BENCH = HERE.parents[2] / "bench"
SEED = bytes(range(32))
PAGE = "/drivers/page.mjs"


@dataclass(frozen=True, slots=True)
class Case:
    """What an engine is to do from a state: train, then evaluate, then infer from the inputs."""

    artifact: Artifact
    state: bytes
    steps: int
    inputs: bytes


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an engine makes of a case: all of it bits, every NaN the same; is the state finite?"""

    root: str
    losses: tuple[str, ...]
    evaluation: str
    outputs: str
    finite: bool


DIVERGED = Outcome("diverged", (), "", "", finite=False)
Engine = Callable[[Sequence[Case]], list[Outcome]]
Run = Callable[[dict[str, Any]], Any]


def by_reference(case: Case) -> Outcome:
    reference = Reference(read_definition(case.artifact.module), case.artifact.dataset)
    with np.errstate(all="ignore"):
        state, losses = reference.train(case.state, SEED, case.steps)
        evaluation, outputs = reference.evaluate(state), reference.infer(state, case.inputs)
    finite = is_finite(state, case.artifact)
    return outcome(state, map(bits, losses), bits(evaluation), outputs, finite=finite)


def by_sandbox(case: Case) -> Outcome:
    with Sandbox(case.artifact.module) as sandbox:
        sandbox.load_dataset(case.artifact.dataset)
        try:
            trained = sandbox.train(case.state, SEED, case.steps)
            evaluation = sandbox.evaluate(trained.state)
        except DivergedError:
            return DIVERGED
        outputs = sandbox.infer(trained.state, case.inputs)
    return outcome(trained.state, map(bits, trained.losses), bits(evaluation), outputs, finite=True)


def by_wasmtime(case: Case) -> Outcome:
    """Do what the sandbox does, in this process and without its refusals."""
    manifest = read_manifest(case.artifact.module)
    engine = wasmtime.Engine(configuration(wasmtime))
    module, regions = wasmtime.Module(engine, case.artifact.module), manifest.regions
    store = wasmtime.Store(engine)
    exports = wasmtime.Instance(store, module, []).exports(store)
    memory = exports["memory"]
    memory.write(store, case.state, regions.state.offset)
    memory.write(store, case.artifact.dataset, regions.dataset.offset)
    exports["seed"](store, *struct.unpack("<4q", SEED))
    losses = [bits(exports["train_step"](store)) for _ in range(case.steps)]
    at = regions.state.offset
    state = bytes(memory.read(store, at, at + regions.state.length))
    finite, evaluation = exports["is_finite"](store) != 0, bits(exports["evaluate"](store))
    outputs, row = b"", manifest.input.byte_length
    for start in range(0, len(case.inputs), row * manifest.infer_batch):
        chunk = case.inputs[start : start + row * manifest.infer_batch]
        memory.write(store, chunk, regions.input.offset)
        exports["infer"](store, len(chunk) // row)
        at, length = regions.output.offset, len(chunk) // row * manifest.output.byte_length
        outputs += memory.read(store, at, at + length)
    store.close()
    engine.close()
    return outcome(state, losses, evaluation, outputs, finite=finite)


def judged(found: Outcome) -> Outcome:
    """Return the outcome as the runtime tells it: no NaN and no infinity leaves it."""
    numbers = map(number_of, (*found.losses, found.evaluation))
    return found if found.finite and all(map(isfinite, numbers)) else DIVERGED


def in_node(*flags: str, told: list[str] | None = None) -> Run:
    """Return what runs jobs in a node with these flags; what V8 says itself is added to `told`."""

    def run(job: dict[str, Any]) -> Any:
        done = subprocess.run(
            [shutil.which("node"), *flags, BENCH / "drivers" / "node.mjs"],
            input=json.dumps(job),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        *lines, answer = done.stdout.splitlines()
        if told is not None:
            told.extend(lines)
        return json.loads(answer)

    return run


def by_v8(run: Run, folder: Path, cases: Sequence[Case]) -> list[Any]:
    """Give all cases to V8 at once, each as a job that trains and one that uses what came."""
    paths: dict[str, str] = {}
    jobs: list[dict[str, Any]] = []
    for case in cases:
        jobs += _jobs(case, folder, len(jobs), paths)
    answers = run({"jobs": jobs, "paths": paths})
    return [
        _outcome_of_v8(case, folder, 2 * number, *answers[2 * number : 2 * number + 2])
        for number, case in enumerate(cases)
    ]


def _jobs(case: Case, folder: Path, number: int, paths: dict[str, str]) -> list[dict[str, Any]]:
    artifact, manifest = case.artifact, read_manifest(case.artifact.module)
    given = {
        "module": artifact.module,
        "dataset": artifact.dataset,
        "state": case.state,
        "inputs": case.inputs,
    }
    started = {} if case.steps else {"stateOut": case.state}  # no step: what comes is what was
    for name, content in (given | started).items():
        (folder / f"{number}.{name}").write_bytes(content)
    for name in (*given, "stateOut", "outputs"):
        paths[f"{number}.{name}"] = paths[f"{number + 1}.{name}"] = str(folder / f"{number}.{name}")
    paths[f"{number + 1}.state"] = paths[f"{number}.stateOut"]
    shared = {
        "seed": SEED.hex(),
        "regions": asdict(manifest.regions),
        "inferBatch": manifest.infer_batch,
        "inputRow": manifest.input.byte_length,
        "outputRow": manifest.output.byte_length,
        "outputDtype": manifest.output.dtype,
    }
    after = {"steps": 0, "evaluate": True, "infer": True}
    return [{**shared, "steps": case.steps, "keep": True}, {**shared, **after}]


def _outcome_of_v8(
    case: Case, folder: Path, number: int, trained: dict[str, Any], used: dict[str, Any]
) -> Outcome:
    state = (folder / f"{number}.stateOut").read_bytes()
    outputs = (folder / f"{number}.outputs").read_bytes()
    assert trained["finite"] == used["finite"] == is_finite(state, case.artifact)
    losses, evaluation = trained["losses"], used["evaluate"]
    return outcome(state, losses, evaluation, outputs, finite=trained["finite"])


@pytest.fixture(scope="session")
def bench() -> Iterator[Callable[[str], ModuleType]]:
    """Import a module of the benchmarks, or one beside this file, by its name."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(BENCH)
        patch.syspath_prepend(HERE)
        yield importlib.import_module


@pytest.fixture(scope="session")
def browser(bench: Callable[[str], ModuleType]) -> Iterator[Any]:
    """One browser for all tests; every job has a fresh page."""
    started = bench("engines.chromium").Browser()
    yield started
    started.close()


@pytest.fixture(scope="session")
def case_of() -> Callable[..., Case]:
    """(artifact, steps, inputs) -> a case that begins with the artifact's first state."""

    def make(artifact: Artifact, steps: int, inputs: bytes, state: bytes | None = None) -> Case:
        return Case(artifact, artifact.genesis if state is None else state, steps, inputs)

    return make


@pytest.fixture(scope="session")
def node_run() -> Callable[..., Run]:
    return in_node


@pytest.fixture(scope="session")
def wasmtimed() -> Callable[[Case], Outcome]:
    return by_wasmtime


@pytest.fixture
def v8(tmp_path: Path) -> Callable[[Run], Engine]:
    """Turn what runs jobs into an engine."""

    def engine(run: Run) -> Engine:
        return lambda cases: by_v8(run, Path(mkdtemp(dir=tmp_path)), cases)

    return engine


@pytest.fixture
def plain_engines(browser: Any, v8: Callable[[Run], Engine]) -> dict[str, Engine]:
    """The engines by name, without the runtime's refusal of what is not finite."""
    return {
        "reference": lambda cases: list(map(by_reference, cases)),
        "wasmtime": lambda cases: list(map(by_wasmtime, cases)),
        "node": v8(in_node()),
        "chromium": v8(partial(browser.run, PAGE)),
    }


@pytest.fixture
def engines(plain_engines: dict[str, Engine]) -> dict[str, Engine]:
    """The engines by name, the sandbox among them: what is not finite has diverged."""

    def strict(engine: Engine) -> Engine:
        return lambda cases: list(map(judged, engine(cases)))

    found = {name: strict(engine) for name, engine in plain_engines.items()}
    found["wasmtime"] = lambda cases: list(map(by_sandbox, cases))
    return found


@pytest.fixture(scope="session")
def differences() -> Callable[[dict[str, Outcome]], list[str]]:
    return different


def different(found: dict[str, Outcome]) -> list[str]:
    """Name what is not the first engine's: the engine and the part of its outcome."""
    (_, first), *others = found.items()
    return [
        f"{name}: {part.name} {getattr(first, part.name)} expected, got {getattr(got, part.name)}"
        for name, got in others
        for part in fields(first)
        if getattr(got, part.name) != getattr(first, part.name)
    ]


def bits(number: float) -> str:
    """Return the hex digits of a float32, the same for every NaN."""
    return struct.pack(">f", nan if isnan(number) else number).hex()


def number_of(word: str) -> float:
    """Return the float32 of hex digits."""
    number: float
    (number,) = struct.unpack(">f", bytes.fromhex(word))
    return number


def is_finite(state: bytes, artifact: Artifact) -> bool:
    """Say whether the runtime takes the state as a legal one."""
    try:
        check_finite(state, read_manifest(artifact.module))
    except DivergedError:
        return False
    return True


def outcome(state: bytes, losses: Any, evaluation: str, outputs: bytes, *, finite: bool) -> Outcome:
    state = state[:STATE_HEADER] + one_nan(state[STATE_HEADER:])
    root = state_root(state).hex()
    return Outcome(root, tuple(losses), evaluation, one_nan(outputs).hex(), finite)


def one_nan(numbers: bytes) -> bytes:
    """Return float32s with the same bits for every NaN."""
    values = np.frombuffer(numbers, "<f4").copy()
    values[np.isnan(values)] = np.nan
    return values.tobytes()
