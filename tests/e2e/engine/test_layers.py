"""Networks of every layer: the sandbox gives the reference's bits, and state moves as it should."""

import numpy as np
import pytest

from delea import nn
from delea.artifact import STATE_HEADER, read_manifest
from delea.compiler import Reference, build, read_definition, rebuild
from delea.errors import GraphError, ShapeError
from delea.runtime import Sandbox

SEED = bytes(range(7, 39))


def images(rows, *shape, seed=0):
    return np.random.default_rng(seed).uniform(-1, 1, (rows, *shape)).astype(np.float32)


def classify(network, shape, rows=9, classes=3, **options):
    """A program that trains a network of images to tell a few classes apart."""
    labels = np.arange(rows) % classes
    data = nn.Dataset(images(rows, *shape), labels, images(4, *shape, seed=1), labels[:4])
    options = {"batch": 4, "infer_batch": 3, **options}
    return nn.Program(network, nn.CrossEntropyLoss(), nn.Adam(1e-2), data, **options)


def check(reference, sandboxed, program, steps=3, rows=2):
    artifact = build(program)
    shape = read_manifest(artifact.module).input.shape
    inputs = images(rows, *shape, seed=2).tobytes()
    assert sandboxed(artifact, steps, inputs) == reference(artifact, steps, inputs)
    assert rebuild(artifact.module) == artifact.module
    return artifact


NETWORKS = {
    "batch norm": lambda: nn.Sequential(
        nn.Conv2d(2, 4, 3, bias=False), nn.BatchNorm2d(4), nn.ReLU(), nn.Flatten(), nn.Linear(36, 3)
    ),
    "batch norm of rows": lambda: nn.Sequential(
        nn.Flatten(), nn.Linear(50, 7), nn.BatchNorm1d(7), nn.SiLU(), nn.Linear(7, 3)
    ),
    "dropout": lambda: nn.Sequential(
        nn.Flatten(), nn.Dropout(0.3), nn.Linear(50, 7), nn.Dropout(), nn.Linear(7, 3)
    ),
    "depthwise": lambda: nn.Sequential(
        nn.Conv2d(2, 4, 3, stride=(1, 2), padding=1, groups=2),
        nn.GroupNorm(2, 4),
        nn.GELU(),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(4, 3),
    ),
    "groups": lambda: nn.Sequential(
        nn.Conv2d(2, 6, 3, dilation=2),
        nn.Conv2d(6, 4, 1, groups=2),
        nn.LeakyReLU(),
        nn.Flatten(),
        nn.Linear(4, 3),
    ),
    "upwards": lambda: nn.Sequential(
        nn.ConvTranspose2d(2, 3, 3, stride=2, padding=1, output_padding=1),
        nn.MaxPool2d(3, 2, 1),
        nn.AvgPool2d((5, 1)),
        nn.Flatten(),
        nn.Linear(15, 3),
    ),
}


@pytest.mark.parametrize("name", NETWORKS)
def test_a_network_of_images(reference, sandboxed, name):
    check(reference, sandboxed, classify(NETWORKS[name](), (2, 5, 5)))


class Outputs(nn.Module):
    """The first of a layer's two results."""

    def __init__(self, layer):
        super().__init__()
        self.layer = layer

    def forward(self, x):
        return self.layer(x)[0]


def recurrent(kind, *sizes, **options):
    layer = getattr(nn, kind)(*sizes, batch_first=True, **options)
    width = 4 * layer.hidden_size * (1 + layer.bidirectional)
    return nn.Sequential(Outputs(layer), nn.Flatten(), nn.Linear(width, 3))


SEQUENCES = {
    "lstm": lambda: recurrent("LSTM", 3, 5, 2),
    "lstm both ways": lambda: recurrent("LSTM", 3, 5, 2, bidirectional=True, dropout=0.3),
    "gru": lambda: recurrent("GRU", 3, 5),
    "gru without biases": lambda: recurrent("GRU", 3, 5, bias=False),
    "rnn both ways": lambda: recurrent("RNN", 3, 5, bidirectional=True),
    "transformer": lambda: nn.Sequential(
        nn.TransformerEncoder(
            nn.TransformerEncoderLayer(3, 1, 7, batch_first=True), 2, nn.LayerNorm(3)
        ),
        nn.Flatten(),
        nn.Linear(12, 3),
    ),
    "attention": lambda: nn.Sequential(
        nn.Linear(3, 6),
        nn.RMSNorm(6),
        nn.CausalSelfAttention(6, 2, dropout=0.1),
        nn.LayerNorm((4, 6)),
        nn.Flatten(),
        nn.Linear(24, 3),
    ),
    "convolution": lambda: nn.Sequential(
        nn.Conv1d(4, 6, 2, groups=2), nn.Softplus(), nn.Flatten(), nn.Linear(12, 3), nn.Tanh()
    ),
}


@pytest.mark.parametrize("name", SEQUENCES)
def test_a_network_of_sequences(reference, sandboxed, name):
    check(reference, sandboxed, classify(SEQUENCES[name](), (4, 3)))


def test_node_gives_the_same_bits(reference, in_node):
    network = nn.Sequential(
        nn.Conv2d(2, 4, 3), nn.BatchNorm2d(4), nn.Flatten(), nn.Dropout(), nn.Linear(36, 3)
    )
    artifact = build(classify(network, (2, 5, 5)))
    inputs = images(2, 2, 5, 5).tobytes()
    assert in_node(artifact, 3, inputs) == reference(artifact, 3, inputs)


def tensors(artifact, state):
    manifest = read_manifest(artifact.module)
    return {
        t.name: np.frombuffer(state, "<f4", int(np.prod(t.shape)), t.offset)
        for t in manifest.tensors
    }


def test_buffers_follow_the_parameters_in_the_state_and_have_no_moments():
    artifact = build(classify(NETWORKS["batch norm of rows"](), (2, 5, 5)))
    names = [tensor.name for tensor in read_manifest(artifact.module).tensors]
    assert names[:9] == [
        "1.weight",
        "1.bias",
        "2.weight",
        "2.bias",
        "4.weight",
        "4.bias",
        "2.running_mean",
        "2.running_var",
        "optimizer.m.1.weight",
    ]
    assert not any(name.startswith("optimizer.") and "running" in name for name in names)


def test_running_statistics_are_those_of_the_batches():
    network = nn.Sequential(nn.BatchNorm1d(2), nn.Linear(2, 3))
    artifact = build(classify(network, (2,), rows=9, batch=9))
    with Sandbox(artifact.module) as sandbox:
        sandbox.load_dataset(artifact.dataset)
        state = sandbox.train(artifact.genesis, SEED, 1).state
    x, after = images(9, 2).astype(np.float64), tensors(artifact, state)
    np.testing.assert_allclose(after["0.running_mean"], 0.1 * x.mean(0), rtol=1e-5)
    np.testing.assert_allclose(after["0.running_var"], 0.9 + 0.1 * x.var(0, ddof=1), rtol=1e-5)


def test_inference_uses_the_running_statistics():
    network = nn.Sequential(nn.BatchNorm1d(2, affine=False), nn.Linear(2, 3, bias=False))
    network.load_state_dict(
        {
            "0.running_mean": [1.0, 2.0],
            "0.running_var": [4.0, 0.25],
            "0.num_batches_tracked": np.int64(7),
            "1.weight": [[1, 0], [0, 1], [1, 1]],
        }
    )
    artifact = build(classify(network, (2,)))
    reference = Reference(read_definition(artifact.module), artifact.dataset)
    outputs = np.frombuffer(reference.infer(artifact.genesis, np.float32([3, 3]).tobytes()), "<f4")
    np.testing.assert_allclose(outputs, [1.0, 2.0, 3.0], rtol=1e-4)


def test_a_layer_used_twice_in_a_step_records_its_second_use_last():
    class Twice(nn.Module):
        def __init__(self):
            super().__init__()
            self.norm = nn.BatchNorm1d(2, momentum=1.0)
            self.fc = nn.Linear(2, 3)

        def forward(self, x):
            return self.fc(self.norm(self.norm(x) * 3.0 + 5.0))

    artifact = build(classify(Twice(), (2,), batch=9))
    reference = Reference(read_definition(artifact.module), artifact.dataset)
    state, _ = reference.train(artifact.genesis, SEED, 1)
    np.testing.assert_allclose(tensors(artifact, state)["norm.running_mean"], [5, 5], rtol=1e-4)


def test_dropout_draws_anew_each_step_and_for_each_seed_and_never_in_inference():
    class Kept(nn.Module):
        """Its loss is the share of what dropout kept."""

        def __init__(self):
            super().__init__()
            self.scale = nn.Parameter((1,))
            self.drop = nn.Dropout(0.25)

        def forward(self, x):
            return self.drop(x * 0.0 + 1.0).mean(1) + self.scale.__mul__(0.0)

    data = nn.Dataset(images(3, 4000), np.zeros(3, np.float32))
    program = nn.Program(Kept(), nn.MSELoss(), nn.SGD(0.0), data, batch=2)
    artifact = build(program)
    with Sandbox(artifact.module) as sandbox:
        sandbox.load_dataset(artifact.dataset)
        losses = sandbox.train(artifact.genesis, SEED, 4).losses
        others = sandbox.train(artifact.genesis, bytes(32), 4).losses
        evaluation = sandbox.evaluate(artifact.genesis)
    assert len({*losses, *others}) == 8
    np.testing.assert_allclose(losses, 1.0, atol=0.05)
    assert evaluation == 1.0


def test_a_state_of_another_layout_is_not_mistaken_for_this_one():
    artifact = build(classify(NETWORKS["batch norm"](), (2, 5, 5)))
    total = sum(4 * len(values) for values in tensors(artifact, artifact.genesis).values())
    assert len(artifact.genesis) == STATE_HEADER + total


def test_a_batch_of_one_row_has_no_variance():
    with pytest.raises(ShapeError, match=r"BatchNorm1d on .*more than one number per channel"):
        build(classify(nn.Sequential(nn.BatchNorm1d(2), nn.Linear(2, 3)), (2,), batch=1))


def test_a_buffer_with_a_name_of_the_graph_s_own_is_refused():
    class Named(nn.Module):
        def __init__(self):
            super().__init__()
            self.fc = nn.Linear(2, 3)
            self.header = nn.Buffer((2,))

    with pytest.raises(GraphError, match="'header' is taken"):
        classify(Named(), (2,))
