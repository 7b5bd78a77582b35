"""What recurrent and attention layers take besides their input, and what does not fit."""

import numpy as np
import pytest

from delea import nn
from delea.compiler.build import define
from delea.errors import DtypeError, ShapeError
from delea.graph import interpret

ROWS, LENGTH, WIDTH = 6, 4, 3


class Net(nn.Module):
    """A layer, and a function of it and the input that gives rows of numbers."""

    def __init__(self, layer, function):
        super().__init__()
        self.layer, self.function = layer, function

    def forward(self, x):
        return self.function(self.layer, x).flatten(1)


def values(layer, function, x):
    """Return what the network gives, by the reference."""
    found = define(probe(layer, function), ROWS).graphs["infer"]
    leaves = layer.state_dict()
    leaves = {f"layer.{name}": value for name, value in leaves.items()}
    return interpret(found, {**leaves, "input": x})["output"]


class Any(nn.Loss):
    name = "any"

    def rows(self, output, target):  # noqa: ARG002 - the interface of all losses
        return output.flatten(1).mean(1)


def probe(layer, function):
    data = nn.Dataset(np.ones((ROWS, LENGTH, WIDTH)), np.ones(ROWS))
    network = Net(layer, function)
    return nn.Program(network, Any(), nn.SGD(), data, infer_batch=ROWS)


def inputs():
    return np.random.default_rng(0).uniform(-1, 1, (ROWS, LENGTH, WIDTH)).astype(np.float32)


@pytest.mark.parametrize("kind", ["LSTM", "GRU", "RNN"])
@pytest.mark.parametrize("layers", [1, 2])
def test_a_sequence_in_two_parts_is_the_whole_sequence(kind, layers):
    layer = getattr(nn, kind)(WIDTH, 5, layers, batch_first=True)

    def halves(layer, x):
        first, state = layer(x[:, :2])
        return nn.cat([first, layer(x[:, 2:], state)[0]], 1)

    whole = values(layer, lambda layer, x: layer(x)[0], inputs())
    assert values(layer, halves, inputs()).tolist() == whole.tolist()


@pytest.mark.parametrize("kind", ["LSTM", "GRU", "RNN"])
def test_the_last_state_is_the_last_output(kind):
    layer = getattr(nn, kind)(WIDTH, 5, batch_first=True)

    def difference(layer, x):
        outputs, state = layer(x)
        last = state[0] if isinstance(state, tuple) else state
        return last[0] - outputs[:, -1]

    assert not values(layer, difference, inputs()).any()


def test_a_state_of_zeros_is_the_default():
    layer = nn.LSTM(WIDTH, 5, batch_first=True)

    def given(layer, x):
        zeros = nn.stack([x[:, 0, :1].expand(-1, 5) * 0.0])
        return layer(x, (zeros, zeros))[0]

    expected = values(layer, lambda layer, x: layer(x)[0], inputs())
    assert values(layer, given, inputs()).tolist() == expected.tolist()


STATES = {
    "another width": (
        lambda x: (zeros(x, 4), zeros(x, 4)),
        ShapeError,
        r"a state \(1, 6, 5\) expected, got \(1, 6, 4\)",
    ),
    "one for two": (lambda x: zeros(x, 5), DtypeError, "a state of 2 tensors expected, got 1"),
    "three for two": (lambda x: (x, x, x), DtypeError, "a state of 2 tensors expected, got 3"),
    "a number": (lambda _: (None, None), DtypeError, "a tensor, a parameter or a number expected"),
}


def zeros(x, width):
    return x[:, 0, :1].expand(-1, width)[None]


@pytest.mark.parametrize("name", STATES)
def test_a_state_that_does_not_fit_is_refused(name):
    make, fault, says = STATES[name]
    layer = nn.LSTM(WIDTH, 5, batch_first=True)
    with pytest.raises(fault, match=rf"\Alayer: LSTM on \(6, 4, 3\): {says}"):
        define(probe(layer, lambda layer, x: layer(x, make(x))[0]), ROWS)


def test_causal_attention_is_attention_with_a_mask():
    causal, masked = nn.CausalSelfAttention(WIDTH, 3), nn.MultiheadAttention(WIDTH, 3)
    masked.batch_first = True
    places = nn.Parameter((LENGTH,))
    places.set(np.arange(LENGTH))
    masked.places = places

    def hidden(layer, x):
        later = layer.places.__add__(0.0)[None] > layer.places.__add__(0.0)[:, None]
        return layer(x, x, x, attn_mask=later)[0]

    expected = values(causal, lambda layer, x: layer(x), inputs())
    masked.load_state_dict({**causal.state_dict(), "places": np.arange(LENGTH)})
    assert values(masked, hidden, inputs()).tolist() == expected.tolist()


def test_the_weights_of_attention_are_the_heads_mean_and_add_up_to_one():
    layer = nn.MultiheadAttention(WIDTH, 3, batch_first=True)
    weights = values(layer, lambda layer, x: layer(x, x[:, :2], x[:, :2])[1], inputs())
    assert weights.shape == (ROWS, LENGTH * 2)
    np.testing.assert_allclose(weights.reshape(ROWS, LENGTH, 2).sum(2), 1.0, rtol=1e-6)


def test_weights_that_are_not_needed_are_none():
    layer = nn.MultiheadAttention(WIDTH, 3, batch_first=True)
    seen = []

    def call(layer, x):
        result, weights = layer(x, x, x, need_weights=False)
        seen.append(weights)
        return result

    values(layer, call, inputs())
    assert set(seen) == {None}


@pytest.mark.parametrize("batch_first", [True, False])
def test_keys_of_another_sequence_are_projected_apart(batch_first):
    layer = nn.MultiheadAttention(WIDTH, 3, batch_first=batch_first)

    def turned(x):
        return x if batch_first else x.transpose(0, 1)

    def joint(layer, x):
        return turned(layer(turned(x), turned(x), turned(x))[0])

    def apart(layer, x):
        same = turned(x) * 1.0, turned(x) + 0.0
        return turned(layer(turned(x), *same)[0])

    one, other = (values(layer, function, inputs()) for function in (joint, apart))
    np.testing.assert_allclose(one, other, rtol=1e-6, atol=1e-7)


KEYS = {
    "another width": (lambda x: x[:, :, :2], r"an input \(batch, length, 3\) expected"),
    "other rows": (lambda x: nn.cat([x, x]), r"an input \(batch, length, 3\) expected"),
}


@pytest.mark.parametrize("name", KEYS)
def test_keys_that_do_not_fit_are_refused(name):
    make, says = KEYS[name]
    layer = nn.MultiheadAttention(WIDTH, 3, batch_first=True)
    with pytest.raises(ShapeError, match=rf"\Alayer: MultiheadAttention on \(6, 4, 3\): {says}"):
        define(probe(layer, lambda layer, x: layer(x, make(x), make(x))[0]), ROWS)


def test_a_value_per_key_is_needed():
    layer = nn.MultiheadAttention(WIDTH, 3, batch_first=True)
    with pytest.raises(ShapeError, match="a value per key expected, got"):
        define(probe(layer, lambda layer, x: layer(x, x, x[:, :1])[0]), ROWS)
