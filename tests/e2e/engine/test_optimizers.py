"""Optimizers, schedules and clipping: the same bits everywhere, the rates of their formulas."""

import math

import numpy as np
import pytest

from delea import nn
from delea.artifact import read_manifest
from delea.compiler import build
from delea.errors import DatasetError, GraphError, ShapeError
from delea.runtime import Sandbox

SEED = bytes(range(3, 35))


def columns(rows, width, seed=0):
    return np.random.default_rng(seed).uniform(-1, 1, (rows, width)).astype(np.float32)


def program(optimizer, **options):
    network = nn.Sequential(nn.Linear(3, 5), nn.Tanh(), nn.Linear(5, 2))
    data = nn.Dataset(columns(9, 3), columns(9, 2, 1))
    return nn.Program(network, nn.MSELoss(), optimizer, data, **{"batch": 4, **options})


OPTIMIZERS = {
    "nesterov": lambda: nn.SGD(0.1, momentum=0.9, nesterov=True, weight_decay=0.1),
    "rmsprop": lambda: nn.RMSprop(0.01, momentum=0.5),
    "lion": lambda: nn.Lion(0.01, weight_decay=0.1),
    "adamw of some": lambda: nn.AdamW(0.01, no_decay=("bias",)),
    "clipped": lambda: nn.AdamW(0.01, matrices_only=True, clip_norm=0.1),
    "cosine": lambda: nn.Adam(nn.CosineWarmup(0.1, warmup=2, total=5, floor=0.01)),
    "steps": lambda: nn.SGD(nn.StepDecay(0.1, step_size=2, gamma=0.5), momentum=0.9),
    "constant": lambda: nn.Lion(nn.Constant(0.1), clip_norm=1.0),
}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_an_optimizer_in_two_engines(reference, sandboxed, name):
    artifact = build(program(OPTIMIZERS[name]()))
    assert sandboxed(artifact, 6, b"") == reference(artifact, 6, b"")


class Slope(nn.Module):
    """Its loss is the parameter: each step of SGD takes one rate away."""

    def __init__(self):
        super().__init__()
        self.place = nn.Parameter((1,))

    def forward(self, x):
        return x * 0.0 + self.place


class Place(nn.Loss):
    name = "place"

    def rows(self, output, target):  # noqa: ARG002 - the interface of all losses
        return output.flatten(1).sum(1)


def rates(schedule, steps, **options):
    """Return the rate of each step."""
    data = nn.Dataset(np.ones((2, 1)), np.ones((2, 1)))
    artifact = build(nn.Program(Slope(), Place(), nn.SGD(schedule, **options), data, batch=1))
    tensor = read_manifest(artifact.module).tensors[0]
    places, state = [0.0], artifact.genesis
    with Sandbox(artifact.module) as sandbox:
        sandbox.load_dataset(artifact.dataset)
        for _ in range(steps):
            state = sandbox.train(state, SEED, 1).state
            places.append(float(np.frombuffer(state, "<f4", 1, tensor.offset)[0]))
    return -np.diff(places)


def test_a_cosine_with_a_warm_up_and_a_floor():
    falling = [0.1 + 0.4 * (1 + math.cos(math.pi * k / 6)) for k in range(6)]
    expected = [0.225, 0.45, 0.675, 0.9, *falling, 0.1, 0.1]
    schedule = nn.CosineWarmup(0.9, warmup=4, total=10, floor=0.1)
    np.testing.assert_allclose(rates(schedule, 12), expected, rtol=1e-4)


def test_a_rate_that_falls_in_steps():
    expected = [0.5, 0.5, 0.5, 0.25, 0.25, 0.25, 0.125]
    np.testing.assert_allclose(rates(nn.StepDecay(0.5, step_size=3, gamma=0.5), 7), expected)


def test_a_clipped_gradient_has_the_norm_of_the_limit():
    np.testing.assert_allclose(rates(0.5, 2, clip_norm=0.25), [0.125] * 2, rtol=1e-4)


def test_lion_steps_by_the_sign_and_decays():
    data = nn.Dataset(np.ones((2, 1)), np.ones((2, 1)))
    network = Slope()
    network.place.set([2.0])
    artifact = build(nn.Program(network, Place(), nn.Lion(0.1, weight_decay=0.5), data))
    with Sandbox(artifact.module) as sandbox:
        sandbox.load_dataset(artifact.dataset)
        state = sandbox.train(artifact.genesis, SEED, 2).state
    place = np.frombuffer(state, "<f4", 1, 40)[0]
    np.testing.assert_allclose(place, (2.0 * 0.95 - 0.1) * 0.95 - 0.1, rtol=1e-6)


def test_the_manifest_holds_every_number():
    schedule = nn.CosineWarmup(0.1, warmup=2, total=5, floor=0.01)
    decay = {"weight_decay": 0.2, "matrices_only": True, "no_decay": ("bias", "2.weight")}
    optimizer = nn.AdamW(schedule, **decay, clip_norm=0.5)
    numbers = dict(read_manifest(build(program(optimizer)).module).optimizer.numbers)
    assert numbers == {
        "beta1": 0.9,
        "beta2": 0.999,
        "clip_norm": 0.5,
        "eps": 1e-8,
        "lr": 0.1,
        "lr_floor": 0.01,
        "lr_total": 5.0,
        "lr_warmup": 2.0,
        "matrices_only": 1.0,
        "no_decay 2.weight": 1.0,
        "no_decay bias": 1.0,
        "weight_decay": 0.2,
    }


REFUSED = {
    "a warm-up as long as all": (
        lambda: nn.CosineWarmup(0.1, warmup=5, total=5),
        "a warm-up shorter than 5 steps",
    ),
    "a floor above": (lambda: nn.CosineWarmup(0.1, total=5, floor=0.2), r"a floor within 0\.\.0.1"),
    "steps of nothing": (lambda: nn.StepDecay(0.1, step_size=0), "a step size of at least 1"),
    "nesterov alone": (lambda: nn.SGD(nesterov=True), "a momentum above 0 expected"),
    "a negative decay": (lambda: nn.AdamW(weight_decay=-1), "adamw: weight_decay of at least 0"),
    "a negative limit": (lambda: nn.Adam(clip_norm=-1.0), "adam: clip_norm of at least 0"),
    "a negative rate": (lambda: nn.Lion(nn.Constant(-1.0)), "lion: lr of at least 0"),
    "an alpha of 1": (lambda: nn.RMSprop(alpha=1.0), "rmsprop: alpha below 1 expected"),
    "betas of 1": (lambda: nn.Lion(betas=(0.9, 1.0)), "lion: betas below 1 expected"),
    "a width of 0": (lambda: nn.HuberLoss(delta=0.0), "HuberLoss needs a width above 0"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_numbers_that_make_no_sense_are_refused(name):
    make, message = REFUSED[name]
    with pytest.raises(GraphError, match=message):
        make()


def sequences(layout, classes=5, length=4):
    """A classifier of every place of a sequence; `layout` says where the classes are."""

    class Places(nn.Module):
        def __init__(self):
            super().__init__()
            self.table = nn.Embedding(classes, classes)

        def forward(self, x):
            y = self.table(x)
            return y if layout == "last" else y.transpose(1, 2)

    tokens = np.arange(7 * length).reshape(7, length) % classes
    data = nn.Dataset(tokens, (tokens + 1) % classes)
    network = Places()
    network.table.weight.set(np.arange(classes * classes).reshape(classes, classes) / 10)
    return nn.Program(network, nn.CrossEntropyLoss(), nn.SGD(0.1), data, batch=3)


def test_both_layouts_of_a_sequence_give_the_same_loss(reference, sandboxed):
    found = []
    for layout in ("last", "middle"):
        artifact = build(sequences(layout))
        outcome = sandboxed(artifact, 2, b"")
        assert outcome == reference(artifact, 2, b"")
        found.append(outcome.losses)
    assert found[0] == found[1]


def test_as_many_classes_as_places_are_refused():
    with pytest.raises(ShapeError, match="another number of classes than of places, got 4 of both"):
        build(sequences("last", classes=4))


def test_a_label_out_of_range_in_a_sequence_is_refused():
    given = sequences("middle")
    data = nn.Dataset(given.data.inputs, given.data.targets + 1)
    broken = nn.Program(given.network, given.loss, given.optimizer, data)
    with pytest.raises(DatasetError, match=r"labels 0\.\.4 expected, got 1\.\.5"):
        build(broken)
