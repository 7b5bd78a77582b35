"""The door to foreign modules: a checked module, compiled and run in a confined child process."""

import os
import struct
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from math import ceil, isfinite
from types import TracebackType
from typing import Self

import numpy as np

from delea.artifact import (
    ZERO_SEED,
    Manifest,
    check_state,
    read_dataset,
    seed_of,
    step_of,
)
from delea.errors import DatasetError, DivergedError, MalformedError, PolicyError, SandboxError
from delea.runtime import child as wire
from delea.runtime.limits import DEFAULT_LIMITS, Limits
from delea.runtime.policy import check_module
from delea.runtime.process import Child

MAX_STEPS = 1 << 32
_F32 = np.dtype("<f4")


MAX_ANSWER_BYTES = 1 << 30
"""The output rows of one inference together: a hostile module may name huge ones."""


@dataclass(frozen=True, slots=True)
class Trained:
    """What training gave: the state after the last step, and each step's loss if it was kept."""

    state: bytes
    losses: tuple[float, ...]


class Sandbox:
    """One child process with one module; each call's result depends on its arguments only.

    Use it as a context manager, from the thread that made it: the child dies with that thread.
    A call that breaks a limit ends the child; a trap or a divergence does not. A child that was
    started before, with limits of its own, is the sandbox's from then on, also if it is refused.
    """

    manifest: Manifest

    def __init__(
        self, module: bytes, *, limits: Limits = DEFAULT_LIMITS, child: Child | None = None
    ) -> None:
        self._has_dataset = False
        try:
            self.manifest = self._read(module)
            child = child or Child(limits)
            self._child, self._limits = child, child.limits
            setup = _setup(self.manifest, child.limits, child.dataset_file)
            start = child.limits.start_seconds
            with child.asking(wire.START, (setup, module), start, start):
                child.answer({wire.READY: 0})
        except BaseException:
            if child is not None:
                child.close()
            raise

    def _read(self, module: bytes) -> Manifest:
        """Return what a module says of itself; raise unless it may be run."""
        return check_module(module)

    @property
    def pid(self) -> int:
        """The child's process id."""
        return self._child.pid

    def load_dataset(self, dataset: bytes) -> None:
        """Check a dataset file and keep it for every later `train` and `evaluate`."""
        read_dataset(dataset, self.manifest)
        file = self._child.dataset_file
        if file < 0:
            raise SandboxError("an open sandbox expected, this one has been closed or stopped")
        self._has_dataset = False
        os.ftruncate(file, 0)
        view, at = memoryview(dataset), 0
        while at < len(view):
            at += os.pwrite(file, view[at:], at)
        self._has_dataset = True

    def train(
        self,
        state: bytes,
        seed: bytes,
        steps: int,
        *,
        on_step: Callable[[int, float], None] | None = None,
        keep_losses: bool = True,
    ) -> Trained:
        """Run `steps` training steps from `state`; `on_step` hears (steps done, loss) in batches.

        A loss that is kept takes 32 bytes of this process, and a step may be quick.

        Raises:
            DivergedError: a loss, the state before or the state after is not finite.
        """
        self._check_inputs(state, needs_dataset=True)
        if len(seed) != len(ZERO_SEED):
            raise MalformedError(f"a seed of {len(ZERO_SEED)} bytes expected, got {len(seed)}")
        if not 1 <= steps <= MAX_STEPS:
            raise MalformedError(f"1 to {MAX_STEPS} steps expected, got {steps}")
        losses = _Losses(steps, on_step, keep=keep_losses)
        longest = {wire.LOSSES: 4 * wire.MAX_BATCH, wire.STATE: len(state)}
        after = b""
        request = (wire.TRAIN_HEAD.pack(seed, steps), state)
        with self._asking(wire.TRAIN, request):
            while not after:
                kind, answer = self._child.answer(longest)
                if kind == wire.LOSSES:
                    losses.take(answer)
                else:
                    after = bytes(exactly(answer, len(state)))
                    losses.check_all_there()
        self._check_trained(state, seed, steps, losses, after)
        return Trained(after, tuple(losses.kept))

    def evaluate(self, state: bytes) -> float:
        """Return the mean loss over the test rows, or over the train rows if there are none."""
        self._check_inputs(state, needs_dataset=True)
        with self._asking(wire.EVALUATE, (state,)):
            _, answer = self._child.answer({wire.VALUE: 4})
            loss: float
            (loss,) = struct.unpack("<f", exactly(answer, 4))
        if not isfinite(loss):
            raise DivergedError(f"a finite loss of the evaluation expected, got {loss}")
        return loss

    def infer(self, state: bytes, inputs: bytes) -> bytes:
        """Return the output rows of any number of input rows; a NaN always has the same bits."""
        self._check_inputs(state, needs_dataset=False)
        rows, output = self.count_rows(inputs), self.manifest.output
        if not rows:
            return b""
        outputs = bytearray()
        longest = {wire.ROWS: self.manifest.infer_batch * output.byte_length}
        request = (rows.to_bytes(8, "little"), state, inputs)
        with self._asking(wire.INFER, request):
            for first in range(0, rows, self.manifest.infer_batch):
                _, answer = self._child.answer(longest)
                chunk = min(self.manifest.infer_batch, rows - first)
                outputs += exactly(answer, chunk * output.byte_length)
        if output.dtype == "f32":
            values = np.frombuffer(outputs, _F32)
            values[np.isnan(values)] = np.nan
        return bytes(outputs)

    def count_rows(self, inputs: bytes) -> int:
        """Return how many input rows these are; raise if they or their answers may not be asked."""
        row, answer = self.manifest.input.byte_length, self.manifest.output.byte_length
        rows, rest = divmod(len(inputs), row)
        if rest:
            raise MalformedError(f"rows of {row} bytes expected, got {len(inputs)} bytes")
        if rows * answer > MAX_ANSWER_BYTES:
            raise MalformedError(
                f"answers of at most {MAX_ANSWER_BYTES} bytes in all expected, {rows} rows make"
                f" {rows * answer}"
            )
        return rows

    def close(self) -> None:
        """End the child; harmless when done before."""
        self._child.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _asking(self, kind: int, request: Sequence[bytes]) -> AbstractContextManager[None]:
        limits = self._limits
        return self._child.asking(kind, request, limits.seconds, limits.step_seconds)

    def _check_inputs(self, state: bytes, *, needs_dataset: bool) -> None:
        check_state(state, self.manifest)
        check_finite(state, self.manifest)
        if needs_dataset and not self._has_dataset:
            raise DatasetError("a dataset loaded before training or evaluating expected, got none")

    def _check_trained(
        self, before: bytes, seed: bytes, steps: int, losses: "_Losses", after: bytes
    ) -> None:
        """Check what the child says against the interface, as far as a reader can."""
        if not losses.are_finite:
            raise DivergedError("finite losses expected, got a NaN or an infinity among them")
        if seed_of(after) != seed:
            raise PolicyError("a module that writes the seed into the state expected")
        if step_of(after) != step_of(before) + steps:
            raise PolicyError(
                f"a step counter of {step_of(before) + steps} expected, got {step_of(after)}"
            )
        check_finite(after, self.manifest)


def check_finite(state: bytes, manifest: Manifest) -> None:
    """Raise DivergedError if a tensor of `state` holds a NaN or an infinity."""
    for tensor in manifest.tensors:
        if tensor.dtype == "f32":
            count = tensor.byte_length // 4
            if not np.isfinite(np.frombuffer(state, _F32, count, tensor.offset)).all():
                raise DivergedError(f"a finite state expected, {tensor.name} holds a NaN or an inf")


class _Losses:
    """The losses of some steps as they come in batches: counted, judged, told, and kept or not."""

    def __init__(
        self, steps: int, on_step: Callable[[int, float], None] | None, *, keep: bool
    ) -> None:
        self.kept: list[float] = []
        self.are_finite = True
        self._steps, self._on_step, self._keep = steps, on_step, keep
        self._count = 0

    def take(self, answer: bytearray) -> None:
        """Take a batch; tell its losses one by one."""
        batch = np.frombuffer(exactly(answer, len(answer) // 4 * 4), _F32)
        first, self._count = self._count + 1, self._count + len(batch)
        if not len(batch) or self._count > self._steps:
            raise SandboxError(
                f"{self._steps} losses expected of the sandbox, got more or an empty batch"
            )
        self.are_finite &= bool(np.isfinite(batch).all())
        if self._keep:
            self.kept += batch.tolist()
        if self._on_step is not None:
            for step, loss in enumerate(batch.tolist(), first):
                self._on_step(step, loss)

    def check_all_there(self) -> None:
        """Raise SandboxError unless each step's loss has come."""
        if self._count != self._steps:
            raise SandboxError(f"{self._steps} losses expected of the sandbox, got {self._count}")


def exactly(answer: bytearray, length: int) -> bytearray:
    """Return an answer of so many bytes; raise SandboxError if it has others."""
    if len(answer) != length:
        raise SandboxError(f"{length} bytes expected of the sandbox, got {len(answer)}")
    return answer


def _setup(manifest: Manifest, limits: Limits, dataset_file: int) -> bytes:
    """Return what the child must know, packed for the wire."""
    regions = manifest.regions
    return wire.SETUP.pack(
        regions.state.offset,
        regions.state.length,
        regions.dataset.offset,
        regions.dataset.length,
        regions.input.offset,
        regions.output.offset,
        manifest.infer_batch,
        manifest.input.byte_length,
        manifest.output.byte_length,
        ceil(limits.seconds) + 1,
        dataset_file,
    )
