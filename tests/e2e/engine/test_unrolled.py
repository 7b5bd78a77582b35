"""A long sequence: every step runs the same functions, so that its code hardly grows."""

import numpy as np
import pytest

from delea import nn
from delea.artifact.wasm import read_sections
from delea.compiler import build, rebuild
from delea.runtime import check_module

CODE, KIB = 10, 1024
LENGTH = 32


class Last(nn.Module):
    """The classes from the last hidden state."""

    def __init__(self, kind):
        super().__init__()
        self.cells = getattr(nn, kind)(3, 8, batch_first=True)
        self.head = nn.Linear(8, 4)

    def forward(self, x):
        outputs, _ = self.cells(x)
        return self.head(outputs[:, -1])


def program(kind, length):
    x = np.random.default_rng(0).standard_normal((12, length, 3)).astype(np.float32)
    data = nn.Dataset(x, np.arange(12) % 4)
    return nn.Program(Last(kind), nn.CrossEntropyLoss(), nn.Adam(), data, batch=4, infer_batch=4)


def code_bytes(artifact):
    return sum(len(s.body) for s in read_sections(artifact.module) if s.id == CODE)


@pytest.mark.parametrize("kind", ["LSTM", "GRU"])
def test_the_code_of_a_recurrent_layer_hardly_grows_with_the_sequence(kind):
    short, long = (code_bytes(build(program(kind, length))) for length in (8, LENGTH))
    assert long < 64 * KIB
    assert long < 2 * short


def test_a_long_sequence_passes_the_policy_and_gives_the_reference_s_bits(reference, sandboxed):
    artifact = build(program("LSTM", LENGTH))
    assert check_module(artifact.module).batch == 4
    inputs = np.ones((2, LENGTH, 3), np.float32).tobytes()
    assert sandboxed(artifact, 2, inputs) == reference(artifact, 2, inputs)
    assert rebuild(artifact.module) == artifact.module
