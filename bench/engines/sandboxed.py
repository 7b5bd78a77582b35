"""Delea as a trainer or a verifier runs it: whole updates in the sandbox's child process."""

import time

from delea.artifact import ZERO_SEED, Artifact
from delea.runtime import Sandbox

UPDATE_STEPS, UPDATE_SECONDS, FIRST_STEPS = 100, 0.5, 3


class Sandboxed:
    """A sandbox; a sample is an update: state in, fresh instance, steps, state and losses out.

    An update has 100 steps, or as many as take half a second. Starting the child is not part of it.
    """

    def __init__(self, artifact: Artifact) -> None:
        self._genesis = artifact.genesis
        self._sandbox = Sandbox(artifact.module)
        self._sandbox.load_dataset(artifact.dataset)

    def losses(self, steps: int) -> list[float]:
        """Return the losses of the first steps."""
        return list(self._sandbox.train(self._genesis, ZERO_SEED, steps).losses)

    def round(self, seconds: float) -> list[float]:
        """Return samples in milliseconds per step."""
        first, state = self._update(self._genesis, FIRST_STEPS)
        steps = max(1, min(UPDATE_STEPS, round(UPDATE_SECONDS * 1e3 / first)))
        samples: list[float] = []
        began = time.perf_counter()
        while not samples or time.perf_counter() - began < seconds:
            ms, state = self._update(state, steps)
            samples.append(ms)
        return samples

    def _update(self, state: bytes, steps: int) -> tuple[float, bytes]:
        """Return milliseconds per step, and the state after."""
        started = time.perf_counter()
        state = self._sandbox.train(state, ZERO_SEED, steps).state
        return (time.perf_counter() - started) * 1e3 / steps, state

    def close(self) -> None:
        """End the child."""
        self._sandbox.close()
