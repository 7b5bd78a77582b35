"""Losses, one number per row: compiled, against float64, and their gradients."""

import numpy as np
import pytest

from delea import nn


def per_row(elements):
    return lambda x, t: elements(x, t).mean(1)


def huber(error, delta):
    size = np.abs(error)
    return np.where(size < delta, error**2 / 2, delta * (size - delta / 2))


ELEMENTS = {
    "mse": (nn.MSELoss(), lambda x, t: (x - t) ** 2),
    "l1": (nn.L1Loss(), lambda x, t: np.abs(x - t)),
    "huber": (nn.HuberLoss(delta=0.7), lambda x, t: huber(x - t, 0.7)),
    "smooth l1": (nn.SmoothL1Loss(beta=0.7), lambda x, t: huber(x - t, 0.7) / 0.7),
    "bce": (
        nn.BCEWithLogitsLoss(),
        lambda x, t: np.maximum(x, 0) - x * t + np.log1p(np.exp(-np.abs(x))),
    ),
}


@pytest.mark.parametrize("shape", [(1, 1), (3, 5), (2, 9)])
@pytest.mark.parametrize("name", ELEMENTS)
def test_a_loss_of_elements(check, name, shape):
    loss, elements = ELEMENTS[name]
    check(loss.rows, shape, shape, expected=per_row(elements))


def log_softmax(x):
    shifted = x - x.max(-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(-1, keepdims=True))


@pytest.mark.parametrize("classes", [2, 3, 7])
def test_a_cross_entropy(check, classes):
    labels = (np.arange(5) % classes).astype(np.int32)
    check(
        nn.CrossEntropyLoss().rows,
        (5, classes),
        index={"labels": labels},
        expected=lambda x, t: -log_softmax(x)[np.arange(5), t],
    )


@pytest.mark.parametrize("middle", [False, True])
def test_a_cross_entropy_of_sequences(check, middle):
    labels = (np.arange(12).reshape(3, 4) % 5).astype(np.int32)

    def expected(x, t):
        logs = log_softmax(x.swapaxes(1, 2) if middle else x)
        return -np.take_along_axis(logs, t[..., None], 2)[..., 0].mean(1)

    shape = (3, 5, 4) if middle else (3, 4, 5)
    check(nn.CrossEntropyLoss().rows, shape, index={"labels": labels}, expected=expected)


def test_a_loss_far_out_stays_finite_with_its_gradient(check):
    for loss in (nn.BCEWithLogitsLoss(), nn.HuberLoss(), nn.SmoothL1Loss()):
        found = check(loss.rows, (3, 5), (3, 5), low=-300.0, high=300.0, gradient=False)
        assert np.isfinite(found["y"]).all()
        assert np.isfinite(found["dx0"]).all()
