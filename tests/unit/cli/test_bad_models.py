"""`delea build model.py`: what cannot be trained is refused in one line, and nothing is written."""

import pytest

from delea.cli.entry import run

HEAD = """
import numpy as np
from delea import nn

class Network(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(4, 3), nn.ReLU())
        self.head = nn.Linear(3, 3)

    def forward(self, x):
        return self.head(self.encoder(x))

x, labels = np.ones((6, 4), np.float32), np.arange(6) % 3
network, loss, optimizer = Network(), nn.CrossEntropyLoss(), nn.SGD(0.1)
data, options = nn.Dataset(x, labels), {}
"""
TAIL = "program = nn.Program(network, loss, optimizer, data, **options)\n"

# name: (lines between head and tail, what is said)
MODELS = {
    "a shape": (
        "network.encoder[0].weight = nn.Parameter((3, 5))",
        "encoder.0: Linear on (6, 4): an input (batch, 5) expected, got (6, 4)",
    ),
    "a type": (
        "data = nn.Dataset(labels[:, None] + np.zeros((6, 4), int), labels)",
        (
            "encoder.0: Linear on (6, 4): matmul needs inputs of type ('f32', 'f32', 'f32'), "
            "got ('i32', 'f32', 'f32')"
        ),
    ),
    "a kernel larger than its input": (
        (
            "network = nn.Sequential(nn.Conv1d(1, 3, 5), nn.Flatten())\n"
            "data = nn.Dataset(x[:, None], labels)"
        ),
        "0: Conv1d on (6, 1, 4): a kernel of at most 4 elements expected, got 5",
    ),
    "a cycle": (
        "network.encoder = nn.Sequential(nn.Linear(4, 4))\nnetwork.encoder.append(network)",
        "a network without a cycle expected, its modules call each other without end",
    ),
    "a NaN in the weights": (
        "network.head.bias.set([0.0, np.nan, 0.0])",
        "head.bias: finite initial weights expected, got a NaN or an infinity",
    ),
    "an infinity in a buffer": (
        (
            "network.encoder.append(nn.BatchNorm1d(3))\n"
            "network.encoder[2].running_var.set([1.0, np.inf, 1.0])"
        ),
        "encoder.2.running_var: finite initial weights expected, got a NaN or an infinity",
    ),
    "a parameter over the memory cap": (
        "network.head = nn.Linear(1 << 15, 1 << 13)",
        "a parameter of at most 134217728 numbers expected, got (8192, 32768)",
    ),
    "a constant over the memory cap": (
        "network.head.forward = lambda x: x + nn.Buffer((1 << 28,), fill=1.0)[:3]",
        (
            "head: Linear on (6, 3): a parameter of at most 134217728 numbers expected, "
            "got (268435456,)"
        ),
    ),
    "a value over the memory cap": (
        "network.head.forward = lambda x: x + x.expand(1 << 20, 1 << 10, 3).sum((0, 1))",
        (
            "head: Linear on (6, 3): constant needs at most 16 axes, sizes of at least 1 and at "
            "most 1073741824 elements, got (1048576, 1024, 3)"
        ),
    ),
    "a label out of range": (
        "data = nn.Dataset(x, labels + 1)",
        "labels 0..2 expected, got 1..3",
    ),
    "a negative label among the test rows": (
        "data = nn.Dataset(x, labels, x, labels - 1)",
        "labels 0..2 expected, got -1..2",
    ),
    "a NaN in the dataset": (
        "data = nn.Dataset(x * np.nan, labels)",
        "finite numbers expected, the dataset holds a NaN or an infinity",
    ),
    "an empty dataset": (
        "data = nn.Dataset(x[:0], labels[:0])",
        "a dataset with at least one train row expected, got none",
    ),
    "a batch of 0": ("options = {'batch': 0}", "batch of at least 1 expected, got 0"),
    "rows that mix": (
        "network.encoder.forward = lambda x: (x - x.mean(0))[:, :3]",
        (
            "an output of each row from that row alone expected, got one that other rows change: "
            "outside of training rows come in chunks (is the batch the first axis everywhere, as "
            "with batch_first=True?)"
        ),
    ),
    "a sequence whose first axis is its length": (
        (
            "network = nn.Sequential(nn.TransformerEncoderLayer(4, 2), nn.Flatten())\n"
            "data = nn.Dataset(x[:, None] + np.zeros((6, 5, 4)), labels)"
        ),
        "an output of each row from that row alone expected",
    ),
    "two results": (
        "network = nn.LSTM(4, 3, batch_first=True)\ndata = nn.Dataset(x[:, None], labels)",
        "a network whose output is a tensor expected, got tuple",
    ),
    "a choice by a value": (
        "network.head.forward = lambda x: x if x.sum() > 0 else -x",
        (
            "head: Linear on (6, 3): a choice by nn.where expected, got an `if`: a tensor has no "
            "value yet"
        ),
    ),
    "a rate that is none": ("optimizer = nn.SGD(-1.0)", "sgd: lr of at least 0 expected, got -1.0"),
}


@pytest.mark.parametrize("name", MODELS)
def test_a_model_that_cannot_be_trained_is_refused_in_one_line(tmp_path, capsys, name):
    lines, says = MODELS[name]
    source = tmp_path / "model.py"
    source.write_text(HEAD + lines + "\n" + TAIL, encoding="utf-8")
    assert run(["build", str(source)]) == 1
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert says in err
    assert list(tmp_path.glob("*.delea")) == []


def test_what_the_refused_models_change_would_be_built(tmp_path, capsys):
    source = tmp_path / "model.py"
    source.write_text(HEAD + TAIL, encoding="utf-8")
    assert run(["build", str(source)]) == 0
    assert "model.delea" in capsys.readouterr().out
