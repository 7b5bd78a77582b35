"""Elementwise functions: compiled, their numbers and their gradients."""

from math import erf

import numpy as np
import pytest

from delea import nn
from delea.errors import DtypeError

ERF = np.vectorize(erf, otypes=[float])
SHAPES = [(), (1,), (5,), (3, 7)]


def gelu_tanh(x):
    return 0.5 * x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)))


SMOOTH = {
    "exp": (nn.exp, np.exp),
    "sin": (nn.sin, np.sin),
    "cos": (nn.cos, np.cos),
    "erf": (nn.erf, ERF),
    "tanh": (nn.tanh, np.tanh),
    "neg": (nn.neg, np.negative),
    "abs": (nn.abs, np.abs),
    "relu": (nn.relu, lambda x: np.maximum(x, 0)),
    "leaky_relu": (nn.leaky_relu, lambda x: np.where(x > 0, x, 0.01 * x)),
    "elu": (nn.elu, lambda x: np.where(x > 0, x, np.exp(x) - 1)),
    "sigmoid": (nn.sigmoid, lambda x: 1 / (1 + np.exp(-x))),
    "silu": (nn.silu, lambda x: x / (1 + np.exp(-x))),
    "softplus": (nn.softplus, lambda x: np.log1p(np.exp(x))),
    "gelu tanh": (lambda x: nn.gelu(x, "tanh"), gelu_tanh),
    "gelu": (nn.gelu, lambda x: 0.5 * x * (1 + ERF(x / np.sqrt(2)))),
    "clip": (lambda x: nn.clip(x, -0.5, 1.25), lambda x: np.clip(x, -0.5, 1.25)),
    "clip below": (lambda x: nn.clip(x, least=0.5), lambda x: np.maximum(x, 0.5)),
    "clip above": (lambda x: nn.clamp(x, most=0.5), lambda x: np.minimum(x, 0.5)),
    "square": (lambda x: x**2, np.square),
    "cube": (lambda x: x**3, lambda x: x**3),
    "inverse": (lambda x: (x + 3) ** -1, lambda x: 1 / (x + 3)),
    "exponential": (lambda x: 2.5**x, lambda x: 2.5**x),
    "fifth power": (lambda x: x**5, lambda x: x**5),
    "abs()": (lambda x: abs(x * 2), lambda x: np.abs(x * 2)),
}
POSITIVE = {
    "log": (nn.log, np.log),
    "sqrt": (nn.sqrt, np.sqrt),
    "rsqrt": (nn.rsqrt, lambda x: 1 / np.sqrt(x)),
    "root": (lambda x: x**0.5, np.sqrt),
    "one over a root": (lambda x: x**-0.5, lambda x: 1 / np.sqrt(x)),
    "fraction": (lambda x: x**1.7, lambda x: x**1.7),
}
PAIRS = {
    "maximum": (nn.maximum, np.maximum),
    "minimum": (nn.minimum, np.minimum),
    "where less": (lambda x, y: nn.where(x < y, x * 2, y), lambda x, y: np.where(x < y, 2 * x, y)),
    "less": (lambda x, y: (x < y).float(), np.less),
    "less_equal": (lambda x, y: (x <= y).float(), np.less_equal),
    "greater": (lambda x, y: (x > y).float(), np.greater),
    "greater_equal": (lambda x, y: (x >= y).float(), np.greater_equal),
    "equal": (lambda x, y: nn.equal(x, y).float(), np.equal),
    "not_equal": (lambda x, y: nn.not_equal(x, y).float(), np.not_equal),
    "and": (
        lambda x, y: nn.logical_and(x > 0, y > 0).float(),
        lambda x, y: (x > 0) & (y > 0),
    ),
    "or": (lambda x, y: nn.logical_or(x > 0, y > 0).float(), lambda x, y: (x > 0) | (y > 0)),
    "not": (lambda x, y: nn.logical_not(x > y).float(), lambda x, y: ~(x > y)),
}


@pytest.mark.parametrize("name", SMOOTH)
def test_a_function(check, name):
    function, expected = SMOOTH[name]
    check(function, (3, 7), expected=expected)


@pytest.mark.parametrize("shape", SHAPES)
def test_a_function_of_any_shape(check, shape):
    check(lambda x: nn.gelu(nn.sin(x) ** 2.5 + nn.erf(x)), shape, low=0.1, high=1.5)


@pytest.mark.parametrize("name", POSITIVE)
def test_a_function_of_positive_numbers(check, name):
    function, expected = POSITIVE[name]
    check(function, (3, 7), expected=expected, low=0.2, high=3.0)


@pytest.mark.parametrize("name", PAIRS)
def test_a_function_of_two_tensors(check, name):
    function, expected = PAIRS[name]
    check(function, (3, 7), (7,), expected=expected)


def test_a_power_of_tensors(check):
    check(nn.pow, (3, 5), (5,), expected=np.power, low=0.2, high=2.0)


def test_comparisons_with_a_nan_are_false_but_not_equal(check):
    def all_of(x):
        y = x * 1.0
        held = (x < y, x <= y, x > y, x >= y, nn.equal(x, y), nn.not_equal(x, y))
        return nn.stack([mask.float() for mask in held])

    found = check(lambda x: all_of(x * np.inf * 0.0), (1,), gradient=False)
    assert found["y"][:, 0].tolist() == [0, 0, 0, 0, 0, 1]


def test_integers_compare_and_become_floats(check):
    labels = np.array([[0, 1, 2], [3, 4, 5]], np.int32)

    def function(x, index):
        return nn.where(index < 3, x, index.float()) + nn.equal(index, 4).float()

    check(
        function,
        (2, 3),
        index={"labels": labels},
        expected=lambda x, i: np.where(i < 3, x, i) + (i == 4),
    )


@pytest.mark.parametrize(
    "function", [nn.gelu, nn.silu, nn.sigmoid, nn.softplus, lambda x: nn.gelu(x, "tanh")]
)
def test_the_gradient_of_a_saturated_activation_is_finite(check, function):
    found = check(lambda x: function(x * 100.0), (9,), gradient=False)
    assert np.isfinite(found["y"]).all()
    assert np.isfinite(found["dx0"]).all()


def test_a_clip_passes_its_gradient_at_its_ends(check):
    found = check(lambda x: nn.clip(x * 0.0 + 1.0, 1.0, 1.0) * x, (3,))
    assert found["y"].shape == (3,)


def test_a_power_after_a_long_chain_compiles(check):
    def chain(x):
        for _ in range(30):
            x = x * 1.01 + 0.01
        return nn.sin(x**1.3) ** 2.2

    check(chain, (4,), low=0.1, high=0.5)


def test_gelu_has_two_forms():
    with pytest.raises(DtypeError, match="approximate 'tanh' or 'none' expected, got 'erf'"):
        nn.gelu(None, "erf")
