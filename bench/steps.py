"""Milliseconds per training step: every engine's first losses agree, then rounds alternate."""

import contextlib
import struct
from collections.abc import Callable
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

from engines import ENGINES, OTHERS, TORCH, Engine
from workloads import WORKLOADS

from delea.compiler import build

CHECKED_STEPS = 5
OWN = "delea-"
TOLERANCE = 1e-4
"""What others' losses may differ by, relatively: they add in another order."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of results; the ratio is of medians, None without PyTorch."""

    workload: str
    engine: str
    ms_median: float
    ms_best: float
    ratio_to_torch: float | None
    load: float


def measure(
    workload: str,
    engines: list[str],
    *,
    rounds: int,
    seconds: float,
    load: float,
    progress: Callable[[str], None],
) -> list[Row]:
    """Time the engines on a workload; `progress` hears of each round before it is run."""
    artifact = build(WORKLOADS[workload].program())
    with contextlib.ExitStack() as stack:
        started: dict[str, Engine] = {}
        for name in engines:
            progress(f"{workload}: {name} starts")
            started[name] = (ENGINES | OTHERS)[name](WORKLOADS[workload], artifact)
            stack.callback(started[name].close)
        check_losses(workload, {name: e.losses(CHECKED_STEPS) for name, e in started.items()})
        samples: dict[str, list[float]] = {name: [] for name in engines}
        for number in range(rounds):
            for name, engine in started.items():
                progress(f"{workload}: {name}, round {number + 1} of {rounds}")
                samples[name] += engine.round(seconds)
    return rows_of(workload, samples, load)


def check_losses(workload: str, losses: dict[str, list[float]]) -> None:
    """Stop unless Delea's engines give the same bits and the others the same numbers.

    Raises:
        SystemExit: they differ; one line says where.
    """
    own = {name: values for name, values in losses.items() if name.startswith(OWN)}
    if not own:
        return
    first, expected = next(iter(own.items()))
    for name, values in own.items():
        for step, (a, b) in enumerate(zip(expected, values, strict=True)):
            if struct.pack("<f", a) != struct.pack("<f", b):
                raise SystemExit(
                    f"bench: {workload}: the loss of step {step + 1} is {a!r} in {first}"
                    f" and {b!r} in {name}, the same bits expected"
                )
    others = {name: values for name, values in losses.items() if name not in own}
    for name, values in others.items():
        for step, (a, b) in enumerate(zip(expected, values, strict=True)):
            if not abs(a - b) <= TOLERANCE * abs(b):
                raise SystemExit(
                    f"bench: {workload}: the loss of step {step + 1} is {a!r} in {first} and {b!r}"
                    f" in {name}, at most {TOLERANCE} apart expected"
                )


def rows_of(workload: str, samples: dict[str, list[float]], load: float) -> list[Row]:
    """Return a row per engine from its samples."""
    torch = median(samples[TORCH]) if TORCH in samples else None
    return [
        Row(
            workload,
            engine,
            round(median(ms), 5),
            round(min(ms), 5),
            None if torch is None else round(median(ms) / torch, 4),
            load,
        )
        for engine, ms in samples.items()
    ]


def as_json(rows: list[Row]) -> list[dict[str, Any]]:
    """Return the rows as they are written."""
    return [asdict(row) for row in rows]
