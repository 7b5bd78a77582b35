"""Delea as a trainer or a verifier runs it: whole updates in the sandbox's child process."""

import time

from delea.artifact import ZERO_SEED, Artifact
from delea.runtime import Sandbox

UPDATE_STEPS = 100


class Sandboxed:
    """A sandbox; a sample is an update: state in, fresh instance, 100 steps, state and losses out.

    Starting the child is not part of it.
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
        state = self._sandbox.train(self._genesis, ZERO_SEED, UPDATE_STEPS).state
        samples: list[float] = []
        began = time.perf_counter()
        while not samples or time.perf_counter() - began < seconds:
            started = time.perf_counter()
            state = self._sandbox.train(state, ZERO_SEED, UPDATE_STEPS).state
            samples.append((time.perf_counter() - started) * 1e3 / UPDATE_STEPS)
        return samples

    def close(self) -> None:
        """End the child."""
        self._sandbox.close()
