"""The memory plan: regions at fixed places, and scratch shared by what does not live together."""

from dataclasses import dataclass

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
    offsets: dict[Buffer, int] = {}
    for buffer, begins in first.items():
        size = _round(4 * buffer.elements)
        rivals = sorted(
            (offsets[other], _round(4 * other.elements))
            for other in offsets
            if first[other] <= last[buffer] and begins <= last[other]
        )
        at = 0
        for start, length in rivals:
            if at + size <= start:
                break
            at = max(at, start + length)
        offsets[buffer] = at
    end = max((at + _round(4 * buffer.elements) for buffer, at in offsets.items()), default=0)
    return offsets, end


def _after(region: Region) -> int:
    return _round(region.offset + region.length)


def _round(size: int) -> int:
    return -(-size // ALIGN) * ALIGN
