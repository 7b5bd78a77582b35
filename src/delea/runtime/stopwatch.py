"""The clock of the sandbox's child, read by it only when parts are to be timed.

Like the child it imports only the standard library. Drivers of other engines keep the same rules.
"""

import time
from typing import Any

SAMPLE_MS = 1.0
"""What one sample takes at least: a call from Python costs 0.01 ms."""

MAX_TIMES, MAX_TIMES_CHANGED = 1 << 20, 400
"""Runs of one sample, and of a part that goes on from its own result: powers of Adam's betas must
not underflow."""

WARM_STEPS, WARM_SECONDS = 20, 0.5
"""The whole is run so often before anything is timed, or for so long."""


class Stopwatch:
    """Times the exports of an instrumented module, which take how often to run a part.

    A part is a name and the spans of memory it reads and then overwrites. The first is the work as
    a whole, each round's start; the others follow in the order of the work, so that each finds in
    memory what the ones before left there.
    """

    def __init__(self, instance: Any, state: memoryview, parts: list[Any]) -> None:
        self._instance = instance
        self._state = state
        self._parts = parts
        self._times = [0] * len(parts)
        started, steps = time.perf_counter(), 0
        while steps < WARM_STEPS and time.perf_counter() - started < WARM_SECONDS:
            instance.call(parts[0][0], 1)
            steps += 1
        self._first = bytes(state)
        self.round()  # finds out how often to run each part for one sample

    def round(self) -> list[float]:
        """Return the milliseconds of one run of each part."""
        self._state[:] = self._first
        whole = self._part(0)
        self._state[:] = self._first
        return [whole, *map(self._part, range(1, len(self._parts)))]

    def _part(self, number: int) -> float:
        """Return the milliseconds of a part, and leave memory as one run of it does."""
        name, spans = self._parts[number]
        memory = self._instance.memory
        kept = [bytes(memory[at : at + length]) for at, length in spans]
        times = self._times[number] or 1
        ms = self._run(name, times)
        most = MAX_TIMES_CHANGED if spans else MAX_TIMES
        while not self._times[number]:
            if ms >= SAMPLE_MS or times == most:
                self._times[number] = times
            else:
                times = min(most, max(2 * times, int(times * SAMPLE_MS / ms)))
                ms = self._run(name, times)
        if kept and times > 1:
            for (at, length), content in zip(spans, kept, strict=True):
                memory[at : at + length] = content
            self._run(name, 1)
        return ms / times

    def _run(self, name: str, times: int) -> float:
        started = time.perf_counter()
        self._instance.call(name, times)
        return (time.perf_counter() - started) * 1e3
