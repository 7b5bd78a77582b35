"""Activations: what makes a network more than one linear map."""

from delea.errors import DtypeError
from delea.nn.functional.elementwise import erf, exp, log, where
from delea.nn.tensor import Tensor, apply, less, reduce

LARGEST_EXPONENT = 88.0
"""e^88 is finite: beyond, a product of 0 and infinity would turn a gradient into a NaN."""


def relu(x: Tensor) -> Tensor:
    """Return x < 0 ? 0 : x."""
    return apply("max", x, 0.0)


def leaky_relu(x: Tensor, negative_slope: float = 0.01) -> Tensor:
    """Return x > 0 ? x : negative_slope x."""
    return where(less(0.0, x), x, x * negative_slope)


def elu(x: Tensor, alpha: float = 1.0) -> Tensor:
    """Return x > 0 ? x : alpha (e^x - 1)."""
    return where(less(0.0, x), x, (exp(apply("min", x, 0.0)) - 1.0) * alpha)


def tanh(x: Tensor) -> Tensor:
    """Return tanh x, at most 2 ulp away."""
    return apply("tanh", x)


def sigmoid(x: Tensor) -> Tensor:
    """Return 1 / (1 + e^-x), at most 1.2e-7 away."""
    return 1.0 / (_bounded_exp(-x) + 1.0)


def silu(x: Tensor) -> Tensor:
    """Return x / (1 + e^-x)."""
    return x / (_bounded_exp(-x) + 1.0)


def softplus(x: Tensor) -> Tensor:
    """Return ln(1 + e^x) as max(x, 0) + ln(1 + e^-|x|)."""
    return relu(x) + log(exp(-abs(x)) + 1.0)


def gelu(x: Tensor, approximate: str = "none") -> Tensor:
    """Return GELU, at most 5e-7 away, in one of two forms.

    `tanh`: x / (1 + e^(-2u)) with u = c (x + 0.044715 x^3). `none`: x (1 + erf(x / sqrt 2)) / 2.
    """
    if approximate == "none":
        return x * 0.5 * (erf(x * 0.7071067811865476) + 1.0)
    if approximate != "tanh":
        raise DtypeError(f"gelu: approximate 'tanh' or 'none' expected, got {approximate!r}")
    c = -2.0 * 0.7978845608028654
    return x / (_bounded_exp(x * (x * x * (c * 0.044715) + c)) + 1.0)


def log_softmax(x: Tensor, dim: int = -1) -> Tensor:
    """Return log(softmax x) over one axis."""
    shifted = x - _largest(x, dim)
    return shifted - log(exp(shifted).sum(dim, keepdim=True))


def softmax(x: Tensor, dim: int = -1) -> Tensor:
    """Return e^x over its sum, along one axis."""
    powers = exp(x - _largest(x, dim))
    return powers * (1.0 / powers.sum(dim, keepdim=True))


def _bounded_exp(x: Tensor) -> Tensor:
    return exp(apply("min", x, LARGEST_EXPONENT))


def _largest(x: Tensor, dim: int) -> Tensor:
    """Return the largest along one axis; its gradient would cancel and is left out."""
    return reduce("maximum", x, dim, keepdim=True)
