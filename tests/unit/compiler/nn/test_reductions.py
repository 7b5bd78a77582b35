"""Reductions over any axes: compiled, their numbers and their gradients."""

import numpy as np
import pytest

AXES = [None, 0, 1, 2, -1, (0, 1), (0, 2), (1, 2), (0, 1, 2)]


@pytest.mark.parametrize("dim", AXES)
@pytest.mark.parametrize("name", ["sum", "mean", "max", "min"])
def test_a_reduction(check, name, dim):
    expected = getattr(np, name)
    check(lambda x: getattr(x, name)(dim), (3, 5, 7), expected=lambda x: expected(x, axis=dim))


@pytest.mark.parametrize("name", ["sum", "mean", "amax", "amin"])
def test_a_reduction_that_keeps_its_axes(check, name):
    expected = getattr(np, name)
    check(
        lambda x: getattr(x, name)((0, -1), keepdim=True),
        (2, 3, 9),
        expected=lambda x: expected(x, axis=(0, 2), keepdims=True),
    )


@pytest.mark.parametrize("dim", [None, 0, 1, -1])
def test_an_argmax(check, dim):
    found = check(
        lambda x: x.argmax(dim), (5, 9), expected=lambda x: np.argmax(x, axis=dim), gradient=False
    )
    assert found["y"].dtype == np.int32


def test_of_equal_largest_the_first_counts(check):
    found = check(lambda x: (x * 0.0).max((0, 1)), (2, 3), gradient=False)
    assert found["y"] == 0.0
    found = check(lambda x: (x * 0.0 + 1.0).argmax(1, keepdim=True), (2, 3), gradient=False)
    assert found["y"].tolist() == [[0], [0]]


def test_the_gradient_of_a_maximum_goes_to_the_first_of_the_largest(check):
    found = check(lambda x: (x - x + 1.0 + x).amax(1), (2, 3), gradient=False)
    assert (found["dx0"] != 0).sum(1).tolist() == [1, 1]
    tied = check(lambda x: ((x > 9.0).float() + x * 0.0 + 0.0 * x).amax(), (2, 3), gradient=False)
    assert tied["dx0"].shape == (2, 3)
