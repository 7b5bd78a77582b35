"""Random numbers inside the network, drawn by Philox from the claim's seed and the step."""

from math import prod

from delea.graph import I32
from delea.graph.ops import HEADER_WORDS
from delea.graph.philox import WORDS
from delea.nn.record import current
from delea.nn.tensor import Tensor, apply, less


def header() -> Tensor:
    """Return the state's header in a training step: (10,) int32, the seed and then the step."""
    return Tensor(current().builder.leaf("input", "header", (HEADER_WORDS,), I32))


def uniform(*shape: int) -> Tensor:
    """Return numbers in [0, 1), others at each call and in each training step.

    The draws of a step continue after those of its batch.
    """
    scope = current()
    assert scope.training, "random numbers are drawn in training alone"
    first = scope.draws
    scope.draws += -(-prod(shape) // WORDS)
    return apply("random", header(), draw=first, shape=shape)


def dropout(x: Tensor, p: float = 0.5) -> Tensor:
    """Return x with each number 0 with probability p and else times 1 / (1 - p), in training."""
    if not current().training or p == 0.0:
        return x
    if p == 1.0:
        return x * 0.0
    return apply("where", less(uniform(*x.shape), p), 0.0, x * (1.0 / (1.0 - p)))
