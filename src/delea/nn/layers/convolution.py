"""Convolutions and their transposition."""

from math import prod

from delea.errors import ShapeError
from delea.nn.functional import conv1d, conv2d, conv_transpose2d
from delea.nn.functional.convolution import Pair, pair
from delea.nn.module import Module, Parameter
from delea.nn.tensor import Tensor


class Conv2d(Module):
    """Cross-correlation; weight (out_channels, in_channels / groups, kh, kw)."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int | Pair,
        stride: int | Pair = 1,
        padding: int | Pair = 0,
        dilation: int | Pair = 1,
        groups: int = 1,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__()
        self.kernel_size, self.stride, self.padding = map(pair, (kernel_size, stride, padding))
        self.dilation, self.groups = pair(dilation), groups
        check_channels(self, in_channels, out_channels)
        shape = (out_channels, in_channels // groups, *self.kernel_size)
        bound = float(prod(shape[1:])) ** -0.5
        self.weight = Parameter(shape, bound=bound)
        self.bias = Parameter((out_channels,), bound=bound) if bias else None

    def forward(self, x: Tensor) -> Tensor:
        """(batch, in_channels, h, w) -> (batch, out_channels, h', w')."""
        check_images(x, self.weight.shape[1] * self.groups)
        spans = (self.stride, self.padding, self.dilation)
        return conv2d(x, self.weight, self.bias, *spans, self.groups)


class Conv1d(Module):
    """Cross-correlation along one axis; weight (out_channels, in_channels / groups, k)."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int,
        stride: int = 1,
        padding: int = 0,
        dilation: int = 1,
        groups: int = 1,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__()
        self.kernel_size, self.stride, self.padding = (kernel_size,), (stride,), (padding,)
        self.dilation, self.groups = (dilation,), groups
        check_channels(self, in_channels, out_channels)
        shape = (out_channels, in_channels // groups, kernel_size)
        bound = float(prod(shape[1:])) ** -0.5
        self.weight = Parameter(shape, bound=bound)
        self.bias = Parameter((out_channels,), bound=bound) if bias else None

    def forward(self, x: Tensor) -> Tensor:
        """(batch, in_channels, w) -> (batch, out_channels, w')."""
        channels = self.weight.shape[1] * self.groups
        if len(x.shape) != 3 or x.shape[1] != channels:
            raise ShapeError(f"an input (batch, {channels}, w) expected, got {x.shape}")
        spans = (self.stride[0], self.padding[0], self.dilation[0])
        return conv1d(x, self.weight, self.bias, *spans, self.groups)


class ConvTranspose2d(Module):
    """What the gradient of a Conv2d does; weight (in_channels, out_channels / groups, kh, kw)."""

    def __init__(  # noqa: PLR0913 - PyTorch's arguments
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int | Pair,
        stride: int | Pair = 1,
        padding: int | Pair = 0,
        output_padding: int | Pair = 0,
        groups: int = 1,
        *,
        bias: bool = True,
        dilation: int | Pair = 1,
    ) -> None:
        super().__init__()
        self.kernel_size, self.stride, self.padding = map(pair, (kernel_size, stride, padding))
        self.output_padding, self.dilation = pair(output_padding), pair(dilation)
        self.groups = groups
        check_channels(self, in_channels, out_channels)
        each = zip(self.output_padding, self.stride, strict=True)
        if any(not 0 <= more < step for more, step in each):
            raise ShapeError(
                f"ConvTranspose2d needs an output padding below the stride {self.stride}, "
                f"got {self.output_padding}"
            )
        shape = (in_channels, out_channels // groups, *self.kernel_size)
        bound = float(prod(shape[1:])) ** -0.5
        self.weight = Parameter(shape, bound=bound)
        self.bias = Parameter((out_channels,), bound=bound) if bias else None

    def forward(self, x: Tensor) -> Tensor:
        """(batch, in_channels, h, w) -> (batch, out_channels, h', w')."""
        check_images(x, self.weight.shape[0])
        return conv_transpose2d(
            x,
            self.weight,
            self.bias,
            self.stride,
            self.padding,
            self.output_padding,
            self.groups,
            self.dilation,
        )


def check_images(x: Tensor, channels: int) -> None:
    """Raise ShapeError unless x is (batch, channels, h, w)."""
    if len(x.shape) != 4 or x.shape[1] != channels:
        raise ShapeError(f"an input (batch, {channels}, h, w) expected, got {x.shape}")


def check_channels(layer: "Conv1d | Conv2d | ConvTranspose2d", inputs: int, outputs: int) -> None:
    """Raise ShapeError unless channels, groups and the window's numbers are possible."""
    kind, groups = type(layer).__name__, layer.groups
    if min(inputs, outputs, groups) < 1 or inputs % groups or outputs % groups:
        raise ShapeError(
            f"{kind} needs channels that {groups} groups divide, got {inputs} and {outputs}"
        )
    if min(*layer.kernel_size, *layer.stride, *layer.dilation) < 1 or min(layer.padding) < 0:
        raise ShapeError(
            f"{kind} needs a kernel, a stride and a dilation of at least 1 and a padding of at "
            f"least 0, got {layer.kernel_size}, {layer.stride}, {layer.dilation}, {layer.padding}"
        )
