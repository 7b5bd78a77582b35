"""Profile a training step: milliseconds, GFLOP/s and share of every kernel, in wasmtime and V8.

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
import sys
from pathlib import Path
from typing import Any

from profiler import TIMERS, Prepared, Samples
from rich.console import Console
from rich.table import Table
from variant import PEAK_FLOPS, STEP, Part, variant
from workloads import WORKLOADS

from delea.nn import Program


def main(arguments: list[str]) -> None:
    """Time the kernels of one program and print them."""
    parser = argparse.ArgumentParser(description="Time every kernel of a training step.")
    parser.add_argument("program", help=f"one of {', '.join(WORKLOADS)}, or a file with `program`")
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--wat", type=Path, help="also write the module's text to this file")
    parser.add_argument("--engine", choices=(*TIMERS, "both"), default="both")
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
    for engine in ("wasmtime", "node") if options.engine == "both" else (options.engine,):
        with err.status(f"timing in {engine}"):
            results[engine] = TIMERS[engine](prepared, options.rounds)
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


def report(parts: list[Part], samples: Samples) -> list[dict[str, Any]]:
    """Return one row per part: name, label, best and median ms, GFLOP/s at best, share of all."""
    kernels = [part.export for part in parts if part.export != STEP]
    total = sum(min(samples[name]) for name in kernels)
    peak = PEAK_FLOPS / min(samples["peak"]) / 1e6
    rows = []
    for part in parts:
        ms = sorted(samples[part.export])
        speed = part.flops / ms[0] / 1e6 if ms[0] else 0.0  # shorter than a page's clock ticks
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
