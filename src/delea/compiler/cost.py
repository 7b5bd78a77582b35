"""What a kernel costs, whatever machine runs it: float operations, and bytes of its buffers.

A float operation is an addition, subtraction, multiplication, division, minimum, maximum, negation,
absolute value or root; comparisons, selections and moves are none; exp, tanh and the like are the
operations of their programs. A sum of n terms is n additions, for it starts from -0.0 or a bias. A
sparse matmul counts as a dense one. Bytes are those of the elements that are touched, each once in
a kernel, however often its loops come back to it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from math import prod

import numpy as np
from numpy.typing import NDArray

from delea.compiler.emit_value import ARITHMETIC
from delea.compiler.kernel import (
    Access,
    Buffer,
    Gather,
    Kernel,
    Loop,
    Matmul,
    Operand,
    Random,
    Runs,
    Scatter,
)
from delea.graph.ops import HEADER_WORDS

WORD = 4
Walk = tuple[int, Runs]
"""Elements of a buffer: the first, and (size, stride) along each axis."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Float operations of a kernel, and bytes that it reads and writes."""

    flops: int
    bytes_read: int
    bytes_written: int


def cost_of(kernel: Kernel) -> Cost:
    """Return what one run of a kernel costs."""
    read, written = _traffic(kernel)
    return Cost(flops_of(kernel), read, written)


def flops_of(kernel: Kernel) -> int:
    """Return the float operations of one run of a kernel."""
    match kernel:
        case Matmul():
            return 2 * prod(kernel.batch) * kernel.m * kernel.n * kernel.k
        case Scatter():
            return kernel.count * kernel.width
        case Gather() | Random():
            return 0
    inner, outer = _operations(kernel)
    return prod(kernel.space) * (prod(kernel.reduced) * inner + outer)


def _operations(loop: Loop) -> tuple[int, int]:
    """Return the operations of each term of a reduction, and those of each point of the space."""
    values, varies = loop.body.values, list[bool]()
    for value in values:
        if isinstance(value.detail, Access):
            moving = any(value.detail.strides[axis] for axis in loop.reduced_axes)
        else:
            moving = value.op == "index" and value.detail in loop.reduced_axes
        varies.append(moving or any(varies[argument] for argument in value.arguments))
    counted = [number for number in _live(loop) if values[number].op in ARITHMETIC]
    inner = sum(varies[number] for number in counted)
    return inner + len(loop.accumulators), len(counted) - inner


def _live(loop: Loop) -> set[int]:
    """Return the values that a result needs."""
    live = {number for number, _ in loop.stores}
    for accumulator in loop.accumulators:
        live |= {accumulator.value, *([] if accumulator.start is None else [accumulator.start])}
    for number in range(len(loop.body.values) - 1, -1, -1):
        if number in live:
            live.update(loop.body.values[number].arguments)
    return live


def _traffic(kernel: Kernel) -> tuple[int, int]:
    """Return the bytes that are read and that are written."""
    match kernel:
        case Matmul():
            reads = [_operand(kernel.a, kernel), _operand(kernel.b, kernel)]
            bias = kernel.n if kernel.bias else 0
            return _bytes(reads) + WORD * bias, WORD * kernel.c.elements
        case Gather():
            rows = kernel.count * kernel.width
            return WORD * (kernel.count + rows), WORD * rows
        case Scatter():
            rows = kernel.count * kernel.width
            return WORD * (kernel.count + rows), WORD * kernel.rows * kernel.width
        case Random():
            return WORD * HEADER_WORDS, WORD * kernel.out.elements
    sizes = kernel.space + kernel.reduced
    live = _live(kernel)
    loads = [
        value.detail
        for number, value in enumerate(kernel.body.values)
        if number in live and isinstance(value.detail, Access)
    ]
    stores = [access for _, access in kernel.stores]
    return _bytes(_walk(at, sizes) for at in loads), _bytes(_walk(at, sizes) for at in stores)


def _walk(access: Access, sizes: tuple[int, ...]) -> tuple[Buffer, Walk]:
    return access.buffer, (access.offset, tuple(zip(sizes, access.strides, strict=True)))


def _operand(side: Operand, kernel: Matmul) -> tuple[Buffer, Walk]:
    batch = tuple(zip(kernel.batch, side.batch, strict=True))
    return side.buffer, (side.offset, (*batch, *side.rows, *side.columns))


def _bytes(walks: Iterable[tuple[Buffer, Walk]]) -> int:
    """Return the bytes that walks through buffers touch, each once."""
    by_buffer: dict[Buffer, set[Walk]] = {}
    for buffer, (start, axes) in walks:
        moving = sorted((axis for axis in axes if axis[0] > 1 and axis[1]), key=lambda a: a[1])
        by_buffer.setdefault(buffer, set()).add((start, tuple(moving)))
    return WORD * sum(touched(found) for found in by_buffer.values())


def touched(walks: set[Walk]) -> int:
    """Return how many different elements walks touch; the axes of each by ascending stride."""
    if len(walks) == 1:
        ((_, axes),) = walks
        reach = 0
        for size, stride in axes:
            if stride <= reach:  # such as windows that overlap
                break
            reach += (size - 1) * stride
        else:
            return prod(size for size, _ in axes)
    end = max(start + sum((size - 1) * stride for size, stride in axes) for start, axes in walks)
    marks = np.zeros(end + 1, bool)
    for start, axes in walks:
        marks |= _marks(start, axes, end + 1)
    return int(marks.sum())


def _marks(start: int, axes: Runs, length: int) -> NDArray[np.bool_]:
    """Return which of `length` elements a walk touches."""
    marks = np.zeros(length, bool)
    marks[start] = True
    for size, stride in axes:
        done = 1
        while done < size:  # twice as many steps each time
            more = min(done, size - done)
            marks[more * stride :] |= marks[: length - more * stride]
            done += more
    return marks
