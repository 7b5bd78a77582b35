"""The linear layer, the table of rows, and the layers that compute nothing."""

from delea.errors import DtypeError, ShapeError
from delea.graph import I32
from delea.nn.functional import embedding, linear
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
        """(..., in_features) -> (..., out_features)."""
        if len(x.shape) < 2 or x.shape[-1] != self.weight.shape[1]:
            raise ShapeError(f"an input (batch, {self.weight.shape[1]}) expected, got {x.shape}")
        return linear(x, self.weight, self.bias)


class Embedding(Module):
    """A table of rows; weight (num_embeddings, embedding_dim)."""

    def __init__(self, num_embeddings: int, embedding_dim: int) -> None:
        super().__init__()
        if num_embeddings < 1 or embedding_dim < 1:
            raise ShapeError(
                f"Embedding needs sizes of at least 1, got {num_embeddings} and {embedding_dim}"
            )
        self.weight = Parameter((num_embeddings, embedding_dim), std=1.0)

    def forward(self, x: Tensor) -> Tensor:
        """(...) int32 -> (..., embedding_dim); an index out of range is clipped."""
        if x.dtype != I32:
            raise DtypeError(f"int32 indices expected, got {x.dtype}")
        return embedding(x, self.weight)


class Flatten(Module):
    """The axes from `start_dim` to `end_dim` as one: all but the batch's."""

    def __init__(self, start_dim: int = 1, end_dim: int = -1) -> None:
        super().__init__()
        self.start_dim, self.end_dim = start_dim, end_dim

    def forward(self, x: Tensor) -> Tensor:
        """(batch, ...) -> (batch, elements)."""
        return x.flatten(self.start_dim, self.end_dim)


class Identity(Module):
    """Its input."""

    def forward(self, x: Tensor) -> Tensor:
        """Any shape."""
        return x
