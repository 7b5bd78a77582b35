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
import struct
import subprocess
import sys
import tempfile
import time
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


class Prepared:
    """A variant after its first steps in wasmtime: what both engines start from."""

    def __init__(self, made: Variant) -> None:
        self.variant = made
        engine = wasmtime.Engine(configuration(wasmtime))
        self._store = wasmtime.Store(engine)
        self._exports = self._instance(engine, made.module)
        self._peak = self._instance(engine, peak_module())["peak"]
        self._memory = self._exports["memory"]
        self._memory.write(self._store, made.artifact.genesis, made.state_at)
        self._memory.write(self._store, made.artifact.dataset, made.dataset_at)
        self._exports["seed"](self._store, *struct.unpack("<4q", ZERO_SEED))
        self._exports[STEP](self._store, WARM_STEPS)
        self.image = bytes(self._memory.read(self._store, 0, self._memory.data_len(self._store)))
        self.times = {part.export: self._choose_times(part.export) for part in made.parts}

    def rounds(self, count: int) -> Samples:
        """Time every part in each round."""
        samples: Samples = {"peak": [], **{name: [] for name in self.times}}
        for _ in range(count):
            started = time.perf_counter()
            self._peak(self._store, PEAK_ROUNDS)
            samples["peak"].append((time.perf_counter() - started) * 1e3 / PEAK_ROUNDS)
            for name, often in self.times.items():
                samples[name].append(self._run(name, often) * 1e3)
        return samples

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
        prepared = Prepared(made)
    if options.wat:
        options.wat.write_text(made.text)
    results: dict[str, Samples] = {}
    if options.engine != "node":
        with err.status("timing in wasmtime"):
            results["wasmtime"] = prepared.rounds(options.rounds)
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


if __name__ == "__main__":
    main(sys.argv[1:])
