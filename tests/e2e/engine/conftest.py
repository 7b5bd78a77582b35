"""Three engines for one program: the reference interpreter, the sandbox, and V8 by way of node."""

import importlib.util
import json
import shutil
import struct
import subprocess
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from delea import nn
from delea.artifact import Artifact, read_manifest, state_root
from delea.compiler import Reference, build, read_definition
from delea.runtime import Sandbox

ROOT = Path(__file__).parents[3]
DRIVER = ROOT / "bench" / "drivers" / "node.mjs"
SEED = bytes(range(32))


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an engine makes of an artifact: all of it bits, so that equality is bit for bit."""

    root: str
    losses: tuple[str, ...]
    evaluation: str
    outputs: str


def bits(number: float) -> str:
    """Return the hex digits of a float32."""
    return struct.pack(">f", number).hex()


def by_reference(artifact: Artifact, steps: int, inputs: bytes) -> Outcome:
    reference = Reference(read_definition(artifact.module), artifact.dataset)
    state, losses = reference.train(artifact.genesis, SEED, steps)
    evaluation, outputs = reference.evaluate(state), reference.infer(state, inputs)
    return _outcome(state, losses, evaluation, outputs)


def by_sandbox(artifact: Artifact, steps: int, inputs: bytes) -> Outcome:
    with Sandbox(artifact.module) as sandbox:
        sandbox.load_dataset(artifact.dataset)
        trained = sandbox.train(artifact.genesis, SEED, steps)
        evaluation = sandbox.evaluate(trained.state)
        outputs = sandbox.infer(trained.state, inputs)
    return _outcome(trained.state, trained.losses, evaluation, outputs)


def by_node(folder: Path, artifact: Artifact, steps: int, inputs: bytes) -> Outcome:
    node = shutil.which("node")
    if node is None:
        pytest.fail("node expected on PATH, install it with: apt-get install nodejs")
    manifest = read_manifest(artifact.module)
    names = ("module", "dataset", "state", "after", "inputs", "outputs")
    paths = {name: folder / name for name in names}
    whole = (artifact.module, artifact.dataset, artifact.genesis)
    for name, data in zip(names, whole, strict=False):
        paths[name].write_bytes(data)
    paths["inputs"].write_bytes(inputs)
    places = {name: str(paths[name]) for name in ("module", "dataset", "state")}
    shared = {**places, "seed": SEED.hex(), "regions": asdict(manifest.regions)}
    answer = _drive(node, {**shared, "steps": steps, "stateOut": str(paths["after"])})
    rows = {"inferBatch": manifest.infer_batch, "inputRow": manifest.input.byte_length}
    rows |= {"outputRow": manifest.output.byte_length, "outputDtype": manifest.output.dtype}
    files = {"inputs": str(paths["inputs"]), "outputs": str(paths["outputs"])}
    after = {**shared, "state": str(paths["after"]), "steps": 0, "evaluate": True}
    evaluation = _drive(node, {**after, **rows, **files})["evaluate"]
    return Outcome(
        state_root(paths["after"].read_bytes()).hex(),
        tuple(answer["losses"]),
        evaluation,
        paths["outputs"].read_bytes().hex(),
    )


def _drive(node: str, job: dict) -> dict:
    done = subprocess.run(
        [node, DRIVER], input=json.dumps(job), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def _outcome(state: bytes, losses: list[float], evaluation: float, outputs: bytes) -> Outcome:
    return Outcome(
        state_root(state).hex(), tuple(map(bits, losses)), bits(evaluation), outputs.hex()
    )


def _load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, ROOT / "examples" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def examples() -> dict[str, Artifact]:
    """The two models of the demo, as built."""
    return {name: build(_load(name).program) for name in ("sine", "digits")}


@pytest.fixture(scope="session")
def reference() -> Callable[[Artifact, int, bytes], Outcome]:
    return by_reference


@pytest.fixture(scope="session")
def sandboxed() -> Callable[[Artifact, int, bytes], Outcome]:
    return by_sandbox


@pytest.fixture
def in_node(tmp_path) -> Callable[[Artifact, int, bytes], Outcome]:
    def run(artifact: Artifact, steps: int, inputs: bytes) -> Outcome:
        return by_node(tmp_path, artifact, steps, inputs)

    return run


@pytest.fixture(scope="session")
def vectors() -> dict:
    return json.loads((ROOT / "vectors" / "roots.json").read_text(encoding="utf-8"))


def ramp(*shape: int, period: int) -> np.ndarray:
    """Multiples of 1/256 in [-1, 1): exact in float32, and no random stream decides them."""
    numbers = np.arange(int(np.prod(shape)), dtype=np.int64)
    return ((numbers * numbers * 7 + numbers * 13) % period / period * 2 - 1).reshape(shape)


def set_weights(network: nn.Module) -> None:
    """Give every parameter its numbers by arithmetic alone."""
    for number, (_, part) in enumerate(network.named_parameters()):
        part.set(ramp(*part.shape, period=256) / (2 + number))


@pytest.fixture(scope="session")
def exact() -> Callable[..., np.ndarray]:
    return ramp


@pytest.fixture(scope="session")
def weigh() -> Callable[[nn.Module], None]:
    return set_weights
