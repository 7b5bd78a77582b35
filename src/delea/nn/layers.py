"""Layers with PyTorch's names, defaults and parameter layouts."""

import numpy as np

from delea.errors import DtypeError, ShapeError
from delea.nn.functional import embedding, layer_norm, linear, relu, tanh
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
