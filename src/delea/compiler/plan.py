"""The memory plan: regions at fixed places, and scratch shared by what does not live together."""

from bisect import bisect
from dataclasses import dataclass, field

from delea.artifact import STATE_HEADER, Field, Region, Regions, StateTensor
from delea.compiler.kernel import Buffer, Kernel

ALIGN = 64
PAGE = 65536
ZEROS = ALIGN
"""Where 64 bytes of -0.0 lie: the start of a matmul's accumulators that has no bias."""

SLACK = 256
"""Bytes after the last region that a vector may read past its end."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """What the fixed regions must hold."""

    tensors: tuple[StateTensor, ...]
    input: Field
    target: Field
    output: Field
    infer_batch: int
    dataset_bytes: int


def plan_regions(sizes: Sizes, scratch_bytes: int) -> Regions:
    """Return where each region lies; the state's first tensor is aligned, not its header."""
    state_bytes = STATE_HEADER + sum(tensor.byte_length for tensor in sizes.tensors)
    state = Region(2 * ALIGN + ALIGN - STATE_HEADER % ALIGN, state_bytes)
    dataset = Region(_after(state), sizes.dataset_bytes)
    input_ = Region(_after(dataset), sizes.infer_batch * sizes.input.byte_length)
    output = Region(_after(input_), sizes.infer_batch * sizes.output.byte_length)
    return Regions(state, dataset, input_, output, Region(_after(output), scratch_bytes))


def pages(regions: Regions) -> int:
    """Return the memory's pages: everything, and what vectors may read past it."""
    end = regions.scratch.offset + regions.scratch.length + SLACK
    return -(-end // PAGE)


def plan_scratch(
    kernels: list[Kernel], fixed: set[Buffer], given: list[Buffer], kept: set[Buffer]
) -> tuple[dict[Buffer, int], int]:
    """Return scratch offsets for every buffer that is not `fixed`, and the bytes they need.

    A buffer lives from its first kernel to its last; those `given` are there before the first
    kernel, those `kept` are read after the last. First fit, in order of first use.
    """
    first: dict[Buffer, int] = dict.fromkeys(given, -1)
    last: dict[Buffer, int] = dict.fromkeys(given, 0)
    for index, kernel in enumerate(kernels):
        for buffer in [*kernel.reads(), *kernel.writes()]:
            if buffer not in fixed:
                first.setdefault(buffer, index)
                last[buffer] = len(kernels) if buffer in kept else index
    ends: dict[int, list[Buffer]] = {}
    for buffer, index in last.items():
        ends.setdefault(index, []).append(buffer)
    offsets: dict[Buffer, int] = {}
    free, now = _Free(), -1
    for buffer, begins in first.items():
        for index in range(now, begins):
            for gone in ends.get(index, []):
                free.give(offsets[gone], _round(4 * gone.elements))
        now = max(now, begins)
        offsets[buffer] = free.take(_round(4 * buffer.elements))
    return offsets, free.end


@dataclass(slots=True)
class _Free:
    """The gaps between what is taken, as (start, end), ascending, and the end of it all."""

    gaps: list[tuple[int, int]] = field(default_factory=list)
    end: int = 0

    def take(self, size: int) -> int:
        """Return the start of the first gap of at least `size` bytes, now taken."""
        for i, (start, end) in enumerate(self.gaps):
            if end - start >= size:
                self.gaps[i : i + 1] = [(start + size, end)] if end - start > size else []
                return start
        start = self.end
        if self.gaps and self.gaps[-1][1] == start:  # the last gap, made longer
            start = self.gaps.pop()[0]
        self.end = start + size
        return start

    def give(self, start: int, size: int) -> None:
        """Add a gap, made one with those it touches."""
        end = start + size
        at = bisect(self.gaps, (start, end))
        if at < len(self.gaps) and self.gaps[at][0] == end:
            end = self.gaps.pop(at)[1]
        if at and self.gaps[at - 1][1] == start:
            start = self.gaps.pop(at - 1)[0]
            at -= 1
        self.gaps.insert(at, (start, end))


def _after(region: Region) -> int:
    return _round(region.offset + region.length)


def _round(size: int) -> int:
    return -(-size // ALIGN) * ALIGN
