"""Dropout falls where PyTorch's does, in training alone: each fall draws numbers of its shape."""

import numpy as np
import pytest

from delea import nn
from delea.compiler.build import define
from delea.errors import GraphError

ROWS, LENGTH, WIDTH, HIDDEN = 6, 4, 6, 5


class First(nn.Module):
    """The first of a layer's results, flat."""

    def __init__(self, layer):
        super().__init__()
        self.layer = layer

    def forward(self, x):
        three = type(self.layer) is nn.MultiheadAttention
        found = self.layer(x, x, x) if three else self.layer(x)
        return (found[0] if isinstance(found, tuple) else found).flatten(1)


def draws(layer, width):
    """Return the shapes of the numbers drawn in a training step, in order."""
    data = nn.Dataset(np.ones((ROWS, LENGTH, WIDTH)), np.ones((ROWS, LENGTH * width)))
    graphs = define(nn.Program(First(layer), nn.MSELoss(), nn.SGD(), data, batch=3), ROWS).graphs
    for name in ("evaluate", "infer", "infer_one"):
        assert not any(node.op == "random" for node in graphs[name].nodes)
    found = [node for node in graphs["train"].nodes if node.op == "random"]
    first = [node["draw"] for node in found]
    assert len(set(first)) == len(first)
    return [node.shape for node in found]


@pytest.mark.parametrize("kind", ["LSTM", "GRU", "RNN"])
@pytest.mark.parametrize(("layers", "falls"), [(1, 0), (2, 1), (3, 2)])
@pytest.mark.parametrize("both", [False, True])
def test_between_recurrent_layers(kind, layers, falls, both):
    options = {"dropout": 0.5, "bidirectional": both, "batch_first": True}
    layer, width = getattr(nn, kind)(WIDTH, HIDDEN, layers, **options), HIDDEN * (1 + both)
    assert draws(layer, width) == [(3, LENGTH, width)] * falls


def test_on_the_weights_of_attention():
    layer = nn.MultiheadAttention(WIDTH, 2, 0.5, batch_first=True)
    assert draws(layer, WIDTH) == [(3, 2, LENGTH, LENGTH)]


def test_causal_attention_does_as_attention():
    assert draws(nn.CausalSelfAttention(WIDTH, 2, 0.5), WIDTH) == [(3, 2, LENGTH, LENGTH)]


@pytest.mark.parametrize("norm_first", [False, True])
def test_in_an_encoder_layer(norm_first):
    layer = nn.TransformerEncoderLayer(WIDTH, 2, 7, batch_first=True, norm_first=norm_first)
    rows = (3, LENGTH, WIDTH)
    assert draws(layer, WIDTH) == [(3, 2, LENGTH, LENGTH), rows, (3, LENGTH, 7), rows]


def test_an_encoder_s_copies_draw_apart_and_have_weights_of_their_own():
    layer = nn.TransformerEncoderLayer(WIDTH, 2, 7, batch_first=True)
    encoder = nn.TransformerEncoder(layer, 3, nn.LayerNorm(WIDTH))
    assert len(draws(encoder, WIDTH)) == 12
    names = [name for name, _ in encoder.named_parameters()]
    assert len(names) == 3 * 12 + 2
    assert names[12:14] == ["layers.1.self_attn.in_proj_weight", "layers.1.self_attn.in_proj_bias"]
    assert names[-2:] == ["norm.weight", "norm.bias"]


@pytest.mark.parametrize(
    "make",
    [
        lambda: nn.LSTM(2, 3, dropout=1.5),
        lambda: nn.MultiheadAttention(4, 2, -0.1),
        lambda: nn.TransformerEncoderLayer(4, 2, dropout=float("nan")),
    ],
)
def test_no_probability_is_refused(make):
    with pytest.raises(GraphError, match="needs a probability, got"):
        make()


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: nn.TransformerEncoderLayer(4, 2, activation="elu"), "an activation of"),
        (lambda: nn.TransformerEncoder(nn.TransformerEncoderLayer(4, 2), 0), "at least 1 layer"),
        (lambda: nn.TransformerEncoderLayer(5, 2), "a width that 2 heads divide, got 5"),
    ],
)
def test_an_encoder_that_cannot_be_is_refused(make, says):
    with pytest.raises(GraphError, match=says):
        make()
