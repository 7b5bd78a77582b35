"""What comes before the first step: compile time and size, the policy check, a sandbox's start."""

import gzip
import runpy
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import wasmtime
from engines.chromium import Chromium
from workloads import WORKLOADS

from delea.artifact import ZERO_SEED, Artifact
from delea.compiler import build
from delea.nn import Program
from delea.runtime import Pool, Sandbox, check_module, train
from delea.runtime.child import configuration

PAGE_BYTES = 65_536
WARM_SECONDS = 0.5
"""What a child may take to get ready before it is timed."""
DIGITS = Path(__file__).resolve().parent.parent / "examples" / "digits.py"


@dataclass(frozen=True, slots=True)
class Figure:
    """What something took, several times."""

    program: str
    what: str
    ms_median: float
    ms_best: float
    load: float


@dataclass(frozen=True, slots=True)
class Size:
    """A module's bytes: as a file, as a server sends it, and its memory; PyTorch's memory."""

    program: str
    module_bytes: int
    gzip_bytes: int
    memory_bytes: int
    torch_bytes: int | None = None


def programs(workloads: list[str]) -> dict[str, Callable[[], Program]]:
    """Return what is built: these workloads and the digits of the demo."""
    made = {name: WORKLOADS[name].program for name in workloads}
    return made | {"digits": digits}


def digits() -> Program:
    """Return the example's program, anew."""
    found = runpy.run_path(str(DIGITS))["program"]
    assert isinstance(found, Program), "examples/digits.py sets `program`"
    return found


def figures(
    name: str, make: Callable[[], Program], load: float, *, repeats: int, pages: bool
) -> tuple[list[Figure], Size]:
    """Build a program and time each stage from its graph to a child, and a page, that trains."""
    ready = [make() for _ in range(repeats)]
    artifact = build(make())
    engine = wasmtime.Engine(configuration(wasmtime))
    stages: dict[str, Callable[[int], object]] = {
        "compile (graph to Wasm)": lambda i: build(ready[i]),
        "policy check": lambda _: check_module(artifact.module),
        "wasmtime compile": lambda _: wasmtime.Module(engine, artifact.module),
        "sandbox start": lambda _: _start(artifact),
        "sandbox start, warm": lambda _: pool.open(artifact.module).close(),
        "one step in a new sandbox": lambda _: _one_step(artifact),
    }
    with Pool() as pool:
        times = {
            what: [
                _milliseconds(run, number, pause=WARM_SECONDS * what.endswith("warm"))
                for number in range(repeats)
            ]
            for what, run in stages.items()
        }
    if pages:
        times["one step in a fresh page"] = _in_pages(artifact, repeats)
    rows = [
        Figure(name, what, round(median(ms), 3), round(min(ms), 3), load)
        for what, ms in times.items()
    ]
    return rows, size_of(name, artifact, engine)


def size_of(name: str, artifact: Artifact, engine: wasmtime.Engine) -> Size:
    """Return a module's bytes; its memory never grows, so that its pages are its bytes."""
    exports = {
        export.name: export.type for export in wasmtime.Module(engine, artifact.module).exports
    }
    memory = exports["memory"]
    assert isinstance(memory, wasmtime.MemoryType), "a module exports its memory"
    packed = gzip.compress(artifact.module, mtime=0)
    return Size(name, len(artifact.module), len(packed), memory.limits.min * PAGE_BYTES)


def _start(artifact: Artifact) -> None:
    Sandbox(artifact.module).close()


def _one_step(artifact: Artifact) -> None:
    train(artifact.module, artifact.dataset, artifact.genesis, ZERO_SEED, 1)


def _in_pages(artifact: Artifact, repeats: int) -> list[float]:
    """Return milliseconds from the module's bytes to the first loss, a fresh page each time."""
    with closing(Chromium(artifact)) as chromium:
        return [chromium.first_step() for _ in range(repeats)]


def _milliseconds(run: Callable[[int], object], number: int, *, pause: float = 0.0) -> float:
    time.sleep(pause)
    started = time.perf_counter()
    run(number)
    return (time.perf_counter() - started) * 1e3
