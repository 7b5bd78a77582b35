"""Networks that do not fit their data are refused in one line that names the layer."""

import numpy as np
import pytest

from delea import nn
from delea.compiler import build
from delea.errors import DeleaError, DtypeError, GraphError, ShapeError

IMAGE, SEQUENCE = (2, 5, 5), (4, 3)


def program(*layers, shape=IMAGE, dtype=np.float32):
    x = np.zeros((6, *shape), dtype)
    network = nn.Sequential(*layers, nn.Flatten(), nn.Linear(1, 1))
    return nn.Program(network, nn.MSELoss(), nn.SGD(0.1), nn.Dataset(x, np.zeros((6, 1))), batch=4)


LAYERS = {
    "a kernel larger than its input": (
        lambda: nn.Conv2d(2, 3, 7),
        r"Conv2d on \(4, 2, 5, 5\): a kernel of at most 5 elements expected, got 7",
    ),
    "a dilated kernel larger than its input": (
        lambda: nn.Conv2d(2, 3, 3, dilation=3),
        r"Conv2d on .*: a kernel of at most 5 elements expected, got 7",
    ),
    "other channels": (
        lambda: nn.Conv2d(3, 3, 3),
        r"Conv2d on \(4, 2, 5, 5\): an input \(batch, 3, h, w\) expected, got \(4, 2, 5, 5\)",
    ),
    "channels of a transposition": (
        lambda: nn.ConvTranspose2d(3, 3, 3),
        r"ConvTranspose2d on .*: an input \(batch, 3, h, w\) expected",
    ),
    "a padding that eats all": (
        lambda: nn.ConvTranspose2d(2, 3, 1, padding=3),
        r"ConvTranspose2d on .*: a padding within \(5, 5\) expected, got \(3, 3\)",
    ),
    "an image into one axis": (lambda: nn.Conv1d(2, 3, 3), r"Conv1d on .*\(batch, 2, w\) expected"),
    "a window larger than its input": (
        lambda: nn.MaxPool2d(6),
        r"MaxPool2d on .*: an input \(batch, c, h, w\) of at least 6 pixels a side expected",
    ),
    "a padding above half": (
        lambda: nn.AvgPool2d(2, padding=2),
        r"AvgPool2d on .*: a padding of at most half of \(2, 2\) expected, got \(2, 2\)",
    ),
    "a stride of 0": (lambda: nn.MaxPool2d(2, 0), r"MaxPool2d on .*: a stride and a dilation of"),
    "parts of 2": (
        lambda: nn.AdaptiveAvgPool2d(2),
        r"AdaptiveAvgPool2d on .*: an output size that divides \(5, 5\) expected, got \(2, 2\)",
    ),
    "features": (lambda: nn.LayerNorm(4), r"LayerNorm on .*: an input \(\.\.\., 4\) expected"),
    "channels of a norm": (
        lambda: nn.BatchNorm2d(3),
        r"BatchNorm2d on .*: an input \(batch, 3, h, w\) expected, got \(4, 2, 5, 5\)",
    ),
    "images into rows": (
        lambda: nn.BatchNorm1d(2),
        r"BatchNorm1d on .*: an input \(batch, 2\) or \(batch, 2, w\) expected",
    ),
    "groups": (lambda: nn.GroupNorm(3, 3), r"GroupNorm on .*: an input \(batch, 3, \.\.\.\)"),
    "a sequence": (
        lambda: nn.LSTM(3, 2, batch_first=True),
        r"LSTM on .*: an input \(batch, length, 3\) expected",
    ),
    "a sequence to attend": (
        lambda: nn.CausalSelfAttention(4, 2),
        r"CausalSelfAttention on .*: an input \(batch, length, 4\) expected",
    ),
}


@pytest.mark.parametrize("name", LAYERS)
def test_a_layer_that_does_not_fit_its_input(name):
    make, message = LAYERS[name]
    with pytest.raises(ShapeError, match=r"\A0: " + message + r"[^\n]*\Z"):
        build(program(make()))


MADE = {
    "no channels": (lambda: nn.Conv2d(0, 3, 3), "Conv2d needs channels that 1 groups divide"),
    "groups that do not divide": (
        lambda: nn.Conv2d(4, 3, 3, groups=2),
        "Conv2d needs channels that 2 groups divide, got 4 and 3",
    ),
    "a kernel of 0": (lambda: nn.Conv1d(2, 3, 0), "Conv1d needs a kernel, a stride and a dilation"),
    "a stride of 0": (lambda: nn.Conv2d(2, 3, 3, stride=(1, 0)), "Conv2d needs a kernel, a stride"),
    "a negative padding": (lambda: nn.Conv2d(2, 3, 3, padding=-1), "a padding of at least 0"),
    "an output padding": (
        lambda: nn.ConvTranspose2d(2, 3, 3, output_padding=1),
        r"an output padding below the stride \(1, 1\), got \(1, 1\)",
    ),
    "groups of a norm": (lambda: nn.GroupNorm(2, 3), "GroupNorm needs channels that 2 groups"),
    "heads": (lambda: nn.CausalSelfAttention(5, 2), "needs a width that 2 heads divide, got 5"),
    "an empty table": (lambda: nn.Embedding(0, 3), "Embedding needs sizes of at least 1"),
    "no hidden state": (lambda: nn.GRU(3, 0), "GRU needs sizes of at least 1, got 3, 0, 1"),
}


@pytest.mark.parametrize("name", MADE)
def test_a_layer_that_cannot_be(name):
    make, message = MADE[name]
    with pytest.raises(ShapeError, match=message):
        make()


@pytest.mark.parametrize("p", [-0.1, 1.1, float("nan")])
def test_no_probability(p):
    with pytest.raises(GraphError, match="Dropout needs a probability"):
        nn.Dropout(p)


def test_floats_as_indices():
    with pytest.raises(DtypeError, match=r"Embedding on \(4, 3\): int32 indices expected, got f32"):
        build(program(nn.Embedding(5, 2), shape=(3,)))


def test_a_function_in_a_list_of_modules():
    with pytest.raises(DtypeError, match="ModuleList needs modules, got function as number 1"):
        nn.ModuleList([nn.ReLU(), nn.relu])


def test_a_buffer_s_next_value_of_another_shape():
    class Broken(nn.Module):
        def __init__(self):
            super().__init__()
            self.seen = nn.Buffer((3,))

        def forward(self, x):
            self.seen.record(x.mean((1, 2, 3)))
            return x

    with pytest.raises(ShapeError, match=r"Broken on .*seen needs \(3,\), got \(4,\)"):
        build(program(Broken()))


def test_a_network_whose_memory_is_beyond_the_cap():
    wide = nn.ConvTranspose2d(2, 4096, 3, stride=500)
    with pytest.raises(DeleaError, match=r"\A[^\n]*at most[^\n]*\Z"):
        build(program(wide, nn.AdaptiveAvgPool2d(1), nn.Conv2d(4096, 1, 1)))


def test_a_module_list_is_indexed_counted_and_named():
    parts = nn.ModuleList(nn.Linear(2, 2) for _ in range(3))
    assert len(parts) == 3
    assert parts[-1] is list(parts)[2]
    assert [name for name, _ in parts.named_parameters()][:2] == ["0.weight", "0.bias"]
