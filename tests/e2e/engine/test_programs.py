"""Programs of every kind and odd sizes: the sandbox gives the reference's bits."""

import struct

import numpy as np
import pytest

from delea import nn
from delea.artifact import read_manifest, step_of
from delea.compiler import Reference, build, read_definition, rebuild
from delea.errors import DatasetError, DivergedError, MalformedError
from delea.runtime import Sandbox

SEED = bytes(range(100, 132))
SIZES = (1, 2, 3, 5, 7, 17, 33)


def columns(rows, width, seed=0):
    return np.random.default_rng(seed).uniform(-1, 1, (rows, width)).astype(np.float32)


def program(*layers, optimizer=None, rows=12, tests=0, **options):
    """A program for MSE on random data, from the layers' sizes and activations."""
    width_in = layers[0].weight.shape[1]
    width_out = [part for part in layers if isinstance(part, nn.Linear)][-1].weight.shape[0]
    test = (columns(tests, width_in, 2), columns(tests, width_out, 3)) if tests else (None, None)
    return nn.Program(
        network=nn.Sequential(*layers),
        loss=nn.MSELoss(),
        optimizer=optimizer or nn.SGD(0.1),
        data=nn.Dataset(columns(rows, width_in), columns(rows, width_out, 1), *test),
        **options,
    )


def classifier(classes, rows=11, **options):
    return nn.Program(
        network=nn.Linear(3, classes),
        loss=nn.CrossEntropyLoss(),
        optimizer=nn.Adam(1e-2),
        data=nn.Dataset(columns(rows, 3), np.arange(rows) % classes),
        **options,
    )


def check(reference, sandboxed, program, steps=6, rows=0):
    artifact = build(program)
    width = read_manifest(artifact.module).input.size
    inputs = columns(rows, width, 9).tobytes()
    assert sandboxed(artifact, steps, inputs) == reference(artifact, steps, inputs)
    assert rebuild(artifact.module) == artifact.module


OPTIMIZERS = {
    "sgd": lambda: nn.SGD(0.1),
    "momentum": lambda: nn.SGD(0.05, momentum=0.9),
    "adam": lambda: nn.Adam(1e-2),
    "adam without memory": lambda: nn.Adam(1e-2, betas=(0.0, 0.0)),
    "no rate": lambda: nn.SGD(0.0),
}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_optimizer(reference, sandboxed, name):
    layers = nn.Linear(2, 5), nn.Tanh(), nn.Linear(5, 3)
    check(reference, sandboxed, program(*layers, optimizer=OPTIMIZERS[name](), batch=5), rows=3)


@pytest.mark.parametrize("size", SIZES)
def test_hidden_layers_of_odd_sizes(reference, sandboxed, size):
    layers = nn.Linear(size, size), nn.ReLU(), nn.Linear(size, 2)
    check(reference, sandboxed, program(*layers, batch=size, infer_batch=size), rows=size)


@pytest.mark.parametrize("size", SIZES)
def test_outputs_of_odd_sizes(reference, sandboxed, size):
    check(reference, sandboxed, program(nn.Linear(3, size), tests=size, infer_batch=4), rows=2)


@pytest.mark.parametrize("classes", [1, 2, 3, 5, 17])
def test_any_number_of_classes(reference, sandboxed, classes):
    check(reference, sandboxed, classifier(classes, rows=17, batch=4), rows=2)


@pytest.mark.parametrize("batch", [None, 1, 2, 3, 11, 12, 13, 40])
def test_batches_drawn_full_and_larger_than_the_rows(reference, sandboxed, batch):
    layers = nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 1)
    check(reference, sandboxed, program(*layers, batch=batch))


@pytest.mark.parametrize("rows", [0, 1, 2, 5, 6, 11, 12])
def test_inference_of_any_number_of_rows(reference, sandboxed, rows):
    layers = nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 2)
    check(reference, sandboxed, program(*layers, infer_batch=5), steps=1, rows=rows)


@pytest.mark.parametrize("tests", [0, 1, 4, 5, 9, 10, 11])
def test_evaluation_in_chunks_with_a_ragged_end(reference, sandboxed, tests):
    layers = nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 2)
    check(reference, sandboxed, program(*layers, tests=tests, infer_batch=5), steps=1)


def test_a_single_row_and_a_single_number(reference, sandboxed):
    check(reference, sandboxed, program(nn.Linear(1, 1), rows=1, infer_batch=1), rows=2)


def test_rows_with_several_axes_are_flattened(reference, sandboxed):
    data = nn.Dataset(columns(6, 12).reshape(6, 3, 4), columns(6, 2, 1))
    layers = nn.Sequential(nn.Flatten(), nn.Linear(12, 2))
    check(reference, sandboxed, nn.Program(layers, nn.MSELoss(), nn.SGD(0.1), data, batch=4))


def test_wide_rows_that_are_copied_in_bulk(reference, sandboxed):
    check(reference, sandboxed, program(nn.Linear(33, 34), batch=3, rows=5))


def test_targets_of_no_axis(reference, sandboxed):
    class Scalar(nn.Module):
        def __init__(self):
            super().__init__()
            self.fc = nn.Linear(2, 1)

        def forward(self, x):
            return self.fc(x).reshape(-1)

    data = nn.Dataset(columns(7, 2), columns(7, 1, 1)[:, 0])
    check(reference, sandboxed, nn.Program(Scalar(), nn.MSELoss(), nn.SGD(0.1), data), rows=3)


def test_a_network_that_uses_a_layer_twice_and_one_parameter_never(reference, sandboxed):
    class Shared(nn.Module):
        def __init__(self):
            super().__init__()
            self.fc = nn.Linear(3, 3)
            self.idle = nn.Linear(2, 2)

        def forward(self, x):
            return self.fc(nn.tanh(self.fc(x))) + self.fc.bias * 2.0

    data = nn.Dataset(columns(7, 3), columns(7, 3, 1))
    check(reference, sandboxed, nn.Program(Shared(), nn.MSELoss(), nn.Adam(), data), rows=3)


def test_a_network_that_ignores_its_input(reference, sandboxed):
    class Constant(nn.Module):
        def __init__(self):
            super().__init__()
            self.level = nn.Parameter((1, 2), bound=1.0)

        def forward(self, x):
            return self.level + (x - x).sum(1, keepdim=True) * 0.0

    data = nn.Dataset(columns(7, 3), columns(7, 2, 1))
    check(reference, sandboxed, nn.Program(Constant(), nn.MSELoss(), nn.SGD(0.1), data), rows=3)


def test_many_elementwise_steps_in_a_row(reference, sandboxed):
    class Deep(nn.Module):
        def __init__(self):
            super().__init__()
            self.fc = nn.Linear(2, 3)

        def forward(self, x):
            x = self.fc(x)
            for _ in range(60):
                x = x + nn.tanh(x) * 0.01
            return x

    data = nn.Dataset(columns(5, 2), columns(5, 3, 1))
    deep = nn.Program(Deep(), nn.MSELoss(), nn.SGD(0.1), data, batch=2, infer_batch=2)
    check(reference, sandboxed, deep, steps=2, rows=3)


def test_sgd_with_momentum_takes_pytorch_s_steps():
    # y = w x, x = 1, target 0, w = 1: the gradient is 2 w
    network = nn.Linear(1, 1, bias=False)
    network.load_state_dict({"weight": [[1.0]]})
    data = nn.Dataset([[1.0]] * 2, [[0.0]] * 2)
    optimizer = nn.SGD(0.25, momentum=0.5)
    artifact = build(nn.Program(network, nn.MSELoss(), optimizer, data, batch=1))
    reference = Reference(read_definition(artifact.module), artifact.dataset)
    state, losses = reference.train(artifact.genesis, SEED, 3)
    # velocities 2, then 1 + 1, then 1 + 0, each taken off the weight a quarter at a time
    assert losses == [1.0, 0.25, 0.0]
    assert struct.unpack_from("<f", state, 40) == (-0.25,)


def test_a_first_step_of_adam_is_the_rate_long():
    network = nn.Linear(1, 1, bias=False)
    network.load_state_dict({"weight": [[1.0]]})
    data = nn.Dataset([[1.0]], [[0.0]])
    artifact = build(nn.Program(network, nn.MSELoss(), nn.Adam(0.125), data))
    reference = Reference(read_definition(artifact.module), artifact.dataset)
    state, _ = reference.train(artifact.genesis, SEED, 1)
    assert struct.unpack_from("<f", state, 40)[0] == pytest.approx(0.875, abs=1e-6)


@pytest.fixture(scope="module")
def trained():
    """A small artifact in a sandbox that has its dataset."""
    artifact = build(program(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 1), tests=2))
    with Sandbox(artifact.module) as sandbox:
        sandbox.load_dataset(artifact.dataset)
        yield artifact, sandbox


def test_the_state_after_training_holds_the_seed_and_counts_the_steps(trained):
    artifact, sandbox = trained
    state = sandbox.train(artifact.genesis, SEED, 5).state
    assert state[:32] == SEED
    assert step_of(state) == 5


def test_another_seed_gives_another_state_if_rows_are_drawn():
    artifact = build(program(nn.Linear(2, 1), batch=4))
    with Sandbox(artifact.module) as sandbox:
        sandbox.load_dataset(artifact.dataset)
        first, second = (sandbox.train(artifact.genesis, SEED[i:] + SEED[:i], 5) for i in (0, 1))
    assert first.losses != second.losses


def test_training_in_two_claims_is_training_in_one(trained):
    artifact, sandbox = trained
    whole = sandbox.train(artifact.genesis, SEED, 7)
    first = sandbox.train(artifact.genesis, SEED, 3)
    second = sandbox.train(first.state, SEED, 4)
    assert (second.state, first.losses + second.losses) == (whole.state, whole.losses)


def test_a_rate_too_high_diverges_and_is_refused():
    artifact = build(program(nn.Linear(2, 1), optimizer=nn.SGD(1e30)))
    with Sandbox(artifact.module) as sandbox:
        sandbox.load_dataset(artifact.dataset)
        with pytest.raises(DivergedError, match=r"\A[^\n]+\Z"):
            sandbox.train(artifact.genesis, SEED, 20)


def test_a_nan_in_the_network_diverges_and_is_refused():
    class Bad(nn.Module):
        def __init__(self):
            super().__init__()
            self.fc = nn.Linear(2, 1)

        def forward(self, x):
            return nn.log(self.fc(x) * 0.0 - 1.0)

    data = nn.Dataset(columns(3, 2), columns(3, 1))
    artifact = build(nn.Program(Bad(), nn.MSELoss(), nn.SGD(0.1), data))
    with Sandbox(artifact.module) as sandbox:
        sandbox.load_dataset(artifact.dataset)
        with pytest.raises(DivergedError, match="loss of step 1 is a NaN"):
            sandbox.train(artifact.genesis, SEED, 2)


def test_a_state_with_a_nan_is_refused_by_name(trained):
    artifact, sandbox = trained
    state = artifact.genesis[:40] + struct.pack("<f", float("nan")) + artifact.genesis[44:]
    with pytest.raises(DivergedError, match=r"0\.weight"):
        sandbox.train(state, SEED, 1)


@pytest.mark.parametrize("change", [lambda d: d[:-1], lambda d: d + b"\0", lambda d: d[:5]])
def test_a_dataset_of_another_length_is_refused(trained, change):
    artifact, sandbox = trained
    with pytest.raises(DatasetError, match=r"\A[^\n]+\Z"):
        sandbox.load_dataset(change(artifact.dataset))


def test_a_state_of_another_length_is_refused(trained):
    artifact, sandbox = trained
    with pytest.raises(MalformedError, match="a state of"):
        sandbox.train(artifact.genesis[:-4], SEED, 1)


def test_a_smaller_dataset_trains_as_the_reference_says(trained):
    artifact, sandbox = trained
    rows = 5
    record = read_manifest(artifact.module).record_bytes
    smaller = struct.pack("<II", rows, 0) + artifact.dataset[8 : 8 + rows * record]
    reference = Reference(read_definition(artifact.module), smaller)
    sandbox.load_dataset(smaller)
    try:
        found = sandbox.train(artifact.genesis, SEED, 4)
        assert (found.state, list(found.losses)) == reference.train(artifact.genesis, SEED, 4)
        assert sandbox.evaluate(found.state) == reference.evaluate(found.state)
    finally:
        sandbox.load_dataset(artifact.dataset)
