"""Activations as modules."""

from delea.nn import functional
from delea.nn.module import Module
from delea.nn.tensor import Tensor


class ReLU(Module):
    """max(x, 0)."""

    def forward(self, x: Tensor) -> Tensor:
        """Any shape."""
        return functional.relu(x)


class LeakyReLU(Module):
    """x > 0 ? x : negative_slope x."""

    def __init__(self, negative_slope: float = 0.01) -> None:
        super().__init__()
        self.negative_slope = negative_slope

    def forward(self, x: Tensor) -> Tensor:
        """Any shape."""
        return functional.leaky_relu(x, self.negative_slope)


class ELU(Module):
    """x > 0 ? x : alpha (e^x - 1)."""

    def __init__(self, alpha: float = 1.0) -> None:
        super().__init__()
        self.alpha = alpha

    def forward(self, x: Tensor) -> Tensor:
        """Any shape."""
        return functional.elu(x, self.alpha)


class Tanh(Module):
    """tanh x."""

    def forward(self, x: Tensor) -> Tensor:
        """Any shape."""
        return functional.tanh(x)


class Sigmoid(Module):
    """1 / (1 + e^-x)."""

    def forward(self, x: Tensor) -> Tensor:
        """Any shape."""
        return functional.sigmoid(x)


class SiLU(Module):
    """x / (1 + e^-x)."""

    def forward(self, x: Tensor) -> Tensor:
        """Any shape."""
        return functional.silu(x)


class Softplus(Module):
    """ln(1 + e^x)."""

    def forward(self, x: Tensor) -> Tensor:
        """Any shape."""
        return functional.softplus(x)


class GELU(Module):
    """GELU: exact (`none`, by erf) or in its `tanh` form."""

    def __init__(self, approximate: str = "none") -> None:
        super().__init__()
        self.approximate = approximate

    def forward(self, x: Tensor) -> Tensor:
        """Any shape."""
        return functional.gelu(x, self.approximate)


class Softmax(Module):
    """e^x over its sum, along one axis."""

    def __init__(self, dim: int = -1) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, x: Tensor) -> Tensor:
        """Any shape."""
        return functional.softmax(x, self.dim)


class LogSoftmax(Module):
    """log(softmax x), along one axis."""

    def __init__(self, dim: int = -1) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, x: Tensor) -> Tensor:
        """Any shape."""
        return functional.log_softmax(x, self.dim)
