"""Inputs of uint8: bytes in the dataset, int32 in the network, the same bits in every engine."""

import numpy as np
import pytest

from delea import nn
from delea.artifact import read_manifest
from delea.compiler import build, rebuild
from delea.errors import DatasetError, DtypeError


class Scaled(nn.Module):
    """A network whose first layer sees bytes as numbers in [0, 1]."""

    def __init__(self, width):
        super().__init__()
        self.fc = nn.Linear(width, 3)

    def forward(self, x):
        return self.fc(x.float() * (1 / 255))


def pixels(rows, *shape, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (rows, *shape), dtype=np.uint8)


def program(width, rows=9, tests=4, **options):
    labels = np.arange(rows) % 3
    data = nn.Dataset(pixels(rows, width), labels, pixels(tests, width, seed=1), labels[:tests])
    options = {"batch": 4, "infer_batch": 3, **options}
    return nn.Program(Scaled(width), nn.CrossEntropyLoss(), nn.Adam(0.1), data, **options)


@pytest.mark.parametrize("width", [1, 2, 3, 4, 5, 17, 131])
@pytest.mark.parametrize("rows", [1, 2])
def test_rows_of_any_number_of_bytes(reference, sandboxed, width, rows):
    artifact = build(program(width))
    inputs = pixels(rows, width, seed=2).tobytes()
    assert sandboxed(artifact, 3, inputs) == reference(artifact, 3, inputs)
    assert rebuild(artifact.module) == artifact.module


def test_node_gives_the_same_bits(reference, in_node):
    artifact, inputs = build(program(5)), pixels(4, 5, seed=2).tobytes()
    assert in_node(artifact, 3, inputs) == reference(artifact, 3, inputs)


def test_the_dataset_holds_a_byte_per_pixel():
    artifact = build(program(5))
    manifest = read_manifest(artifact.module)
    assert (manifest.input.dtype, manifest.input.byte_length) == ("u8", 5)
    assert len(artifact.dataset) == 8 + 13 * (5 + 4)


def test_bytes_can_be_tokens(reference, sandboxed):
    network = nn.Sequential(nn.Embedding(256, 3), nn.Flatten(), nn.Linear(15, 3))
    data = nn.Dataset(pixels(6, 5), np.arange(6) % 3)
    artifact = build(nn.Program(network, nn.CrossEntropyLoss(), nn.SGD(0.1), data))
    inputs = pixels(2, 5, seed=2).tobytes()
    assert sandboxed(artifact, 3, inputs) == reference(artifact, 3, inputs)


def test_a_network_that_never_looks_at_its_bytes(reference, sandboxed):
    class Blind(nn.Module):
        def __init__(self):
            super().__init__()
            self.bias = nn.Parameter((1, 3), bound=1.0)

        def forward(self, x):
            return (self.bias + 0.0).expand(x.shape[0], 3)

    data = nn.Dataset(pixels(6, 5), np.arange(6) % 3)
    artifact = build(nn.Program(Blind(), nn.CrossEntropyLoss(), nn.SGD(0.1), data))
    inputs = pixels(2, 5).tobytes()
    assert sandboxed(artifact, 2, inputs) == reference(artifact, 2, inputs)


def test_bytes_into_a_linear_layer_name_the_layer():
    data = nn.Dataset(pixels(6, 5), np.arange(6) % 3)
    with pytest.raises(DtypeError, match=r"Linear on \(6, 5\): matmul needs inputs of type"):
        build(nn.Program(nn.Linear(5, 3), nn.CrossEntropyLoss(), nn.SGD(0.1), data))


def test_test_rows_of_another_type_are_refused():
    data = nn.Dataset(pixels(6, 5), np.arange(6) % 3, np.ones((1, 5)), np.zeros(1, int))
    with pytest.raises(DatasetError, match="uint8 as in the train part expected, got float64"):
        build(nn.Program(Scaled(5), nn.CrossEntropyLoss(), nn.SGD(0.1), data))
