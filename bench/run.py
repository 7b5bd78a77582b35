"""Time Delea beside PyTorch: `make bench`, or `make bench ARGS="--rounds 20 --only mlp"`.

All engines start from the same weights and data. Their first losses are compared, then rounds
alternate between them, so that a busy machine slows all alike. Results go to `bench/results`:
latest.json (milliseconds per step), peak.json (matrix products beside the peak), building.json and
sizes.json (what comes before the first step), suites.json (with --suites), latest.png and
latest.txt (all as tables).
"""

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterable
from dataclasses import asdict, replace
from pathlib import Path

from building import Figure, Size, figures, programs
from engines import CHROMIUM, ENGINES, OTHERS, TORCH
from engines.peers import ONNX
from inferring import measure_inference
from memory import torch_bytes
from multiplying import SIZES, Peak, measure_matmul
from report import (
    WIDTH,
    against_table,
    building_table,
    peaks_table,
    plot,
    sizes_table,
    steps_table,
    suites_table,
    write_json,
    write_tables,
)
from rich.console import Console
from steps import Row, as_json, measure
from suites import time_suites
from workloads import WORKLOADS
from workloads.arrays import SOURCES

from delea.errors import DeleaError

RESULTS = Path(__file__).resolve().parent / "results"
ROUND_SECONDS = 0.3
REPEATS = 5
CALM = 1.0
"""The 1-minute load above which other programs slow the engines, and not all alike."""
INTERRUPTED = 130
NAMES = [*WORKLOADS, *SIZES, *ENGINES, *OTHERS, ONNX]
Progress = Callable[[str], None]


def options(arguments: list[str]) -> argparse.Namespace:
    """Return the parsed command line."""
    parser = argparse.ArgumentParser(description="Time Delea beside PyTorch.")
    parser.add_argument("--rounds", type=int, default=10, help="per engine (default: 10)")
    parser.add_argument(
        "--only",
        action="append",
        default=[],
        choices=NAMES,
        metavar="NAME",
        help=f"only this workload or engine, repeatable: {', '.join(NAMES)}",
    )
    parser.add_argument("--peers", action="store_true", help="also other engines in Chromium")
    parser.add_argument("--json", action="store_true", help="print latest.json's list only")
    parser.add_argument("--suites", action="store_true", help="also time the demo and the tests")
    parser.add_argument("--results", type=Path, default=RESULTS, help="where files are written")
    parsed = parser.parse_args(arguments)
    if parsed.rounds < 1:
        parser.error(f"at least one round expected, got {parsed.rounds}")
    return parsed


def main(arguments: list[str]) -> int:
    """Measure, write, print; return the exit code."""
    chosen = options(arguments)
    err = Console(stderr=True)
    try:
        with err.status("starting") as status:
            run(chosen, progress_to(err, status.update))
    except KeyboardInterrupt:
        print("bench: interrupted", file=sys.stderr)
        return INTERRUPTED
    except DeleaError as fault:
        print(f"bench: {fault}", file=sys.stderr)
        return 1
    return 0


def progress_to(err: Console, update: Progress) -> Progress:
    """Return what tells of progress: a live line in a terminal, else plain lines."""
    if err.is_terminal:
        return update
    return lambda text: print(f"bench: {text}", file=sys.stderr)


def run(chosen: argparse.Namespace, progress: Progress) -> None:
    """Measure what was asked for."""
    load = round(os.getloadavg()[0], 2)
    out = Console(quiet=chosen.json, width=None if sys.stdout.isatty() else WIDTH)
    rows = time_steps(chosen, load, progress)
    products, peaks = time_products(chosen, load, progress)
    rows += products + time_inference(chosen, load, progress)
    write_json(chosen.results / "latest.json", as_json(rows))
    tables = [steps_table(rows)]
    if chosen.peers:
        tables.append(against_table(rows))
    if peaks:
        write_json(chosen.results / "peak.json", [asdict(peak) for peak in peaks])
        tables.append(peaks_table(peaks))
    if any(row.engine == TORCH for row in rows):
        plot(rows, chosen.results / "latest.png")
    before, sizes = time_building(chosen, load, progress)
    write_json(chosen.results / "building.json", [asdict(row) for row in before])
    write_json(chosen.results / "sizes.json", [asdict(size) for size in sizes])
    tables += [building_table(before), sizes_table(sizes)]
    if chosen.suites:
        suites = time_suites(load, progress)
        write_json(chosen.results / "suites.json", [asdict(suite) for suite in suites])
        tables.append(suites_table(suites))
    write_tables(chosen.results / "latest.txt", tables)
    out.print(*tables, sep="\n")
    out.print(f"written to {chosen.results}")
    if load > CALM:
        err = Console(stderr=True, soft_wrap=True)
        err.print(f"bench: the load was {load}: best times hold, medians want a calm machine")
    if chosen.json:
        print(json.dumps(as_json(rows)))


def chosen_workloads(chosen: argparse.Namespace, known: Iterable[str]) -> list[str]:
    """Return those asked for; all if no workload is."""
    asked = {*WORKLOADS, *SIZES}.intersection(chosen.only)
    return [name for name in known if name in asked or not asked]


def chosen_engines(chosen: argparse.Namespace) -> list[str]:
    """Return the engines asked for, all if none is."""
    known = ENGINES | OTHERS if chosen.peers else ENGINES
    return [name for name in known if name in chosen.only] or list(known)


def time_steps(chosen: argparse.Namespace, load: float, progress: Progress) -> list[Row]:
    """Return the rows of every chosen workload and engine."""
    rows = []
    for workload in chosen_workloads(chosen, WORKLOADS):
        rows += measure(
            workload,
            [name for name in chosen_engines(chosen) if name not in OTHERS or workload in SOURCES],
            rounds=chosen.rounds,
            seconds=ROUND_SECONDS,
            load=load,
            progress=progress,
        )
        write_json(chosen.results / "latest.json", as_json(rows))  # a long run may be cut short
    return rows


def time_products(
    chosen: argparse.Namespace, load: float, progress: Progress
) -> tuple[list[Row], list[Peak]]:
    """Return the rows and the peaks of every chosen size of matrix."""
    rows, peaks = [], []
    for name in chosen_workloads(chosen, SIZES):
        engines = chosen_engines(chosen)
        found, parts = measure_matmul(
            name, engines, rounds=chosen.rounds, load=load, progress=progress
        )
        rows += found
        peaks += parts
    return rows, peaks


def time_inference(chosen: argparse.Namespace, load: float, progress: Progress) -> list[Row]:
    """Return the rows of inference in Chromium, if peers are asked for."""
    if not chosen.peers:
        return []
    asked = {*ENGINES, *OTHERS, ONNX}.intersection(chosen.only)
    engines = [name for name in (CHROMIUM, *OTHERS, ONNX) if name in asked or not asked]
    rows = []
    for workload in chosen_workloads(chosen, SOURCES):
        rows += measure_inference(workload, engines, load=load, progress=progress)
    return rows


def time_building(
    chosen: argparse.Namespace, load: float, progress: Progress
) -> tuple[list[Figure], list[Size]]:
    """Return the figures and sizes of every program that is built."""
    rows, sizes = [], []
    for name, make in programs(chosen_workloads(chosen, WORKLOADS)).items():
        progress(f"{name}: compile, check, start")
        repeats, pages = min(chosen.rounds, REPEATS), CHROMIUM in chosen_engines(chosen)
        found, size = figures(name, make, load, repeats=repeats, pages=pages)
        rows += found
        if TORCH in chosen_engines(chosen) and name in WORKLOADS:
            size = replace(size, torch_bytes=torch_bytes(name))
        sizes.append(size)
    return rows, sizes


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
