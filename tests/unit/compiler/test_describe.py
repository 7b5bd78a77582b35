"""Kernels are called what who wrote the network calls them."""

import numpy as np
import pytest

from delea import nn
from delea.compiler import define, instrument
from delea.compiler.describe import describe
from delea.compiler.fuse import fuse
from delea.compiler.kernel import Buffer
from delea.graph import Builder


class Gpt(nn.Module):
    """One block: embedding, norm, attention, GELU."""

    def __init__(self):
        super().__init__()
        self.tokens = nn.Embedding(11, 8)
        self.norm = nn.LayerNorm(8)
        self.qkv = nn.Linear(8, 24)
        self.wide = nn.Linear(8, 16)
        self.head = nn.Linear(16, 11)

    def forward(self, x):
        q, k, v = self.qkv(self.norm(self.tokens(x))).split(8, 2)
        scores = nn.softmax(nn.causal_mask(q @ k.transpose(1, 2)))  # (batch, 5, 5)
        return self.head(nn.gelu(self.wide(scores @ v), approximate="tanh")).mean(1)


def test_a_transformer_speaks_of_its_layers():
    names = _names(Gpt(), np.arange(6 * 5, dtype=np.int32).reshape(6, 5) % 11)
    assert {
        "tokens: embedding 30x8 of 11",
        "qkv: matmul 30x8x24 +bias",
        "after qkv: bmm 6x5x8x5",
        "wide: matmul 30x8x16 +bias",
        "backward of wide: matmul 30x16x8",
        "gradient of wide.weight: matmul 16x30x8",
        "gradient of wide.bias: sum 16x30",
        "gradient of tokens.weight: embedding 30x8 into 11",
        "update of wide.weight: adam 16x8",
        "optimizer: adam 1",
    } <= set(names)
    for start, word in (
        ("after qkv: ", "softmax"),
        ("norm: ", "mul+add"),
        ("after wide: ", "gelu"),
        ("backward after wide: ", "gelu"),
    ):
        assert [name for name in names if name.startswith(start) and word in name], names


def test_a_convolution_speaks_of_windows_and_of_what_it_skips():
    network = nn.Sequential(
        nn.Conv2d(2, 4, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(4, 3, 2), nn.Flatten()
    )
    names = _names(network, np.zeros((6, 2, 7, 7), np.float32))
    assert {
        "0: conv as matmul 96x18x4 +bias",
        "after 0: relu+max 6x2x2x4",
        "3: conv as matmul 6x16x3 +bias",
        "backward after 3: fold 6x4",
        "backward after 0: relu+max+where 6x2x2x4",
        "gradient of 0.weight: sparse conv as matmul 4x150x18",
    } <= set(names)


@pytest.mark.parametrize(
    ("module", "word"),
    [
        (nn.Sigmoid(), "sigmoid"),
        (nn.SiLU(), "silu"),
        (nn.GELU(approximate="none"), "gelu"),
        (nn.GELU(approximate="tanh"), "gelu"),
        (nn.Tanh(), "tanh"),
        (nn.ReLU(), "relu"),
        (nn.Softmax(-1), "softmax"),
    ],
)
def test_an_activation_keeps_its_name(module, word):
    network = nn.Sequential(nn.Linear(16, 16), module, nn.Linear(16, 16))
    names = _names(network, np.zeros((6, 16), np.float32), "infer")
    assert [name for name in names if word in name and name.startswith("after 0: ")], names


def test_gradients_keep_their_names_when_they_are_clipped():
    network = nn.Sequential(nn.Linear(16, 8), nn.Tanh(), nn.Linear(8, 4))
    optimizer = nn.SGD(0.1, momentum=0.9, clip_norm=1.0)
    names = _names(network, np.zeros((6, 16), np.float32), optimizer=optimizer)
    assert "gradient of 0.weight: matmul 8x6x16" in names
    assert "update of 0.weight: sgd 8x16" in names


def test_what_runs_backward_through_a_layer_is_named_after_it():
    network = nn.Sequential(
        nn.Linear(16, 12), nn.ReLU(), nn.Linear(12, 8), nn.Tanh(), nn.Linear(8, 4)
    )
    names = _names(network, np.zeros((6, 16), np.float32), optimizer=nn.Lion(1e-3))
    assert {"backward after 0: where 6x12", "backward after 2: mul+sub 6x8"} <= set(names)
    assert {"update of 0.weight: lion 12x16", "update of 4.bias: lion 4"} <= set(names)


def test_a_kernel_that_only_comes_by_a_parameter_is_not_its_layers():
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.shift = nn.Parameter((8,), bound=1.0)
            self.fc = nn.Linear(8, 8)
            self.head = nn.Linear(8, 4)

        def forward(self, x):
            x = x + self.shift
            return self.head(nn.relu(x + self.fc(x)))

    names = _names(Net(), np.zeros((6, 8), np.float32))
    assert names[1:4] == ["shift: add 6x8", "fc: matmul 6x8x8 +bias", "after fc: add+relu 6x8"]


def test_running_statistics_are_updated_by_name():
    network = nn.Sequential(nn.Linear(16, 8), nn.BatchNorm1d(8))
    names = _names(network, np.zeros((6, 16), np.float32))
    assert [name for name in names if "1.running_mean" in name], names


def test_a_layer_of_many_equal_steps_has_few_names():
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.lstm = nn.LSTM(3, 8, batch_first=True)

        def forward(self, x):
            return self.lstm(x)[0][:, -1]

    names = _names(Net(), np.zeros((6, 7, 3), np.float32))
    assert names.count("lstm: matmul 6x8x32 +bias") == 6
    assert not [name for name in names if "silu" in name]  # a gradient looks like one


def _names(network, x, stage="train", optimizer=None):
    """Return the kernels' names of a network that answers rows of at least one number."""

    class Rows(nn.Module):
        def __init__(self):
            super().__init__()
            for name, part in network.children():
                setattr(self, name, part)

        def forward(self, x):
            return network.forward(x).sum(1)

    data = nn.Dataset(x, np.zeros(len(x), np.float32))
    program = nn.Program(Rows(), nn.MSELoss(), optimizer or nn.Adam(), data, infer_batch=6)
    return [part.name for part in instrument(define(program, len(x)), stage).calls]


def test_a_result_that_is_moved_to_its_place_is_a_copy():
    builder = Builder()
    state = builder.leaf("state", "w", (4, 4), "f32")
    product = builder.add("matmul", state, state, ta=False, tb=False)
    graph = builder.graph({"w": product})
    place = {"w": Buffer("state.w", 16)}
    assert describe(graph, fuse(graph, place, place), "sgd") == [
        "gradient of w: matmul 4x4x4",
        "copy 4x4",
    ]
