"""The reference interpreter, wasmtime and V8 give the same bits; and yesterday's."""

import numpy as np
import pytest

from delea import nn
from delea.artifact import read_dataset, read_manifest, state_root
from delea.compiler import Reference, build, read_definition

STEPS = 100


@pytest.fixture(scope="session")
def pinned(exact, weigh):
    """Two small programs whose numbers come from exact arithmetic, for `vectors/roots.json`."""
    inputs, test = exact(40, 3, period=256), exact(7, 3, period=128)
    regression = nn.Sequential(nn.Linear(3, 17), nn.Tanh(), nn.Linear(17, 2))
    weigh(regression)
    classes = nn.Sequential(nn.Linear(3, 9), nn.ReLU(), nn.Linear(9, 5))
    weigh(classes)
    return {
        "regression": nn.Program(
            network=regression,
            loss=nn.MSELoss(),
            optimizer=nn.SGD(0.05, momentum=0.9),
            data=nn.Dataset(inputs, exact(40, 2, period=64), test, exact(7, 2, period=64)),
            infer_batch=4,
        ),
        "classes": nn.Program(
            network=classes,
            loss=nn.CrossEntropyLoss(),
            optimizer=nn.Adam(1e-2),
            data=nn.Dataset(inputs, np.arange(40) * 3 % 5, test, np.arange(7) % 5),
            batch=7,
            infer_batch=3,
        ),
    }


def first_inputs(artifact, rows):
    """The input rows of the dataset's first records."""
    manifest = read_manifest(artifact.module)
    assert read_dataset(artifact.dataset, manifest).rows >= rows
    records = np.frombuffer(artifact.dataset, np.uint8, offset=8)
    records = records.reshape(-1, manifest.record_bytes)
    return records[:rows, : manifest.input.byte_length].tobytes()


@pytest.mark.parametrize("name", ["sine", "digits"])
def test_the_demo_s_models_are_bit_exact_in_three_engines(
    examples, reference, sandboxed, in_node, name
):
    artifact = examples[name]
    inputs = first_inputs(artifact, 67)  # one whole batch of 64 and a rest of 3
    expected = reference(artifact, STEPS, inputs)
    assert sandboxed(artifact, STEPS, inputs) == expected
    assert in_node(artifact, STEPS, inputs) == expected


@pytest.mark.parametrize("name", ["regression", "classes"])
def test_small_models_are_bit_exact_in_three_engines(pinned, reference, sandboxed, in_node, name):
    artifact = build(pinned[name])
    inputs = first_inputs(artifact, 9)
    expected = reference(artifact, STEPS, inputs)
    assert sandboxed(artifact, STEPS, inputs) == expected
    assert in_node(artifact, STEPS, inputs) == expected


@pytest.mark.parametrize("name", ["regression", "classes"])
@pytest.mark.parametrize("steps", ["1", "10", "100"])
def test_the_bits_are_those_of_the_vectors(pinned, sandboxed, vectors, name, steps):
    artifact = build(pinned[name])
    case = vectors["programs"][name]
    assert state_root(artifact.genesis).hex() == case["genesis"]
    outcome = sandboxed(artifact, int(steps), first_inputs(artifact, 5))
    found = {
        "root": outcome.root,
        "loss": outcome.losses[-1],
        "evaluation": outcome.evaluation,
        "outputs": outcome.outputs,
    }
    assert found == case["after"][steps]


@pytest.mark.parametrize("name", ["sine", "digits"])
def test_the_demo_s_modules_are_at_most_32_kilobytes(examples, name):
    assert len(examples[name].module) <= 32_000


def test_the_reference_counts_steps_across_calls(examples):
    artifact = examples["digits"]
    reference = Reference(read_definition(artifact.module), artifact.dataset)
    seed = bytes(range(32))
    whole, losses = reference.train(artifact.genesis, seed, 3)
    half, first = reference.train(artifact.genesis, seed, 1)
    rest, last = reference.train(half, seed, 2)
    assert rest == whole
    assert first + last == losses
