"""Where the time of a creator's model goes: every kernel timed, beside the whole as it ships."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from math import ceil
from statistics import median
from typing import Any

from delea.artifact import (
    DATASET_HEADER,
    GRAPH_SECTION,
    Artifact,
    Manifest,
    Region,
    read_dataset,
    read_manifest,
)
from delea.artifact.wasm import CUSTOM, read_sections
from delea.compiler import Instrumented, Part, instrument, read_definition, rebuild
from delea.compiler.cost import Cost
from delea.errors import MalformedError, UsageError
from delea.roles.apart import ChildLimits, ask
from delea.runtime import DEFAULT_LIMITS, Timed, time_parts

STAGES = {"train": "train", "infer": "infer", "infer-one": "infer_one", "evaluate": "evaluate"}
"""What can be profiled, and the graph that does it."""

PROBES = 5
"""How often the peak is looked for in each round; the best counts, as it is what can be reached."""

COMPILING = ChildLimits(cpu_seconds=20)
"""What compiling the graph may use: twice the CPU of an audit, as it is compiled twice."""

SECONDS = 3600.0
"""What a profile may take; it is the user's own and Ctrl-C ends it."""


@dataclass(frozen=True, slots=True)
class Timing:
    """Milliseconds of some work in each round, and what the work costs on any machine."""

    name: str
    calls: int
    rounds: tuple[float, ...]
    flops: int
    bytes_read: int
    bytes_written: int

    @property
    def ms(self) -> float:
        """The fastest round: the work is always the same, and what is beside it only adds."""
        return min(self.rounds)

    @property
    def ms_median(self) -> float:
        """The median of the rounds."""
        return median(self.rounds)

    @property
    def gflops(self) -> float:
        """Float operations per nanosecond of the fastest round; 0 if no clock could tell it."""
        return self.flops / self.ms / 1e6 if self.ms else 0.0

    @property
    def gigabytes_per_second(self) -> float:
        """Bytes read and written per nanosecond of the fastest round; 0 if no clock could tell."""
        return (self.bytes_read + self.bytes_written) / self.ms / 1e6 if self.ms else 0.0


@dataclass(frozen=True, slots=True)
class Profile:
    """One step, or one call of another function of the module.

    `whole` is the work as it ships, no clock inside; `kernels` its parts by falling time, calls of
    one name together; `total` their sum; `peak` a multiply-add loop that waits for
    nothing. Not `is_rebuilt`: the module is another one than its graph compiles to, and what was
    profiled is the graph.
    """

    rows: int
    whole: Timing
    kernels: tuple[Timing, ...]
    total: Timing
    peak: Timing
    is_rebuilt: bool


def profile(
    artifact: Artifact, what: str, *, rounds: int, on_round: Callable[[int], None] | None = None
) -> Profile:
    """Compile the graph inside a module again, instrumented, and time it on the artifact's data.

    Raises:
        UsageError: `what` is none of `STAGES`.
        MalformedError: the module carries no graph, as one of another toolchain's.
        SandboxError: its graph takes more than `COMPILING` to compile.
        RefusedError: the graph is not legal, the artifact does not hold together, or it diverges.
    """
    if what not in STAGES:
        raise UsageError(f"one of {', '.join(STAGES)} expected, got {what}")
    stage, manifest = STAGES[what], read_manifest(artifact.module)
    asked = artifact.module, stage.encode()
    told, module = ask(answer, *asked, what="compiling a graph", limits=COMPILING)
    made, is_rebuilt = _told(json.loads(told), module)
    rows, batches = _rows(artifact, manifest, stage)
    samples = time_parts(
        made.module,
        parts_of(made),
        artifact.dataset,
        artifact.genesis,
        _inputs(artifact, manifest, rows) if stage.startswith("infer") else b"",
        rounds,
        limits=replace(DEFAULT_LIMITS, seconds=SECONDS),
        on_round=on_round,
    )
    return summary(made, samples, rows, batches=batches, is_rebuilt=is_rebuilt)


def parts_of(made: Instrumented) -> list[Timed]:
    """Return what is timed in each round, in the order that `summary` takes."""
    parts = (made.whole, *[made.peak] * PROBES, *made.calls)
    return [Timed(part.export, part.changed) for part in parts]


def summary(
    made: Instrumented,
    samples: Iterable[Sequence[float]],
    rows: int,
    *,
    batches: int = 1,
    is_rebuilt: bool = True,
) -> Profile:
    """Return the profile that milliseconds of the parts in each round come to.

    The work is for so many rows, in so many batches; the parts are those of one batch.
    """
    whole, *columns = zip(*samples, strict=True)
    probes, calls = columns[:PROBES], columns[PROBES:]
    kernels = group(made.calls, calls, batches)
    return Profile(
        rows=rows,
        whole=_sum(made.whole.name, kernels, rounds=whole),
        kernels=tuple(kernels),
        total=_sum("all kernels", kernels, rounds=[sum(kernel.ms for kernel in kernels)]),
        peak=timing(made.peak, [min(found) for found in zip(*probes, strict=True)]),
        is_rebuilt=is_rebuilt,
    )


def timing(part: Part, rounds: Sequence[float]) -> Timing:
    """Return one part with its milliseconds in each round."""
    cost = part.cost
    return Timing(part.name, 1, tuple(rounds), cost.flops, cost.bytes_read, cost.bytes_written)


def group(
    parts: Iterable[Part], samples: Iterable[Sequence[float]], times: int = 1
) -> list[Timing]:
    """Return parts with their milliseconds by falling time; those of one name are one.

    Every part is run `times` times in the work.
    """
    named: dict[str, list[Timing]] = {}
    for part, rounds in zip(parts, samples, strict=True):
        named.setdefault(part.name, []).extend([timing(part, rounds)] * times)
    return sorted((_sum(name, found) for name, found in named.items()), key=lambda t: -t.ms)


def _sum(name: str, parts: Sequence[Timing], rounds: Sequence[float] = ()) -> Timing:
    """Return parts as one, round by round, unless `rounds` says what they take together."""
    return Timing(
        name,
        sum(part.calls for part in parts),
        tuple(rounds or map(sum, zip(*(part.rounds for part in parts), strict=True))),
        sum(part.flops for part in parts),
        sum(part.bytes_read for part in parts),
        sum(part.bytes_written for part in parts),
    )


def answer(module: bytes, stage: bytes) -> tuple[bytes, bytes]:
    """Return what `profile` needs of a module's graph, and it instrumented. Asked in a child."""
    is_rebuilt = _rebuild(module)
    made = instrument(read_definition(module), stage.decode())
    parts = [asdict(part) for part in (made.whole, made.peak, *made.calls)]
    return json.dumps({"is_rebuilt": is_rebuilt, "parts": parts}).encode(), made.module


def _told(told: Mapping[str, Any], module: bytes) -> tuple[Instrumented, bool]:
    """Return what `answer` has found: the parts of a module, and whether it is rebuilt."""
    whole, peak, *calls = (
        Part(
            part["export"],
            part["name"],
            Cost(**part["cost"]),
            tuple(Region(**place) for place in part["changed"]),
        )
        for part in told["parts"]
    )
    return Instrumented(module, whole, peak, tuple(calls)), told["is_rebuilt"]


def _rebuild(module: bytes) -> bool:
    """Return whether a module is what its graph compiles to; raise if it carries none."""
    sections = [part.name for part in read_sections(module) if part.id == CUSTOM]
    if GRAPH_SECTION not in sections:
        raise MalformedError(
            "a module that carries its graph expected, as delea build makes; got another's"
        )
    return rebuild(module) == module


def _rows(artifact: Artifact, manifest: Manifest, stage: str) -> tuple[int, int]:
    """Return how many rows the work is for, and in how many batches it takes them."""
    if stage == "evaluate":
        info = read_dataset(artifact.dataset, manifest)
        rows = info.test_rows or info.train_rows
        return rows, ceil(rows / manifest.infer_batch)
    return {"train": manifest.batch, "infer_one": 1}.get(stage, manifest.infer_batch), 1


def _inputs(artifact: Artifact, manifest: Manifest, rows: int) -> bytes:
    """Return so many rows of input: the dataset's first, and again from its first."""
    info, size = read_dataset(artifact.dataset, manifest), manifest.record_bytes
    starts = (DATASET_HEADER + size * (row % info.rows) for row in range(rows))
    return b"".join(artifact.dataset[at : at + manifest.input.byte_length] for at in starts)
