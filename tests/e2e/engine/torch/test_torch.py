"""The same network, weights, rows and optimizer end at PyTorch's numbers (numbers.json)."""

import importlib.util
import json
from pathlib import Path

import numpy as np
import pytest

from delea import nn
from delea.artifact import read_manifest
from delea.compiler import build
from delea.runtime import Sandbox

HERE = Path(__file__).parent
_spec = importlib.util.spec_from_file_location("torch_cases", HERE / "cases.py")
cases = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(cases)
NUMBERS = json.loads((HERE / "numbers.json").read_text(encoding="utf-8"))


def ramp(*shape):
    numbers = np.arange(int(np.prod(shape)), dtype=np.int64)
    return ((numbers * numbers * 7 + numbers * 13) % 128 / 64 - 1).reshape(shape).astype(np.float32)


def output_shape(network, shape):
    """Return the shape of a row of output: that of the target."""
    targets = np.zeros((1, *shape), np.float32)
    probe = nn.Program(network, Any(), nn.SGD(), nn.Dataset(ramp(2, *shape), targets[[0, 0]]))
    return read_manifest(build(probe).module).output.shape


class Any(nn.Loss):
    """A loss that takes outputs of any shape."""

    name = "any"

    def rows(self, output, target):  # noqa: ARG002 - the interface of all losses
        return output.flatten(1).mean(1)


def trained(network, shape, loss, optimizer):
    for _, part in network.named_parameters():
        part.set(ramp(*part.shape) / 2)
    targets = np.full((cases.ROWS, *output_shape(network, shape)), 0.25, np.float32)
    data = nn.Dataset(ramp(cases.ROWS, *shape), targets)
    artifact = build(nn.Program(network, loss, optimizer, data))
    with Sandbox(artifact.module) as sandbox:
        sandbox.load_dataset(artifact.dataset)
        state = sandbox.train(artifact.genesis, bytes(32), cases.STEPS).state
    return {
        t.name: np.frombuffer(state, "<f4", int(np.prod(t.shape)), t.offset).tolist()
        for t in read_manifest(artifact.module).tensors
        if not t.name.startswith("optimizer.")
    }


def two_layers(activation):
    return nn.Sequential(nn.Linear(3, 4), activation, nn.Linear(4, 2))


def agree(name, found):
    assert set(found) == set(NUMBERS[name])
    for key, values in NUMBERS[name].items():
        np.testing.assert_allclose(found[key], values, rtol=2e-4, atol=2e-5, err_msg=key)


@pytest.mark.parametrize("name", cases.LAYERS)
def test_a_layer(name):
    kind, arguments, options, shape = cases.LAYERS[name]
    network = getattr(nn, kind)(*arguments, **options)
    agree(name, trained(network, shape, nn.MSELoss(), nn.SGD(0.1)))


@pytest.mark.parametrize("name", cases.ACTIVATIONS)
def test_an_activation(name):
    agree(name, trained(two_layers(getattr(nn, name)()), (3,), nn.MSELoss(), nn.SGD(0.1)))


@pytest.mark.parametrize("name", cases.LOSSES)
def test_a_loss(name):
    loss = getattr(nn, name)(**cases.LOSSES[name])
    agree(name, trained(nn.Linear(3, 2), (3,), loss, nn.SGD(0.1)))


@pytest.mark.parametrize("name", cases.OPTIMIZERS)
def test_an_optimizer(name):
    kind, options = cases.OPTIMIZERS[name]
    optimizer = getattr(nn, kind)(**options)
    agree(name, trained(two_layers(nn.Tanh()), (3,), nn.MSELoss(), optimizer))


def test_clipping_by_the_global_norm():
    optimizer = nn.SGD(0.1, clip_norm=cases.CLIP)
    agree("clip", trained(two_layers(nn.Tanh()), (3,), nn.MSELoss(), optimizer))
