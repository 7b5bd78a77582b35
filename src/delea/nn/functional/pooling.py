"""Pooling: one number for each window of pixels."""

from collections.abc import Iterator
from itertools import product

from delea.errors import ShapeError
from delea.nn.functional.convolution import Pair, pair
from delea.nn.functional.shape import pad
from delea.nn.tensor import Tensor, apply


def max_pool2d(
    x: Tensor,
    kernel_size: int | Pair,
    stride: int | Pair | None = None,
    padding: int | Pair = 0,
    dilation: int | Pair = 1,
) -> Tensor:
    """Return the largest of each window: (batch, c, h, w) -> (batch, c, h', w').

    The gradient goes to the first of the largest, in row-major order.
    """
    edges = (0, 0, *pair(padding))
    padded = pad(x, edges, edges, float("-inf"))
    first, *rest = _places(padded, pair(kernel_size), stride, pair(dilation))
    for part in rest:
        first = apply("max", part, first)
    return first


def avg_pool2d(
    x: Tensor,
    kernel_size: int | Pair,
    stride: int | Pair | None = None,
    padding: int | Pair = 0,
) -> Tensor:
    """Return the mean of each window, padding counted: (batch, c, h, w) -> (batch, c, h', w').

    Places in the window are added in row-major order.
    """
    edges, (height, width) = (0, 0, *pair(padding)), pair(kernel_size)
    total, *rest = _places(pad(x, edges, edges), (height, width), stride, (1, 1))
    for part in rest:
        total = total + part
    return total * (1.0 / (height * width))


def adaptive_avg_pool2d(x: Tensor, output_size: int | Pair) -> Tensor:
    """Return means over equal parts: (batch, c, h, w) -> (batch, c, *output_size)."""
    return _parts(x, output_size).mean((3, 5))


def adaptive_max_pool2d(x: Tensor, output_size: int | Pair) -> Tensor:
    """Return the largest of equal parts: (batch, c, h, w) -> (batch, c, *output_size)."""
    return _parts(x, output_size).amax((3, 5))


def _parts(x: Tensor, output_size: int | Pair) -> Tensor:
    """Return pixels by equal parts: (batch, c, rows, h / rows, columns, w / columns)."""
    batch, channels, *sizes = x.shape
    counts = pair(output_size)
    if any(count < 1 or size % count for size, count in zip(sizes, counts, strict=True)):
        raise ShapeError(f"an output size that divides {tuple(sizes)} expected, got {counts}")
    (rows, columns), (height, width) = counts, sizes
    return x.reshape(batch, channels, rows, height // rows, columns, width // columns)


def _places(x: Tensor, kernel: Pair, stride: int | Pair | None, dilation: Pair) -> Iterator[Tensor]:
    """Yield, for each place in a window, what the windows hold there."""
    steps = kernel if stride is None else pair(stride)
    batch, channels, *pixels = x.shape
    spans = [(size - 1) * gap + 1 for size, gap in zip(kernel, dilation, strict=True)]
    if any(span > size or span < 1 for span, size in zip(spans, pixels, strict=True)):
        raise ShapeError(f"a window within {tuple(pixels)} pixels expected, got {tuple(spans)}")
    if min(*steps, *dilation) < 1:
        raise ShapeError(f"a stride and a dilation of at least 1 expected, got {steps}, {dilation}")
    rows, columns = (
        (size - span) // step + 1 for size, span, step in zip(pixels, spans, steps, strict=True)
    )
    for y, z in product(*map(range, kernel)):
        yield apply(
            "slice",
            x,
            starts=(0, 0, y * dilation[0], z * dilation[1]),
            sizes=(batch, channels, rows, columns),
            steps=(1, 1, *steps),
        )
