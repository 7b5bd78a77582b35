"""Weights into a network by name: all of them, or none."""

import numpy as np
import pytest

from delea import nn
from delea.errors import DtypeError, GraphError, ShapeError
from delea.importers.weights import set_weights, widen


@pytest.fixture
def network():
    return nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3))


def values(network):
    return {name: np.full(part.shape, 0.5) for name, part in network.named_tensors()}


def test_every_tensor_is_set_by_name(network):
    set_weights(network, values(network) | {"1.num_batches_tracked": np.int64(4)})
    assert {float(part.value.max()) for _, part in network.named_tensors()} == {0.5}


def test_missing_names_are_told(network):
    with pytest.raises(GraphError, match=r"^weights for 0\.bias, 1\.weight, 1\.bias, 1\.running_"):
        set_weights(network, {"0.weight": np.zeros((3, 2))})


def test_unknown_names_are_told_and_only_some_of_many(network):
    more = {f"x{i}": np.zeros(1) for i in range(9)}
    with pytest.raises(GraphError, match=r"it has no x0, x1, x2, x3, x4 and 4 more$"):
        set_weights(network, values(network) | more)


def test_another_shape_is_told_and_nothing_is_set(network):
    with pytest.raises(
        ShapeError, match=r"^weights of other shapes: 0\.bias; 0\.bias needs \(3,\)"
    ):
        set_weights(network, values(network) | {"0.bias": np.zeros(4)})
    assert dict(network.named_tensors())["0.weight"].value is None


def test_texts_are_no_weights(network):
    with pytest.raises(DtypeError, match=r"^0\.bias needs real numbers"):
        set_weights(network, values(network) | {"0.bias": np.array(["a", "b", "c"])})


def test_brain_floats_become_the_floats_whose_upper_halves_they_are():
    halves = np.array([0x3F80, 0xC040, 0x0000, 0x0080], "<u2")
    wide = widen(halves)
    assert wide.dtype == np.float32
    assert wide.tolist() == [1.0, -3.0, 0.0, 2.0**-126]
