"""Inputs of each type: built, trained and used, the same bits in every engine."""

import numpy as np
import pytest

from delea import nn
from delea.artifact import read_manifest
from delea.compiler import build, rebuild

ROWS, WIDTH = 11, 5


class Bytes(nn.Module):
    """Bytes as numbers in [0, 1], scaled inside the module."""

    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(WIDTH, 3)

    def forward(self, x):
        return self.fc(x.float() / 255.0)


class Places(nn.Module):
    """Integers as places in a table, as numbers and as classes."""

    def __init__(self):
        super().__init__()
        self.table, self.fc = nn.Embedding(7, 4), nn.Linear(WIDTH * 12, 3)

    def forward(self, x):
        parts = self.table(x), x.float()[:, :, None] * 0.1, nn.one_hot(x, 7)
        return self.fc(nn.cat(parts, 2).flatten(1))


def numbers(rows, seed):
    return np.random.default_rng(seed).uniform(-1, 1, (rows, WIDTH)).astype(np.float32)


def integers(rows, seed):
    return np.random.default_rng(seed).integers(-2, 9, (rows, WIDTH), dtype=np.int32)


def pixels(rows, seed):
    return np.random.default_rng(seed).integers(0, 256, (rows, WIDTH), dtype=np.uint8)


TYPES = {
    "f32": (numbers, lambda: nn.Linear(WIDTH, 3)),
    "i32": (integers, Places),
    "u8": (pixels, Bytes),
}


def artifact_of(name):
    rows, network = TYPES[name]
    labels = np.arange(ROWS) % 3
    data = nn.Dataset(rows(ROWS, 0), labels, rows(4, 1), labels[:4])
    options = {"batch": 4, "infer_batch": 3}
    return build(nn.Program(network(), nn.CrossEntropyLoss(), nn.Adam(0.05), data, **options))


@pytest.mark.parametrize("name", TYPES)
def test_inputs_of_a_type_give_the_same_bits_in_every_engine(reference, sandboxed, in_node, name):
    artifact, inputs = artifact_of(name), TYPES[name][0](5, 2).tobytes()
    expected = reference(artifact, 8, inputs)
    assert sandboxed(artifact, 8, inputs) == expected
    assert in_node(artifact, 8, inputs) == expected
    assert len(set(expected.losses)) > 1
    assert rebuild(artifact.module) == artifact.module
    assert read_manifest(artifact.module).input.dtype == name


def test_bytes_scaled_inside_train_as_floats_scaled_outside(reference):
    labels, x = np.arange(ROWS) % 3, pixels(ROWS, 0)
    weights = {"fc.weight": numbers(3, 3), "fc.bias": np.zeros(3)}
    inside = Bytes()
    inside.load_state_dict(weights)
    outside = nn.Linear(WIDTH, 3)
    outside.load_state_dict({name[3:]: value for name, value in weights.items()})
    scaled = x.astype(np.float32) / np.float32(255)
    losses = [
        reference(
            build(
                nn.Program(network, nn.CrossEntropyLoss(), nn.SGD(0.5), nn.Dataset(rows, labels))
            ),
            6,
            rows[:2].tobytes(),
        ).losses
        for network, rows in ((inside, x), (outside, scaled))
    ]
    assert losses[0] == losses[1]
