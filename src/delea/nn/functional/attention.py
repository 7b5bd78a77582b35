"""Attention: each position mixes the values of the others."""

from delea.nn.functional.activation import softmax
from delea.nn.record import builder
from delea.nn.tensor import Tensor, apply


def causal_mask(scores: Tensor, masked: float = -1e9) -> Tensor:
    """Return scores (..., t, t) with `masked` where the column is after the row."""
    size = scores.shape[-1]
    rows, columns = (Tensor(builder().iota((size, size), axis)) for axis in (0, 1))
    later = apply("less", apply("cast", rows), apply("cast", columns))
    return apply("where", later, masked, scores)


def attention(q: Tensor, k: Tensor, v: Tensor, *, causal: bool = False) -> Tensor:
    """Return softmax(q k^T / sqrt(width)) v: (..., t, width) each -> (..., t, width)."""
    scores = apply("matmul", q, k, ta=False, tb=True) * (q.shape[-1] ** -0.5)
    return softmax(causal_mask(scores) if causal else scores) @ v
