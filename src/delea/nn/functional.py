"""What layers are made of, as functions on tensors."""

from delea.graph import I32
from delea.nn.module import Parameter
from delea.nn.tensor import Tensor, apply, builder, lift, reduce


def linear(x: Tensor, weight: Parameter | Tensor, bias: Parameter | Tensor | None = None) -> Tensor:
    """Return x W^T + b: (batch, in), (out, in), (out,) -> (batch, out)."""
    terms = (x, weight) if bias is None else (x, weight, bias)
    return apply("matmul", *terms, ta=False, tb=True)


def relu(x: Tensor) -> Tensor:
    """Return x < 0 ? 0 : x."""
    return apply("max", x, 0.0)


def tanh(x: Tensor) -> Tensor:
    """Return tanh x, at most 2 ulp away."""
    return apply("tanh", x)


def exp(x: Tensor) -> Tensor:
    """Return e^x, at most 1 ulp away."""
    return apply("exp", x)


def log(x: Tensor) -> Tensor:
    """Return ln x, at most 1 ulp away."""
    return apply("log", x)


def sqrt(x: Tensor) -> Tensor:
    """Return the square root, correctly rounded."""
    return apply("sqrt", x)


def log_softmax(x: Tensor) -> Tensor:
    """Return log(softmax x) over the last axis."""
    shifted = x - reduce("maximum", x, -1, keepdim=True)
    return shifted - log(exp(shifted).sum(-1, keepdim=True))


def one_hot(labels: Tensor, classes: int) -> Tensor:
    """Return 1.0 where the class is the label: (batch,) int32 -> (batch, classes).

    A label out of range gives a row of zeros.
    """
    assert labels.dtype == I32, "labels are int32"
    rows = labels.shape[0]
    index = Tensor(builder().iota((rows, classes), 1))
    mask = apply("equal", index, labels.reshape(rows, 1))
    return apply("where", mask, lift(1.0), lift(0.0))
