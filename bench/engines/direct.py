"""Delea in wasmtime, in this process: the sandbox's settings and loop, without its pipes."""

import struct
from typing import Any

import wasmtime

from delea.artifact import ZERO_SEED, Artifact, read_manifest
from delea.runtime.child import LOOP, configuration
from engines.sampling import sample


class Direct:
    """A module's instance; the steps are looped over inside Wasm, as in the sandbox."""

    def __init__(self, artifact: Artifact) -> None:
        self._artifact = artifact
        self._regions = read_manifest(artifact.module).regions
        engine = wasmtime.Engine(configuration(wasmtime))
        self._store = wasmtime.Store(engine)
        module = wasmtime.Module(engine, artifact.module)
        self._exports = wasmtime.Instance(self._store, module, []).exports(self._store)
        loop = wasmtime.Module(engine, bytes(wasmtime.wat2wasm(LOOP)))
        steps: Any = self._exports["train_step"]
        self._loop: Any = wasmtime.Instance(self._store, loop, [steps]).exports(self._store)

    def losses(self, steps: int) -> list[float]:
        """Return the losses of the first steps."""
        self._restart()
        done = self._loop["run"](self._store, steps)
        return list(struct.unpack(f"<{done}f", self._loop["losses"].read(self._store, 0, 4 * done)))

    def round(self, seconds: float) -> list[float]:
        """Return samples in milliseconds per step."""
        self._restart()
        return sample(lambda steps: self._loop["run"](self._store, steps), seconds)

    def close(self) -> None:
        """Give the memory back."""
        self._store.close()

    def _restart(self) -> None:
        exports: Any = self._exports
        exports["memory"].write(self._store, self._artifact.genesis, self._regions.state.offset)
        exports["memory"].write(self._store, self._artifact.dataset, self._regions.dataset.offset)
        exports["seed"](self._store, *struct.unpack("<4q", ZERO_SEED))
