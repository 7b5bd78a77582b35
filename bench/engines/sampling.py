"""Samples: as many steps as fill a sample's time are timed together, whatever the engine."""

import time
from collections.abc import Callable

SAMPLE_MS = 0.5
"""Long beside a call from Python (12 us), short beside a busy machine's time slices (3 ms)."""
WARM_SECONDS = 0.05


def steps_per_sample(step_ms: float) -> int:
    """Return how many steps of so many milliseconds fill a sample."""
    return max(1, round(SAMPLE_MS / step_ms))


def sample(run: Callable[[int], object], seconds: float) -> list[float]:
    """Return milliseconds per step of `run(steps)`, warmed up, for about `seconds`."""
    step_ms, started = float("inf"), time.perf_counter()
    while time.perf_counter() - started < WARM_SECONDS:
        step_ms = min(step_ms, _timed(run, 1))
    steps = steps_per_sample(step_ms)
    samples: list[float] = []
    started = time.perf_counter()
    while not samples or time.perf_counter() - started < seconds:
        samples.append(_timed(run, steps))
    return samples


def _timed(run: Callable[[int], object], steps: int) -> float:
    started = time.perf_counter()
    run(steps)
    return (time.perf_counter() - started) * 1e3 / steps
