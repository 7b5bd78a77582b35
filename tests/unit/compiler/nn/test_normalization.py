"""Normalizations, attention and what looks up rows: compiled, their numbers, their gradients."""

import numpy as np
import pytest

from delea import nn


def normal(x, axes, eps=1e-5):
    centred = x - x.mean(axes, keepdims=True)
    return centred / np.sqrt((centred**2).mean(axes, keepdims=True) + eps)


def softmax(x, axis):
    powers = np.exp(x - x.max(axis, keepdims=True))
    return powers / powers.sum(axis, keepdims=True)


@pytest.mark.parametrize("shape", [(4, 7), (2, 3, 5)])
def test_layer_norm(check, shape):
    check(
        nn.layer_norm,
        shape,
        shape[-1:],
        shape[-1:],
        expected=lambda x, w, b: normal(x, -1) * w + b,
        special=False,
    )


def test_layer_norm_over_several_axes(check):
    check(
        lambda x: nn.layer_norm(x, axes=2),
        (3, 5, 7),
        expected=lambda x: normal(x, (1, 2)),
        special=False,
    )


def test_rms_norm(check):
    check(
        lambda x, w: nn.rms_norm(x, w, 1e-6),
        (3, 5, 7),
        (7,),
        expected=lambda x, w: x / np.sqrt((x**2).mean(-1, keepdims=True) + 1e-6) * w,
        special=False,
    )


@pytest.mark.parametrize("groups", [1, 2, 6])
def test_group_norm(check, groups):
    def expected(x, w, b):
        grouped = normal(x.reshape(2, groups, -1), -1).reshape(x.shape)
        return grouped * w[:, None, None] + b[:, None, None]

    check(
        lambda x, w, b: nn.group_norm(x, groups, w, b),
        (2, 6, 3, 5),
        (6,),
        (6,),
        expected=expected,
        special=False,
    )


@pytest.mark.parametrize("dim", [0, 1, -1])
def test_softmax(check, dim):
    check(lambda x: nn.softmax(x, dim), (3, 5, 7), expected=lambda x: softmax(x, dim))
    check(lambda x: nn.log_softmax(x, dim), (3, 5, 7), expected=lambda x: np.log(softmax(x, dim)))


def test_causal_attention(check):
    def expected(q, k, v):
        scores = q @ k.swapaxes(-1, -2) / np.sqrt(q.shape[-1])
        scores[..., np.triu(np.ones((5, 5), bool), 1)] = -1e9
        return softmax(scores, -1) @ v

    check(
        lambda q, k, v: nn.attention(q, k, v, causal=True),
        *[(2, 3, 5, 4)] * 3,
        expected=expected,
        special=False,
    )


def test_an_embedding_clips_its_indices_and_adds_up_its_gradients(check):
    index = np.array([[0, 3, 3], [6, -2, 99]], np.int32)
    check(
        lambda table, index: nn.embedding(index, table),
        (7, 5),
        index={"index": index},
        expected=lambda table, index: table[np.clip(index, 0, 6)],
    )


def test_one_hot_of_any_shape(check):
    index = np.array([[0, 3, 4], [2, -2, 1]], np.int32)
    check(
        lambda x, index: nn.one_hot(index, 4) * x,
        (4,),
        index={"index": index},
        expected=lambda x, index: (index[..., None] == np.arange(4)) * x,
    )


@pytest.mark.parametrize("shape", [(1,), (5,), (3, 7), (2, 3, 9)])
@pytest.mark.parametrize("p", [0.0, 0.25, 1.0])
def test_dropout(check, shape, p):
    header = np.arange(1, 11, dtype=np.int32) * 123456789
    found = check(lambda x, _: nn.dropout(x, p), shape, index={"header": header}, gradient=False)
    kept = found["y"] != 0
    if 0.0 < p < 1.0:
        np.testing.assert_array_equal(found["dx0"] != 0, kept)
    else:
        assert kept.all() == (p == 0.0)
