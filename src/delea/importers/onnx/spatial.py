"""Convolutions, pooling and enlarging, over one or two axes of pixels."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import prod
from typing import TYPE_CHECKING

import numpy as np

from delea import nn
from delea.errors import GraphError, ShapeError

if TYPE_CHECKING:
    from delea.importers.onnx.call import Array, Call, Shape, Value
    from delea.importers.onnx.shapes import Rule
    from delea.nn import Tensor

MAX_WINDOW = 1 << 10
MAX_GROUPS = 1 << 10


@dataclass(frozen=True, slots=True)
class Frame:
    """How a window moves over two axes; `before` and `after` are the padding.

    `rounded` is how much of `after` is there for the last window's sake alone.
    """

    size: tuple[int, int]
    steps: tuple[int, int]
    gaps: tuple[int, int]
    before: tuple[int, int]
    after: tuple[int, int]
    rounded: tuple[int, int] = (0, 0)


def _wide(x: Tensor) -> Tensor:
    """Return an input with two axes of pixels: (batch, channels, w) gets a height of 1."""
    if len(x.shape) not in (3, 4):
        raise GraphError(f"one or two axes of pixels expected, got an input {x.shape}")
    return x.unsqueeze(2) if len(x.shape) == 3 else x


def _back(x: Tensor, like: Tensor) -> Tensor:
    return x.squeeze(2) if len(like.shape) == 3 else x


def _pair(values: Shape, default: int, rank: int, what: str) -> tuple[int, int]:
    """Return a number for each of two axes; one of one axis goes with the neutral `default`."""
    values = values or (default,) * rank
    if len(values) != rank:
        raise ShapeError(f"{rank} numbers of {what} expected, got {values}")
    return (default, values[0]) if rank == 1 else (values[0], values[1])


def _frame(call: Call, x: Tensor, size: Shape) -> Frame:
    """Return the window of a convolution or a pooling over x."""
    rank = len(x.shape) - 2
    kernel = _pair(size, 1, rank, "kernel_shape")
    steps = _pair(call.integers("strides"), 1, rank, "strides")
    gaps = _pair(call.integers("dilations"), 1, rank, "dilations")
    if min(*kernel, *steps, *gaps) < 1:
        raise ShapeError(f"a kernel of at least 1 expected, got {kernel}, {steps}, {gaps}")
    pads = call.integers("pads") or (0,) * (2 * rank)
    if len(pads) != 2 * rank or min(pads) < 0:
        raise ShapeError(f"{2 * rank} widths of padding expected, got {pads}")
    before, after = (_pair(side, 0, rank, "pads") for side in (pads[:rank], pads[rank:]))
    mode = call.text("auto_pad", "NOTSET")
    if mode in ("SAME_UPPER", "SAME_LOWER"):
        sizes = _wide(x).shape[2:]
        spans = zip(sizes, kernel, steps, gaps, strict=True)
        whole = [max(0, (-(-n // s) - 1) * s + (k - 1) * g + 1 - n) for n, k, s, g in spans]
        less, more = ([w // 2 for w in whole], [w - w // 2 for w in whole])
        first, second = (less, more) if mode == "SAME_UPPER" else (more, less)
        before, after = (first[0], first[1]), (second[0], second[1])
    elif mode not in ("NOTSET", "VALID"):
        raise GraphError(f"a padding mode of ONNX expected, got {mode[:20]}")
    return Frame(kernel, steps, gaps, before, after)


def _padded(x: Tensor, frame: Frame, number: float = 0.0) -> Tensor:
    return nn.pad(x, (0, 0, *frame.before), (0, 0, *frame.after), number)


def _convolution(call: Call) -> Value:
    x, filters = call.tensor(0), call.tensor(1)
    if len(filters.shape) != len(x.shape) or len(x.shape) not in (3, 4):
        raise ShapeError(f"filters for an input {x.shape} expected, got {filters.shape}")
    frame = _frame(call, x, filters.shape[2:])
    bias = call.tensor(2) if call.has(2) else None
    groups = call.integer("group", 1)
    _check_groups(groups, x.shape[1], filters.shape[1] * groups, filters.shape[0])
    pixels, padding = _wide(x), frame.before
    if frame.before != frame.after:
        pixels, padding = _padded(pixels, frame), (0, 0)
    result = nn.conv2d(pixels, _wide(filters), bias, frame.steps, padding, frame.gaps, groups)
    return _back(result, x)


def _check_groups(groups: int, channels: int, expected: int, outputs: int) -> None:
    if not 1 <= groups <= MAX_GROUPS or outputs % groups or channels % groups:
        raise ShapeError(f"channels that {groups} groups divide expected, got {channels}")
    if channels != expected:
        raise ShapeError(f"an input of {expected} channels expected, got {channels}")


def _transposed(call: Call) -> Value:
    x, filters = call.tensor(0), call.tensor(1)
    if len(filters.shape) != len(x.shape) or len(x.shape) not in (3, 4):
        raise ShapeError(f"filters for an input {x.shape} expected, got {filters.shape}")
    rank = len(x.shape) - 2
    if call.text("auto_pad", "NOTSET") != "NOTSET" or call.integers("output_shape"):
        raise GraphError("explicit pads expected, got auto_pad or output_shape")
    frame = _frame(call, x, filters.shape[2:])
    bias = call.tensor(2) if call.has(2) else None
    groups = call.integer("group", 1)
    _check_groups(groups, x.shape[1], filters.shape[0], filters.shape[1] * groups)
    more = _pair(call.integers("output_padding"), 0, rank, "output_padding")
    whole = nn.conv_transpose2d(
        _wide(x), _wide(filters), None, frame.steps, 0, more, groups, frame.gaps
    )
    for axis, left, right in zip((2, 3), frame.before, frame.after, strict=True):
        length = whole.shape[axis] - left - right
        whole = whole.narrow(axis, left, length) if left or right else whole
    return _back(whole if bias is None else whole + bias.reshape(-1, 1, 1), x)


def _pooling(call: Call) -> tuple[Tensor, Frame, Tensor]:
    """Return the input, the window over it (its end padded up for ceil_mode), and the pixels."""
    x = call.tensor(0)
    pixels = _wide(x)
    frame = _frame(call, x, call.integers("kernel_shape"))
    if prod(frame.size) > MAX_WINDOW:
        raise GraphError(f"a window of at most {MAX_WINDOW} pixels expected, got {frame.size}")
    if not call.integer("ceil_mode", 0):
        return x, frame, pixels
    rounded = [0, 0]
    for i, size in enumerate(pixels.shape[2:]):
        rest = size + frame.before[i] + frame.after[i] - (frame.size[i] - 1) * frame.gaps[i] - 1
        more = -rest % frame.steps[i]
        if rest + more < size + frame.before[i]:  # else the last window begins in the padding
            rounded[i] = more
    after = (frame.after[0] + rounded[0], frame.after[1] + rounded[1])
    return x, replace(frame, after=after, rounded=(rounded[0], rounded[1])), pixels


def _max_pool(call: Call) -> Value:
    if len(call.node.outputs) > 1 and call.node.outputs[1]:
        raise GraphError("the largest numbers alone expected, got their indices, too")
    x, frame, pixels = _pooling(call)
    padded = _padded(pixels, frame, float("-inf"))
    return _back(nn.max_pool2d(padded, frame.size, frame.steps, 0, frame.gaps), x)


def _average_pool(call: Call) -> Value:
    x, frame, pixels = _pooling(call)
    if frame.gaps != (1, 1):
        raise GraphError(f"pixels next to each other in a window expected, got {frame.gaps}")
    mean = nn.avg_pool2d(_padded(pixels, frame), frame.size, frame.steps)
    shares = prod(frame.size) / _counts(call, frame, pixels.shape[2:])
    if (shares != 1.0).any():
        mean = mean * call.lift(shares.astype(np.float32))
    return _back(mean, x)


def _counts(call: Call, frame: Frame, sizes: Shape) -> Array:
    """Return how many pixels each window has: (h', w').

    Those of the padding count if the file says so, those that ceil_mode added never do.
    """
    whole = (n + a + b for n, a, b in zip(sizes, frame.before, frame.after, strict=True))
    call.scope.afford(tuple(whole))
    counted = bool(call.integer("count_include_pad", 0))
    columns = []
    for i, size in enumerate(sizes):
        line = np.zeros(frame.before[i] + size + frame.after[i])
        first = 0 if counted else frame.before[i]
        last = frame.before[i] + size + (frame.after[i] - frame.rounded[i] if counted else 0)
        line[first:last] = 1
        sums = np.concatenate([[0.0], np.cumsum(line)])
        columns.append((sums[frame.size[i] :] - sums[: -frame.size[i]])[:: frame.steps[i]])
    return np.asarray(np.outer(columns[0], columns[1]))


def _global(call: Call, *, largest: bool) -> Value:
    x = call.tensor(0)
    axes = tuple(range(2, len(x.shape)))
    return x.amax(axes, keepdim=True) if largest else x.mean(axes, keepdim=True)


def _resize(call: Call) -> Value:
    """Repeat pixels a whole number of times."""
    x = call.tensor(0)
    if call.has(3):
        sizes = call.numbers(3)
        scales = tuple(n / m for n, m in zip(sizes, x.shape, strict=False))
    else:
        scales = tuple(float(n) for n in call.known(2).reshape(-1))
    rule = (
        call.text("coordinate_transformation_mode", "half_pixel"),
        call.text("nearest_mode", "round_prefer_floor"),
    )
    times = tuple(round(scale) for scale in scales)
    simple = rule in (("asymmetric", "floor"), ("half_pixel", "round_prefer_floor"))
    twice = rule == ("asymmetric", "round_prefer_floor") and max(times, default=1) <= 2
    exact = len(times) == len(x.shape) and all(
        n >= 1 and n == scale for n, scale in zip(times, scales, strict=True)
    )
    if call.text("mode", "nearest") != "nearest" or not exact or not (simple or twice):
        raise GraphError("nearest pixels, repeated a whole number of times, expected, got another")
    call.scope.afford(tuple(n * size for n, size in zip(times, x.shape, strict=True)))
    thin = tuple(n for size in x.shape for n in (size, 1))
    wide = tuple(n for pair in zip(x.shape, times, strict=True) for n in pair)
    full = tuple(n * size for n, size in zip(times, x.shape, strict=True))
    return x.reshape(*thin).expand(*wide).reshape(*full)


SPATIAL: dict[str, Rule] = {
    "Conv": _convolution,
    "ConvTranspose": _transposed,
    "MaxPool": _max_pool,
    "AveragePool": _average_pool,
    "GlobalAveragePool": lambda call: _global(call, largest=False),
    "GlobalMaxPool": lambda call: _global(call, largest=True),
    "Resize": _resize,
}
