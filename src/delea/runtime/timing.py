"""Time the parts of a module that was instrumented here, in a sandbox like any other."""

import json
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from delea.artifact import Manifest, Region, read_manifest
from delea.errors import MalformedError
from delea.runtime import child as wire
from delea.runtime.limits import DEFAULT_LIMITS, Limits
from delea.runtime.sandbox import MAX_STEPS, Sandbox, exactly

_F64_BYTES = 8


@dataclass(frozen=True, slots=True)
class Timed:
    """An export that takes how often to run a part of the work.

    The part reads and then overwrites the places `changed`: they are put back before it is run for
    the last time, so that the parts after it find what one run leaves.
    """

    export: str
    changed: tuple[Region, ...] = ()


class _Instrumented(Sandbox):
    """A sandbox for what this process compiled itself: it has more exports than are legal."""

    def _read(self, module: bytes) -> Manifest:
        return read_manifest(module)

    def time(
        self,
        parts: Sequence[Timed],
        state: bytes,
        inputs: bytes,
        rounds: int,
        on_round: Callable[[int], None] | None,
    ) -> list[tuple[float, ...]]:
        self._check_inputs(state, needs_dataset=True)
        spans = [[[at.offset, at.length] for at in part.changed] for part in parts]
        names = [part.export for part in parts]
        plan = {"rounds": rounds, "parts": list(zip(names, spans, strict=True))}
        text = json.dumps(plan).encode()
        head = wire.TIME_HEAD.pack(len(text), len(inputs))
        length = _F64_BYTES * len(parts)
        found = []
        with self._asking(wire.TIME, (head, text, state, inputs)):
            for number in range(rounds):
                _, answer = self._child.answer({wire.TIMES: length})
                found.append(struct.unpack(f"<{len(parts)}d", exactly(answer, length)))
                if on_round is not None:
                    on_round(number + 1)
        return found


def time_parts(
    module: bytes,
    parts: Sequence[Timed],
    dataset: bytes,
    state: bytes,
    inputs: bytes,
    rounds: int,
    *,
    limits: Limits = DEFAULT_LIMITS,
    on_round: Callable[[int], None] | None = None,
) -> list[tuple[float, ...]]:
    """Return, for each round, the milliseconds of one run of each part.

    The first part is all of the work; the others are run in their order, each as often as fills a
    millisecond, and so with warm data if it is short. `inputs` are rows that fill the input region
    at most. A module of somebody else's must not come here: its structure is not checked.

    Raises:
        MalformedError, DatasetError, DivergedError: the files do not fit the module.
        SandboxError: a part traps, or breaks a limit.
    """
    if not 1 <= rounds <= MAX_STEPS:
        raise MalformedError(f"1 to {MAX_STEPS} rounds expected, got {rounds}")
    with _Instrumented(module, limits=limits) as sandbox:
        most = sandbox.manifest.regions.input.length
        if len(inputs) > most:
            raise MalformedError(f"at most {most} bytes of inputs expected, got {len(inputs)}")
        sandbox.load_dataset(dataset)
        return sandbox.time(parts, state, inputs, rounds, on_round)
