"""Results: files that appear whole, tables for a person, and a plot of the ratios."""

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from building import Figure, Size
from engines import CHROMIUM, OTHERS, TORCH
from engines.peers import ONNX
from multiplying import Peak
from rich.console import Console
from rich.table import Table
from steps import OWN, Row
from suites import Suite

WIDTH = 120


def write_json(path: Path, content: list[dict[str, Any]]) -> None:
    """Write a list, all of it or nothing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_suffix(".part")
    aside.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    os.replace(aside, path)  # noqa: PTH105 - pathlib's `replace` is the same


def write_tables(path: Path, tables: Sequence[Table]) -> None:
    """Write the tables as they are printed."""
    with path.open("w", encoding="utf-8") as file:
        Console(file=file, width=WIDTH).print(*tables, sep="\n")


def steps_table(rows: list[Row]) -> Table:
    """Return the engines' times, and their ratios to PyTorch by median and by best."""
    made = Table(title=f"Milliseconds per step, product or inference, load {rows[0].load}")
    made.title_justify = "left"
    for name in ("workload", "engine"):
        made.add_column(name)
    for name in ("best", "median", "to PyTorch (medians)", "(bests)"):
        made.add_column(name, justify="right")
    best = {row.workload: row.ms_best for row in rows if row.engine == TORCH}
    for row in rows:
        torch = best.get(row.workload)
        made.add_row(
            row.workload,
            row.engine,
            f"{row.ms_best:.4f}",
            f"{row.ms_median:.4f}",
            "" if row.ratio_to_torch is None else f"{row.ratio_to_torch:.2f}",
            "" if torch is None else f"{row.ms_best / torch:.2f}",
        )
    return made


def against_table(rows: list[Row]) -> Table:
    """Return Delea in Chromium beside the best of the others there."""
    made = Table(title="Milliseconds in Chromium, medians", title_justify="left")
    for name in ("workload", "Delea", "best other", "", "Delea to it"):
        made.add_column(name, justify="left" if name in ("workload", "best other") else "right")
    for own in (row for row in rows if row.engine == CHROMIUM):
        others = [
            row for row in rows if row.workload == own.workload and row.engine in (*OTHERS, ONNX)
        ]
        if others:
            best = min(others, key=lambda row: row.ms_median)
            ratio = own.ms_median / best.ms_median
            times = f"{own.ms_median:.4f}", best.engine, f"{best.ms_median:.4f}"
            made.add_row(own.workload, *times, f"{ratio:.3f}")
    return made


def peaks_table(peaks: list[Peak]) -> Table:
    """Return what part of the multiply-add peak the matrix products reach."""
    made = Table(title="Matrix products and the multiply-add peak", title_justify="left")
    for name in ("workload", "engine", "form"):
        made.add_column(name)
    for name in ("GFLOP/s", "peak", "of peak (bests)", "(median)"):
        made.add_column(name, justify="right")
    for row in peaks:
        speeds = f"{row.gflops:.1f}", f"{row.peak_gflops:.1f}"
        parts = f"{row.of_peak:.0%}", f"{row.of_peak_median:.0%}"
        made.add_row(row.workload, row.engine, row.form, *speeds, *parts)
    return made


def building_table(figures: list[Figure]) -> Table:
    """Return what comes before the first step."""
    made = Table(title="Milliseconds before the first step", title_justify="left")
    for name in ("program", "what"):
        made.add_column(name)
    for name in ("best", "median"):
        made.add_column(name, justify="right")
    for row in figures:
        made.add_row(row.program, row.what, f"{row.ms_best:.1f}", f"{row.ms_median:.1f}")
    return made


def sizes_table(sizes: list[Size]) -> Table:
    """Return the modules' kilobytes, and how their memory compares with PyTorch's."""
    made = Table(title="Module, in kB of 1,000 bytes", title_justify="left")
    made.add_column("program")
    for name in ("file", "gzip", "memory", "PyTorch's memory", "to it"):
        made.add_column(name, justify="right")
    for size in sizes:
        amounts = (size.module_bytes, size.gzip_bytes, size.memory_bytes, size.torch_bytes)
        columns = ["" if amount is None else f"{amount / 1000:,.1f}" for amount in amounts]
        ratio = f"{size.memory_bytes / size.torch_bytes:.2f}" if size.torch_bytes else ""
        made.add_row(size.program, *columns, ratio)
    return made


def suites_table(suites: Sequence[Suite]) -> Table:
    """Return the seconds of the demo and the tests."""
    made = Table(title="Seconds, set-up aside", title_justify="left")
    made.add_column("command")
    made.add_column("seconds", justify="right")
    made.add_column("exit code", justify="right")
    for suite in suites:
        made.add_row(suite.command, f"{suite.seconds:.1f}", str(suite.code))
    return made


def plot(rows: list[Row], path: Path) -> None:
    """Draw every engine's ratio to PyTorch, one group of bars per workload."""
    import matplotlib as mpl  # noqa: PLC0415 - half a second, only here

    mpl.use("agg")
    from matplotlib import pyplot as plt  # noqa: PLC0415

    known = [row for row in rows if row.ratio_to_torch is not None]
    figure, axes = plt.subplots(figsize=(7, 1 + 0.4 * len(known)), layout="constrained")
    for at, row in enumerate(known):
        own = row.engine.startswith(OWN)
        colour = "tab:blue" if own else "tab:gray" if row.engine == TORCH else "tab:orange"
        bar = axes.barh(at, row.ratio_to_torch or 0, color=colour)
        axes.bar_label(bar, [f" {row.ratio_to_torch:.2f}  ({row.ms_median:.3f} ms)"])
    axes.set_yticks(range(len(known)), [f"{row.workload}  {row.engine}" for row in known])
    axes.set_ylim(len(known) - 0.5, -0.5)
    axes.axvline(1, color="black", linewidth=0.8)
    axes.set_xlim(right=1.6 * max(row.ratio_to_torch or 0 for row in known))
    axes.set_title(f"load {rows[0].load}", loc="right", fontsize="small")
    axes.set_xlabel("time per training step, PyTorch on one thread = 1 (medians)")
    figure.savefig(path, dpi=120)
    plt.close(figure)
