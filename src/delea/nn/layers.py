"""Layers with PyTorch's names, defaults and parameter layouts."""

import numpy as np

from delea.errors import DtypeError, ShapeError
from delea.nn.functional import conv2d, embedding, layer_norm, linear, max_pool2d, relu, tanh
from delea.nn.module import Module, Parameter
from delea.nn.tensor import Tensor


class Linear(Module):
    """y = x W^T + b; weight (out_features, in_features), bias (out_features,)."""

    def __init__(self, in_features: int, out_features: int, *, bias: bool = True) -> None:
        super().__init__()
        if in_features < 1 or out_features < 1:
            raise ShapeError(
                f"Linear needs sizes of at least 1, got {in_features} and {out_features}"
            )
        bound = float(in_features) ** -0.5
        self.weight = Parameter((out_features, in_features), bound=bound)
        self.bias = Parameter((out_features,), bound=bound) if bias else None

    def forward(self, x: Tensor) -> Tensor:
        """(batch, in_features) -> (batch, out_features)."""
        if len(x.shape) < 2 or x.shape[-1] != self.weight.shape[1]:
            raise ShapeError(f"an input (batch, {self.weight.shape[1]}) expected, got {x.shape}")
        return linear(x, self.weight, self.bias)


class ReLU(Module):
    """max(x, 0)."""

    def forward(self, x: Tensor) -> Tensor:
        """Any shape."""
        return relu(x)


class Tanh(Module):
    """tanh x."""

    def forward(self, x: Tensor) -> Tensor:
        """Any shape."""
        return tanh(x)


class Flatten(Module):
    """All axes but the batch's as one."""

    def forward(self, x: Tensor) -> Tensor:
        """(batch, ...) -> (batch, elements)."""
        return x.flatten(1)


class Sequential(Module):
    """One module after the other; their parameters are named `0.weight`, `2.bias`, ..."""

    def __init__(self, *modules: Module) -> None:
        super().__init__()
        given: tuple[object, ...] = modules
        for number, module in enumerate(given):
            if not isinstance(module, Module):
                kind = type(module).__name__
                raise DtypeError(f"Sequential needs modules, got {kind} as number {number}")
            setattr(self, str(number), module)

    def forward(self, x: Tensor) -> Tensor:
        """Apply every module in order."""
        for _, part in self.children():
            assert isinstance(part, Module), "Sequential holds modules"
            x = part(x)
        return x


class Embedding(Module):
    """A table of rows; weight (num_embeddings, embedding_dim)."""

    def __init__(self, num_embeddings: int, embedding_dim: int) -> None:
        super().__init__()
        self.weight = Parameter((num_embeddings, embedding_dim), bound=1.0)

    def forward(self, x: Tensor) -> Tensor:
        """(...) int32 -> (..., embedding_dim)."""
        return embedding(x, self.weight)


class LayerNorm(Module):
    """Normalize over the last axis; weight and bias (normalized_shape,)."""

    def __init__(self, normalized_shape: int, eps: float = 1e-5) -> None:
        super().__init__()
        self.eps = eps
        self.weight = Parameter((normalized_shape,))
        self.weight.set(np.ones(normalized_shape, np.float32))
        self.bias = Parameter((normalized_shape,))

    def forward(self, x: Tensor) -> Tensor:
        """(..., normalized_shape) -> the same."""
        return layer_norm(x, self.weight, self.bias, self.eps)


class Conv2d(Module):
    """Cross-correlation; weight (out_channels, in_channels, k, k), bias (out_channels,)."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int,
        *,
        stride: int = 1,
        padding: int = 0,
        dilation: int = 1,
    ) -> None:
        super().__init__()
        bound = float(in_channels * kernel_size * kernel_size) ** -0.5
        shape = (out_channels, in_channels, kernel_size, kernel_size)
        self.weight = Parameter(shape, bound=bound)
        self.bias = Parameter((out_channels,), bound=bound)
        self.stride, self.padding, self.dilation = stride, padding, dilation

    def forward(self, x: Tensor) -> Tensor:
        """(batch, in_channels, h, w) -> (batch, out_channels, h', w')."""
        if len(x.shape) != 4 or x.shape[1] != self.weight.shape[1]:
            wanted = self.weight.shape[1]
            raise ShapeError(f"an input (batch, {wanted}, h, w) expected, got {x.shape}")
        return conv2d(
            x,
            self.weight,
            self.bias,
            self.stride,
            self.padding,
            self.dilation,
        )


class MaxPool2d(Module):
    """The largest of each window."""

    def __init__(self, kernel_size: int, stride: int | None = None) -> None:
        super().__init__()
        self.kernel_size, self.stride = kernel_size, stride

    def forward(self, x: Tensor) -> Tensor:
        """(batch, c, h, w) -> (batch, c, h', w')."""
        if len(x.shape) != 4 or min(x.shape[2:]) < self.kernel_size:
            raise ShapeError(
                f"an input (batch, c, h, w) of at least {self.kernel_size} pixels a side expected,"
                f" got {x.shape}"
            )
        return max_pool2d(x, self.kernel_size, self.stride)
