"""Self-attention over the past, several heads at once."""

from delea.errors import ShapeError
from delea.nn.functional import attention, linear
from delea.nn.functional.dropout import dropout
from delea.nn.layers.linear import Linear
from delea.nn.module import Module, Parameter
from delea.nn.tensor import Tensor


class CausalSelfAttention(Module):
    """PyTorch's MultiheadAttention of a sequence with itself, each position seeing those before.

    Parameters as there: in_proj_weight (3 width, width), in_proj_bias, out_proj.weight, .bias.
    """

    def __init__(
        self, embed_dim: int, num_heads: int, dropout: float = 0.0, *, bias: bool = True
    ) -> None:
        super().__init__()
        if num_heads < 1 or embed_dim < 1 or embed_dim % num_heads:
            raise ShapeError(
                f"CausalSelfAttention needs a width that {num_heads} heads divide, got {embed_dim}"
            )
        self.num_heads, self.dropout = num_heads, dropout
        bound = (6.0 / (4 * embed_dim)) ** 0.5
        self.in_proj_weight = Parameter((3 * embed_dim, embed_dim), bound=bound)
        self.in_proj_bias = Parameter((3 * embed_dim,)) if bias else None
        self.out_proj = Linear(embed_dim, embed_dim, bias=bias)

    def forward(self, x: Tensor) -> Tensor:
        """(batch, length, embed_dim) -> the same."""
        width = self.in_proj_weight.shape[1]
        if len(x.shape) != 3 or x.shape[-1] != width:
            raise ShapeError(f"an input (batch, length, {width}) expected, got {x.shape}")
        batch, length, _ = x.shape
        mixed = linear(x, self.in_proj_weight, self.in_proj_bias)  # (batch, length, 3 width)
        split = mixed.reshape(batch, length, 3, self.num_heads, -1)
        heads = split.permute(2, 0, 3, 1, 4)  # (3, batch, heads, length, width / heads)
        values = attention(heads[0], heads[1], heads[2], causal=True)
        joined = values.transpose(1, 2).reshape(batch, length, width)
        return dropout(self.out_proj(joined), self.dropout)
