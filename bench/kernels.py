"""Profile a training step: milliseconds, GFLOP/s and share of every kernel, in wasmtime and node.

    python bench/kernels.py mlp
    python bench/kernels.py examples/digits.py    (a file that sets `program`)

Each kernel is run many times from the same memory (after 20 steps of training), in rounds that
alternate between the kernels; the best round counts. Its data is warm then: the sum of the parts
may be less than the whole step.
"""

import argparse
import json
import os
import runpy
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import wasmtime
from rich.console import Console
from rich.table import Table
from variant import PEAK_FLOPS, STEP, WARM_STEPS, Part, Variant, peak_module, variant
from workloads import WORKLOADS

from delea.artifact import ZERO_SEED
from delea.nn import Program
from delea.runtime.child import configuration

DRIVER = Path(__file__).parent / "drivers" / "kernels.mjs"
TARGET_SECONDS = 0.0015  # short: a busy machine interrupts long runs
MAX_TIMES = 400  # Adam's powers of beta must not underflow
PEAK_ROUNDS = 50_000
Samples = dict[str, list[float]]
"""For `peak` and each part, milliseconds per run, one per round."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A variant after its first steps: what both engines start from."""

    variant: Variant
    image: bytes
    times: dict[str, int]
    wasmtime: Callable[[int], Samples]


def main(arguments: list[str]) -> None:
    """Time the kernels of one program and print them."""
    parser = argparse.ArgumentParser(description="Time every kernel of a training step.")
    parser.add_argument("program", help=f"one of {', '.join(WORKLOADS)}, or a file with `program`")
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--wat", type=Path, help="also write the module's text to this file")
    parser.add_argument("--engine", choices=("wasmtime", "node", "both"), default="both")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead")
    options = parser.parse_args(arguments)
    err = Console(stderr=True)
    load = round(os.getloadavg()[0], 2)
    with err.status("compiling"):
        made = variant(find_program(options.program))
        prepared = prepare(made)
    if options.wat:
        options.wat.write_text(made.text)
    results: dict[str, Samples] = {}
    if options.engine != "node":
        with err.status("timing in wasmtime"):
            results["wasmtime"] = prepared.wasmtime(options.rounds)
    if options.engine != "wasmtime":
        with err.status("timing in node"):
            results["node"] = time_in_node(prepared, options.rounds)
    if options.json:
        rows = {name: report(prepared.variant.parts, samples) for name, samples in results.items()}
        print(json.dumps({"program": options.program, "load": load, **rows}))
        return
    out = Console(width=None if sys.stdout.isatty() else 150)
    for engine, samples in results.items():
        out.print(table(f"{options.program} in {engine}, load {load}", prepared, samples))


def find_program(name: str) -> Program:
    """Return a workload's program, or what a file calls `program`."""
    if name in WORKLOADS:
        return WORKLOADS[name].program()
    if not Path(name).is_file():
        raise SystemExit(f"kernels: a workload ({', '.join(WORKLOADS)}) or a file, got {name}")
    found = runpy.run_path(name).get("program")
    if not isinstance(found, Program):
        raise SystemExit(f"kernels: {name} sets no `program`")
    return found


def prepare(made: Variant) -> Prepared:
    """Train a few steps in wasmtime, keep the memory, and choose how often each kernel runs."""
    engine = wasmtime.Engine(configuration(wasmtime))
    store = wasmtime.Store(engine)
    exports = _instance(engine, store, made.module)
    peak = _instance(engine, store, peak_module())["peak"]
    memory = exports["memory"]
    memory.write(store, made.artifact.genesis, made.state_at)
    memory.write(store, made.artifact.dataset, made.dataset_at)
    exports["seed"](store, *(int.from_bytes(ZERO_SEED[:8]) for _ in range(4)))
    exports[STEP](store, WARM_STEPS)
    image = bytes(memory.read(store, 0, memory.data_len(store)))

    def run(name: str, times: int) -> float:
        memory.write(store, image, 0)
        exports[name](store, 1)  # bring its data into the cache
        memory.write(store, image, 0)
        started = time.perf_counter()
        exports[name](store, times)
        return (time.perf_counter() - started) / times

    def times(name: str) -> int:
        return max(1, min(MAX_TIMES, int(TARGET_SECONDS / run(name, 5))))

    chosen = {part.export: times(part.export) for part in made.parts}

    def rounds(count: int) -> Samples:
        samples: Samples = {"peak": [], **{name: [] for name in chosen}}
        for _ in range(count):
            started = time.perf_counter()
            peak(store, PEAK_ROUNDS)
            samples["peak"].append((time.perf_counter() - started) * 1e3 / PEAK_ROUNDS)
            for name, often in chosen.items():
                samples[name].append(run(name, often) * 1e3)
        return samples

    return Prepared(made, image, chosen, rounds)


def time_in_node(prepared: Prepared, rounds: int) -> Samples:
    """Run the same rounds in V8."""
    node = shutil.which("node")
    if node is None:
        raise SystemExit("kernels: node expected on PATH")
    with tempfile.TemporaryDirectory() as folder:
        files = {
            "module": prepared.variant.module,
            "image": prepared.image,
            "peak": peak_module(),
        }
        for name, content in files.items():
            (Path(folder) / name).write_bytes(content)
        job = Path(folder) / "job.json"
        parts = [{"name": name, "times": often} for name, often in prepared.times.items()]
        paths = {name: f"{folder}/{name}" for name in files}
        sizes = {"peakRounds": PEAK_ROUNDS, "rounds": rounds, "warmup": 8}
        job.write_text(json.dumps({**paths, **sizes, "parts": parts}))
        done = subprocess.run([node, DRIVER, job], capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"kernels: node failed: {done.stderr.strip()[-300:]}")
    samples: Samples = json.loads(done.stdout)
    return samples


def report(parts: list[Part], samples: Samples) -> list[dict[str, Any]]:
    """Return one row per part: name, label, best and median ms, GFLOP/s at best, share of all."""
    kernels = [part.export for part in parts if part.export != STEP]
    total = sum(min(samples[name]) for name in kernels)
    peak = PEAK_FLOPS / min(samples["peak"]) / 1e6
    rows = []
    for part in parts:
        ms = sorted(samples[part.export])
        speed = part.flops / ms[0] / 1e6
        rows.append(
            {
                "name": part.export,
                "label": part.label,
                "ms_best": round(ms[0], 5),
                "ms_median": round(ms[len(ms) // 2], 5),
                "gflops": round(speed, 2),
                "of_peak": round(speed / peak, 3),
                "share": round((ms[0] if part.export != STEP else total) / total, 3),
            }
        )
    return rows


def table(title: str, prepared: Prepared, samples: Samples) -> Table:
    """Return the rows of one engine as a table."""
    rows = report(prepared.variant.parts, samples)
    made = Table(title=title, title_justify="left")
    made.add_column("kernel")
    for name in ("ms best", "ms median", "GFLOP/s", "of peak", "share"):
        made.add_column(name, justify="right")
    made.add_column("what")
    for row in rows:
        flops = row["gflops"] > 0
        made.add_row(
            row["name"],
            f"{row['ms_best']:.5f}",
            f"{row['ms_median']:.5f}",
            f"{row['gflops']:.1f}" if flops else "",
            f"{row['of_peak']:.0%}" if flops else "",
            "" if row["name"] == STEP else f"{row['share']:.1%}",
            row["label"],
        )
    total = sum(row["ms_best"] for row in rows if row["name"] != STEP)
    peak = PEAK_FLOPS / min(samples["peak"]) / 1e6
    made.caption = f"sum of the kernels {total:.4f} ms; multiply-add peak {peak:.1f} GFLOP/s"
    made.caption_justify = "left"
    return made


def _instance(engine: Any, store: Any, module: bytes) -> Any:
    return wasmtime.Instance(store, wasmtime.Module(engine, module), []).exports(store)


if __name__ == "__main__":
    main(sys.argv[1:])
