"""Transformer encoders: self-attention, then a small network at every place."""

from collections.abc import Callable
from copy import deepcopy

from delea.errors import GraphError
from delea.nn.functional import gelu, relu
from delea.nn.layers.attention import MultiheadAttention
from delea.nn.layers.container import ModuleList
from delea.nn.layers.dropout import Dropout
from delea.nn.layers.linear import Linear
from delea.nn.layers.normalization import LayerNorm
from delea.nn.module import Module
from delea.nn.tensor import Tensor

ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "relu": relu,
    "gelu": gelu,
}


class TransformerEncoderLayer(Module):
    """x + attention, normalized, then x + linear2(activation(linear1 x)), normalized.

    With `norm_first` each part normalizes what goes in instead. Parameters as PyTorch's:
    self_attn.in_proj_weight, ..., linear1, linear2, norm1, norm2.
    """

    def __init__(  # noqa: PLR0913 - PyTorch's arguments
        self,
        d_model: int,
        nhead: int,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: str = "relu",
        layer_norm_eps: float = 1e-5,
        *,
        batch_first: bool = False,
        norm_first: bool = False,
        bias: bool = True,
    ) -> None:
        super().__init__()
        if activation not in ACTIVATIONS:
            raise GraphError(
                f"TransformerEncoderLayer: an activation of {sorted(ACTIVATIONS)} expected, "
                f"got {activation!r}"
            )
        self.self_attn = MultiheadAttention(
            d_model, nhead, dropout, bias=bias, batch_first=batch_first
        )
        self.linear1 = Linear(d_model, dim_feedforward, bias=bias)
        self.linear2 = Linear(dim_feedforward, d_model, bias=bias)
        self.norm1 = LayerNorm(d_model, layer_norm_eps, bias=bias)
        self.norm2 = LayerNorm(d_model, layer_norm_eps, bias=bias)
        self.drop = Dropout(dropout)
        self.activation, self.norm_first = activation, norm_first

    def forward(
        self, src: Tensor, src_mask: Tensor | None = None, *, is_causal: bool = False
    ) -> Tensor:
        """Return a sequence like `src`; `src_mask` and `is_causal` as MultiheadAttention's."""

        def mix(x: Tensor) -> Tensor:
            options = {"attn_mask": src_mask, "is_causal": is_causal}
            return self.drop(self.self_attn(x, x, x, need_weights=False, **options)[0])

        def widen(x: Tensor) -> Tensor:
            wide = ACTIVATIONS[self.activation](self.linear1(x))
            return self.drop(self.linear2(self.drop(wide)))

        if self.norm_first:
            x = src + mix(self.norm1(src))
            return x + widen(self.norm2(x))
        x = self.norm1(src + mix(src))
        return self.norm2(x + widen(x))


class TransformerEncoder(Module):
    """Several copies of a layer, one after the other: `layers.0.linear1.weight`, ..."""

    def __init__(
        self, encoder_layer: TransformerEncoderLayer, num_layers: int, norm: Module | None = None
    ) -> None:
        super().__init__()
        if num_layers < 1:
            raise GraphError(f"TransformerEncoder needs at least 1 layer, got {num_layers}")
        self.layers = ModuleList(deepcopy(encoder_layer) for _ in range(num_layers))
        self.norm = norm

    def forward(
        self, src: Tensor, mask: Tensor | None = None, *, is_causal: bool = False
    ) -> Tensor:
        """Return a sequence like `src`."""
        for layer in self.layers:
            src = layer(src, mask, is_causal=is_causal)
        return src if self.norm is None else self.norm(src)
