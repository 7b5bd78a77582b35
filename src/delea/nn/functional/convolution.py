"""Convolutions: windows over pixels times filters. One accumulator per output, from its bias.

Terms come in the order (ky, kx, in), ascending.
"""

from math import prod

from delea.errors import ShapeError
from delea.nn.functional.linear import linear
from delea.nn.functional.shape import cat, pad
from delea.nn.tensor import Operand, Tensor, apply, lift

Pair = tuple[int, int]


def conv2d(
    x: Tensor,
    weight: Operand,
    bias: Operand | None = None,
    stride: int | Pair = 1,
    padding: int | Pair = 0,
    dilation: int | Pair = 1,
    groups: int = 1,
) -> Tensor:
    """Return the cross-correlation of x with weight, plus bias.

    (batch, in, h, w), (out, in / groups, kh, kw), (out,) -> (batch, out, h', w').
    """
    filters = lift(weight)
    pixels = x.permute(0, 2, 3, 1)  # (batch, h, w, in)
    edges = (0, *pair(padding), 0)
    windows = apply(
        "window",
        pad(pixels, edges, edges),
        axes=(1, 2),
        sizes=filters.shape[2:],
        steps=pair(stride),
        dilations=pair(dilation),
    )  # (batch, h', w', in, kh, kw)
    if groups == 1:
        return _correlate(windows, filters, bias)
    if filters.shape[1] == 1:
        return _depthwise(windows, filters, bias)
    inputs, outputs = x.shape[1] // groups, filters.shape[0] // groups
    starts = None if bias is None else lift(bias).split(outputs)
    parts = [
        _correlate(part, own, None if starts is None else starts[i])
        for i, (part, own) in enumerate(
            zip(windows.split(inputs, 3), filters.split(outputs), strict=True)
        )
    ]
    return cat(parts, 1)


def conv1d(
    x: Tensor,
    weight: Operand,
    bias: Operand | None = None,
    stride: int = 1,
    padding: int = 0,
    dilation: int = 1,
    groups: int = 1,
) -> Tensor:
    """Return conv2d of rows one pixel high: (batch, in, w), (out, in, k) -> (batch, out, w')."""
    filters = lift(weight).unsqueeze(2)
    spans = ((1, stride), (0, padding), (1, dilation))
    return conv2d(x.unsqueeze(2), filters, bias, *spans, groups).squeeze(2)


def conv_transpose2d(
    x: Tensor,
    weight: Operand,
    bias: Operand | None = None,
    stride: int | Pair = 1,
    padding: int | Pair = 0,
    output_padding: int | Pair = 0,
    groups: int = 1,
    dilation: int | Pair = 1,
) -> Tensor:
    """Return what conv2d's gradient does to x: each pixel adds its filter to where it came from.

    (batch, in, h, w), (in, out / groups, kh, kw), (out,) -> (batch, out, h', w').
    """
    filters = lift(weight)
    more, spans = pair(output_padding), (pair(stride), pair(dilation))
    inputs = x.shape[1] // groups
    whole = [
        _spread(part, own, spans, more)
        for part, own in zip(x.split(inputs, 1), filters.split(inputs), strict=True)
    ]
    result = cat(whole, 3) if groups > 1 else whole[0]  # (batch, h', w', out), edges included
    for axis, width in zip((1, 2), pair(padding), strict=True):
        left = result.shape[axis] - 2 * width
        if left < 1:
            raise ShapeError(f"a padding within {result.shape[1:3]} expected, got {padding}")
        result = result.narrow(axis, width, left) if width else result
    return (result if bias is None else result + bias).permute(0, 3, 1, 2)


def pair(value: int | Pair) -> Pair:
    """Return a number, or one for each of two axes, as two."""
    return (value, value) if isinstance(value, int) else (value[0], value[1])


def _correlate(windows: Tensor, filters: Tensor, bias: Operand | None) -> Tensor:
    batch, height, width, *inside = windows.shape
    outputs, columns = filters.shape[0], prod(inside)
    patches = windows.permute(0, 1, 2, 4, 5, 3).reshape(batch * height * width, columns)
    result = linear(patches, filters.permute(0, 2, 3, 1).reshape(outputs, columns), bias)
    return result.reshape(batch, height, width, outputs).permute(0, 3, 1, 2)


def _depthwise(windows: Tensor, filters: Tensor, bias: Operand | None) -> Tensor:
    """Correlate each channel with its own filters: no matmul, a sum of kh * kw products.

    Channels come last, so that neighbours in memory are computed together.
    """
    batch, height, width, channels, *kernel = windows.shape
    each = filters.shape[0] // channels
    rows = windows.permute(0, 1, 2, 4, 5, 3).unsqueeze(-1)  # (batch, h, w, kh, kw, channels, 1)
    products = rows * filters.reshape(channels, each, *kernel).permute(2, 3, 0, 1)
    start = () if bias is None else (lift(bias).reshape(channels, each),)
    total = apply("sum", products, *start, axes=(3, 4), order="sequential")
    return total.reshape(batch, height, width, channels * each).permute(0, 3, 1, 2)


def _spread(x: Tensor, filters: Tensor, spans: tuple[Pair, Pair], more: Pair) -> Tensor:
    """Return (batch, in, h, w) times (in, out, kh, kw), folded: (batch, h', w', out)."""
    steps, dilations = spans
    batch, inputs, height, width = x.shape
    outputs, *kernel = filters.shape[1:]
    rows = x.permute(0, 2, 3, 1).reshape(batch * height * width, inputs)
    windows = rows @ filters.reshape(inputs, outputs * prod(kernel))
    sizes = [
        (count - 1) * step + (size - 1) * dilation + 1 + extra
        for count, step, size, dilation, extra in zip(
            (height, width), steps, kernel, dilations, more, strict=True
        )
    ]
    return apply(
        "fold",
        windows.reshape(batch, height, width, outputs, *kernel),
        axes=(1, 2),
        sizes=tuple(kernel),
        steps=steps,
        dilations=dilations,
        shape=(batch, *sizes, outputs),
    )
