"""The same network, weights, rows and optimizer end at PyTorch's numbers (numbers.json).

Each is trained in the sandbox and in the reference, which agree bit for bit.
"""

import importlib.util
import inspect
import json
from pathlib import Path

import numpy as np
import pytest

from delea import nn
from delea.artifact import read_manifest
from delea.compiler import Reference, build, read_definition
from delea.nn import layers, losses, optim
from delea.runtime import Sandbox

HERE = Path(__file__).parent
_spec = importlib.util.spec_from_file_location("torch_cases", HERE / "cases.py")
cases = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(cases)
NUMBERS = json.loads((HERE / "numbers.json").read_text(encoding="utf-8"))


def ramp(*shape):
    numbers = np.arange(int(np.prod(shape)), dtype=np.int64)
    return ((numbers * numbers * 7 + numbers * 13) % 128 / 64 - 1).reshape(shape).astype(np.float32)


def inputs(shape, *, tokens):
    if tokens:
        places = np.arange(cases.ROWS * int(np.prod(shape))) ** 2 % cases.TABLE
        return places.reshape(cases.ROWS, *shape)
    return ramp(cases.ROWS, *shape)


SPREADS = json.loads((HERE / "spreads.json").read_text(encoding="utf-8"))
DEFAULTS = json.loads((HERE / "defaults.json").read_text(encoding="utf-8"))


class Any(nn.Loss):
    """A loss that takes outputs of any shape."""

    name = "any"

    def rows(self, output, target):  # noqa: ARG002 - the interface of all losses
        return output.reshape(output.shape[0], -1).mean(1)


def targets(network, rows, loss):
    """Return labels for a loss of classes, else a quarter for every element of the output."""
    zeros = np.zeros(len(rows), np.float32)
    probe = nn.Program(network, Any(), nn.SGD(), nn.Dataset(rows, zeros))
    shape = read_manifest(build(probe).module).output.shape
    if isinstance(loss, nn.CrossEntropyLoss):
        return np.arange(cases.ROWS) % shape[0]
    return np.full((cases.ROWS, *shape), 0.25, np.float32)


def trained(network, shape, loss, optimizer, *, steps=cases.STEPS, tokens=False):
    for _, part in network.named_parameters():
        part.set(ramp(*part.shape) / 2)
    rows = inputs(shape, tokens=tokens)
    data = nn.Dataset(rows, targets(network, rows, loss))
    artifact = build(nn.Program(network, loss, optimizer, data))
    with Sandbox(artifact.module) as sandbox:
        sandbox.load_dataset(artifact.dataset)
        state = sandbox.train(artifact.genesis, bytes(32), steps).state
    reference = Reference(read_definition(artifact.module), artifact.dataset)
    assert reference.train(artifact.genesis, bytes(32), steps)[0] == state
    return {
        t.name: np.frombuffer(state, "<f4", int(np.prod(t.shape)), t.offset).tolist()
        for t in read_manifest(artifact.module).tensors
        if not t.name.startswith("optimizer.")
    }


def two_layers():
    return nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 2))


def agree(name, found, **tolerance):
    assert set(found) == set(NUMBERS[name])
    for key, values in NUMBERS[name].items():
        np.testing.assert_allclose(
            found[key], values, **{"rtol": 2e-4, "atol": 2e-5, **tolerance}, err_msg=key
        )


@pytest.mark.parametrize("name", cases.LAYERS)
def test_a_layer(name):
    kind, arguments, options, shape = cases.LAYERS[name]
    network, tokens = cases.alone(nn, kind, arguments, options), kind == "Embedding"
    agree(name, trained(network, shape, nn.MSELoss(), nn.SGD(0.1), tokens=tokens))


@pytest.mark.parametrize("name", cases.BETWEEN)
def test_a_layer_without_parameters(name):
    network, shape = cases.between(nn, *cases.BETWEEN[name])
    agree(name, trained(network, shape, nn.MSELoss(), nn.SGD(0.1)))


@pytest.mark.parametrize("name", cases.STATES)
def test_a_recurrent_layer_that_takes_and_gives_states(name):
    network = cases.states(nn, nn.cat, *cases.STATES[name])
    agree(name, trained(network, cases.SEQUENCE, nn.MSELoss(), nn.SGD(0.1)))


@pytest.mark.parametrize("name", cases.LOSSES)
def test_a_loss(name):
    loss = getattr(nn, name)(**cases.LOSSES[name])
    agree(name, trained(nn.Linear(3, 2), (3,), loss, nn.SGD(0.1)))


def long_trained(optimizer):
    return trained(two_layers(), (3,), nn.MSELoss(), optimizer, steps=cases.LONG)


@pytest.mark.parametrize("name", cases.OPTIMIZERS)
def test_an_optimizer(name):
    kind, options = cases.OPTIMIZERS[name]
    agree(name, long_trained(getattr(nn, kind)(**options)))


@pytest.mark.parametrize("options", [{"matrices_only": True}, {"no_decay": ("bias",)}])
def test_weight_decay_of_a_group(options):
    agree("AdamW groups", long_trained(nn.AdamW(0.05, weight_decay=cases.DECAY, **options)))


def test_clipping_by_the_global_norm():
    agree("clip", long_trained(nn.SGD(0.1, clip_norm=cases.CLIP)))


SCHEDULES = {
    "constant": lambda: nn.Constant(cases.RATE),
    "cosine": lambda: nn.CosineWarmup(
        cases.RATE, warmup=cases.WARMUP, total=cases.TOTAL, floor=cases.FLOOR
    ),
    "steps": lambda: nn.StepLR(cases.RATE, step_size=cases.STEP_SIZE, gamma=cases.GAMMA),
}


@pytest.mark.parametrize("name", SCHEDULES)
def test_a_schedule(name):
    agree(name, long_trained(nn.SGD(SCHEDULES[name]())))


def kinds(table):
    return {case[0] for case in table.values()}


@pytest.mark.parametrize("kind", cases.WIDE)
def test_first_weights_are_spread_as_pytorch_s(kind):
    arguments, options = cases.WIDE[kind]
    layer, source = getattr(nn, kind)(*arguments, **options), np.random.default_rng(0)
    tensors = dict(layer.named_tensors())
    assert set(tensors) == set(SPREADS[kind])
    for name, (deviation, largest) in SPREADS[kind].items():
        tensors[name].draw(source)
        value = tensors[name].value
        np.testing.assert_allclose(value.std(), deviation, rtol=0.12, err_msg=name)
        np.testing.assert_allclose(abs(value).max(), largest, rtol=0.25, err_msg=name)


def test_the_first_weights_of_every_layer_are_compared():
    assert kinds(cases.LAYERS) == set(cases.WIDE)


CONTAINERS = {"Sequential", "ModuleList", "TransformerEncoder"}
OWN = {"CausalSelfAttention"}
"""What PyTorch lacks: its own test shows that it is a MultiheadAttention with a mask."""


def test_every_layer_is_compared():
    known = kinds(cases.LAYERS) | kinds(cases.BETWEEN)
    assert known | CONTAINERS | OWN == set(layers.__all__)
    assert kinds(cases.STATES) == {"LSTM", "GRU", "RNN"}


def test_every_loss_is_compared():
    found = {kind.__name__ for kind in vars(losses).values() if is_named(kind, nn.Loss)}
    assert found == set(cases.LOSSES)


def test_every_optimizer_and_schedule_is_compared():
    public = [getattr(optim, name) for name in optim.__all__]
    optimizers = {kind.__name__ for kind in public if is_named(kind, nn.Optimizer)}
    assert optimizers - {"Lion"} == kinds(cases.OPTIMIZERS)  # Lion: test_lion.py
    found = {kind for kind in public if issubclass(kind, nn.Schedule)} - {nn.Schedule}
    assert found == {type(make()) for make in SCHEDULES.values()}


def is_named(kind, base):
    return isinstance(kind, type) and issubclass(kind, base) and bool(kind.name)


OUR_OWN = {"clip_norm", "matrices_only", "no_decay"}
"""What PyTorch says elsewhere: a call between the steps, groups of parameters."""

OTHERWISE = {("Softmax", "dim"): "-1.0", ("LogSoftmax", "dim"): "-1.0"}
"""Ours where PyTorch's is not what one wants: there None guesses the axis, and warns."""


def as_text(default):
    if default is inspect.Parameter.empty:
        return ""
    return repr(float(default) if type(default) is int else default)


@pytest.mark.parametrize("kind", DEFAULTS)
def test_arguments_have_pytorch_s_names_order_and_defaults(kind):
    ours = {
        part.name: as_text(part.default)
        for part in inspect.signature(getattr(nn, kind)).parameters.values()
        if part.name not in OUR_OWN
    }
    theirs = {name: DEFAULTS[kind][name] for name in ours if name in DEFAULTS[kind]}
    assert {name: OTHERWISE.get((kind, name), value) for name, value in theirs.items()} == ours
    positional = [
        part.name
        for part in inspect.signature(getattr(nn, kind)).parameters.values()
        if part.kind is part.POSITIONAL_OR_KEYWORD
    ]
    assert positional == list(DEFAULTS[kind])[: len(positional)]
