"""Attention, several heads at once."""

from __future__ import annotations

from typing import Any

from delea.errors import GraphError, ShapeError
from delea.nn.functional import attention_weights, linear
from delea.nn.layers.linear import Linear
from delea.nn.module import Module, Parameter
from delea.nn.tensor import Tensor, lift


class MultiheadAttention(Module):
    """Heads that mix values by how well their keys fit a query.

    Parameters as PyTorch's: in_proj_weight (3 width, width), in_proj_bias, out_proj.weight, .bias.
    With `batch_first` a sequence is (batch, length, width), else (length, batch, width).
    """

    def __init__(
        self,
        embed_dim: int,
        num_heads: int,
        dropout: float = 0.0,
        *,
        bias: bool = True,
        batch_first: bool = False,
    ) -> None:
        super().__init__()
        kind = type(self).__name__
        if num_heads < 1 or embed_dim < 1 or embed_dim % num_heads:
            raise ShapeError(f"{kind} needs a width that {num_heads} heads divide, got {embed_dim}")
        if not 0.0 <= dropout <= 1.0:
            raise GraphError(f"{kind} needs a probability, got {dropout}")
        self.num_heads, self.dropout, self.batch_first = num_heads, dropout, batch_first
        bound = (6.0 / (4 * embed_dim)) ** 0.5
        self.in_proj_weight = Parameter((3 * embed_dim, embed_dim), bound=bound)
        self.in_proj_bias = Parameter((3 * embed_dim,)) if bias else None
        self.out_proj = Linear(embed_dim, embed_dim, bias=bias)
        if self.out_proj.bias is not None:
            self.out_proj.bias.bound = 0.0

    def __call__(  # type: ignore[override]
        self, *inputs: Any, **options: Any
    ) -> tuple[Tensor, Tensor | None]:
        """Return what `forward` does: two results, as PyTorch's."""
        found: Any = super().__call__(*inputs, **options)
        return found  # type: ignore[no-any-return]

    def forward(
        self,
        query: Tensor,
        key: Tensor,
        value: Tensor,
        *,
        need_weights: bool = True,
        attn_mask: Tensor | None = None,
        is_causal: bool = False,
    ) -> tuple[Tensor, Tensor | None]:
        """Return the mixed values, a sequence like `query`, and the heads' mean weights.

        The weights are (batch, length, length of key), None if not needed. `attn_mask` (length,
        length of key) says where a position may NOT look, or is added to the scores if it is
        float32; `is_causal` alone hides what is later.
        """
        self._check(query, key, value)
        order = (0, 2, 1, 3) if self.batch_first else (1, 2, 0, 3)
        parts = self._project(query, key, value)
        heads = [part.permute(*order) for part in parts]  # (batch, heads, length, width / heads)
        weights = attention_weights(
            heads[0], heads[1], causal=is_causal, mask=attn_mask, dropout=self.dropout
        )
        mixed = (weights @ heads[2]).transpose(1, 2)  # (batch, length, heads, width / heads)
        result = self.out_proj(mixed.reshape(*mixed.shape[:2], -1))
        mean = weights.mean(1) if need_weights else None
        return (result if self.batch_first else result.transpose(0, 1)), mean

    def _project(self, query: Tensor, key: Tensor, value: Tensor) -> list[Tensor]:
        """Return queries, keys and values by heads: one product if they are of one sequence."""
        weight, bias = self.in_proj_weight, self.in_proj_bias
        width, heads = weight.shape[1], self.num_heads
        if query.node == key.node == value.node:
            mixed = linear(query, weight, bias).reshape(*query.shape[:2], 3, heads, -1)
            return [mixed[:, :, part] for part in range(3)]
        weights = lift(weight).split(width)
        biases = (None,) * 3 if bias is None else lift(bias).split(width)
        each = zip((query, key, value), weights, biases, strict=True)
        return [linear(x, w, b).reshape(*x.shape[:2], heads, -1) for x, w, b in each]

    def _check(self, query: Tensor, key: Tensor, value: Tensor) -> None:
        width, at = self.in_proj_weight.shape[1], 0 if self.batch_first else 1
        layout = "batch, length" if self.batch_first else "length, batch"
        for part in (query, key, value):
            fits = len(part.shape) == 3 and part.shape[at] == query.shape[at]
            if not fits or part.shape[-1] != width:
                raise ShapeError(f"an input ({layout}, {width}) expected, got {part.shape}")
        if key.shape != value.shape:
            raise ShapeError(f"a value per key expected, got {key.shape} and {value.shape}")


class CausalSelfAttention(MultiheadAttention):
    """`MultiheadAttention` of a sequence with itself, each position seeing those before.

    Of one input and with one result, so that it fits into a `Sequential`.
    """

    def __init__(
        self, embed_dim: int, num_heads: int, dropout: float = 0.0, *, bias: bool = True
    ) -> None:
        super().__init__(embed_dim, num_heads, dropout, bias=bias, batch_first=True)

    def __call__(self, x: Tensor) -> Tensor:  # type: ignore[override]
        """Return `forward(x)`."""
        return Module.__call__(self, x)

    def forward(self, x: Tensor) -> Tensor:  # type: ignore[override]
        """(batch, length, embed_dim) -> the same."""
        return super().forward(x, x, x, need_weights=False, is_causal=True)[0]
