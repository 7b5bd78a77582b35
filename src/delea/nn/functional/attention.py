"""Attention: each position mixes the values of the others."""

from delea.errors import ShapeError
from delea.graph import MASK
from delea.nn.functional.activation import softmax
from delea.nn.functional.dropout import dropout as drop
from delea.nn.functional.elementwise import where
from delea.nn.record import builder
from delea.nn.tensor import Tensor, apply

MASKED = -1e9
"""The score of a position that may not be seen: its weight is 0, and no infinity is multiplied."""


def causal_mask(scores: Tensor, masked: float = MASKED) -> Tensor:
    """Return scores (..., t, t) with `masked` where the column is after the row."""
    *_, rows, columns = scores.shape
    places = (Tensor(builder().iota((rows, columns), axis)) for axis in (0, 1))
    later = apply("less", *(apply("cast", place) for place in places))
    return apply("where", later, masked, scores)


def attention(
    q: Tensor,
    k: Tensor,
    v: Tensor,
    *,
    causal: bool = False,
    mask: Tensor | None = None,
    dropout: float = 0.0,
) -> Tensor:
    """Return softmax(q k^T / sqrt(width)) v: (..., t, width) each -> (..., t, width).

    `mask` says where a position may NOT look, or is added to the scores if it is float32;
    `dropout` falls on the weights, in training.
    """
    return attention_weights(q, k, causal=causal, mask=mask, dropout=dropout) @ v


def attention_weights(
    q: Tensor,
    k: Tensor,
    *,
    causal: bool = False,
    mask: Tensor | None = None,
    dropout: float = 0.0,
) -> Tensor:
    """Return softmax(q k^T / sqrt(width)): (..., t, width) and (..., s, width) -> (..., t, s)."""
    if q.shape[-1] != k.shape[-1]:
        raise ShapeError(f"queries and keys of one width expected, got {q.shape} and {k.shape}")
    scores = apply("matmul", q, k, ta=False, tb=True) * (q.shape[-1] ** -0.5)
    if mask is not None:
        scores = where(mask, MASKED, scores) if mask.dtype == MASK else scores + mask
    return drop(softmax(causal_mask(scores) if causal else scores), dropout)
