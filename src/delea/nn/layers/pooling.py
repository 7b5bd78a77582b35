"""Pooling layers."""

from delea.errors import ShapeError
from delea.nn.functional import adaptive_avg_pool2d, adaptive_max_pool2d, avg_pool2d, max_pool2d
from delea.nn.functional.convolution import Pair, pair
from delea.nn.module import Module
from delea.nn.tensor import Tensor


class MaxPool2d(Module):
    """The largest of each window."""

    def __init__(
        self,
        kernel_size: int | Pair,
        stride: int | Pair | None = None,
        padding: int | Pair = 0,
        dilation: int | Pair = 1,
    ) -> None:
        super().__init__()
        self.kernel_size, self.stride = kernel_size, stride
        self.padding, self.dilation = padding, dilation

    def forward(self, x: Tensor) -> Tensor:
        """(batch, c, h, w) -> (batch, c, h', w')."""
        _check_window(x, self.kernel_size, self.padding)
        return max_pool2d(x, self.kernel_size, self.stride, self.padding, self.dilation)


class AvgPool2d(Module):
    """The mean of each window, padding counted."""

    def __init__(
        self,
        kernel_size: int | Pair,
        stride: int | Pair | None = None,
        padding: int | Pair = 0,
    ) -> None:
        super().__init__()
        self.kernel_size, self.stride, self.padding = kernel_size, stride, padding

    def forward(self, x: Tensor) -> Tensor:
        """(batch, c, h, w) -> (batch, c, h', w')."""
        _check_window(x, self.kernel_size, self.padding)
        return avg_pool2d(x, self.kernel_size, self.stride, self.padding)


class AdaptiveAvgPool2d(Module):
    """The means of equal parts: an output size of 1 is the mean of each channel."""

    def __init__(self, output_size: int | Pair) -> None:
        super().__init__()
        self.output_size = output_size

    def forward(self, x: Tensor) -> Tensor:
        """(batch, c, h, w) -> (batch, c, *output_size), which divides (h, w)."""
        return adaptive_avg_pool2d(_images(x), self.output_size)


class AdaptiveMaxPool2d(AdaptiveAvgPool2d):
    """The largest of equal parts: an output size of 1 is the largest of each channel."""

    def forward(self, x: Tensor) -> Tensor:
        """(batch, c, h, w) -> (batch, c, *output_size), which divides (h, w)."""
        return adaptive_max_pool2d(_images(x), self.output_size)


def _images(x: Tensor) -> Tensor:
    if len(x.shape) != 4:
        raise ShapeError(f"an input (batch, c, h, w) expected, got {x.shape}")
    return x


def _check_window(x: Tensor, kernel_size: int | Pair, padding: int | Pair) -> None:
    sizes, edges = pair(kernel_size), pair(padding)
    if len(x.shape) != 4 or any(
        n + 2 * edge < size for n, size, edge in zip(x.shape[2:], sizes, edges, strict=True)
    ):
        least = kernel_size if isinstance(kernel_size, int) else sizes
        raise ShapeError(
            f"an input (batch, c, h, w) of at least {least} pixels a side expected, got {x.shape}"
        )
    if any(not 0 <= 2 * edge <= size for size, edge in zip(sizes, edges, strict=True)):
        raise ShapeError(f"a padding of at most half of {sizes} expected, got {edges}")
