"""Outside of training each row stands alone: a network whose rows mix is refused in one line."""

import numpy as np
import pytest

from delea import nn
from delea.compiler import build
from delea.errors import GraphError

ROWS, REFUSED = 6, r"\Aan output of each row from that row alone expected, got one that[^\n]*\Z"


class Net(nn.Module):
    """A linear layer, then any function of its output."""

    def __init__(self, function):
        super().__init__()
        self.fc = nn.Linear(3, 4)
        self.function = function

    def forward(self, x):
        return self.function(self.fc(x))


class Rows(nn.MSELoss):
    """A loss whose rows are each other's."""

    def rows(self, output, target):
        losses = super().rows(output, target)
        return losses + losses.mean()


def program(function, shape=(3,), loss=None, targets=(4,)):
    data = nn.Dataset(np.ones((ROWS, *shape)), np.ones((ROWS, *targets)))
    return nn.Program(Net(function), loss or nn.MSELoss(), nn.SGD(0.1), data, batch=4)


MIXING = {
    "a mean over the batch": lambda x: x - x.mean(0),
    "the first row for all": lambda x: x + x[:1],
    "a product of rows": lambda x: (x @ x.transpose(0, 1)) @ x,
    "a softmax over the batch": lambda x: nn.softmax(x, 0),
    "the largest of all": lambda x: x + x.max() * 0.0,
    "a reshape across rows": lambda x: x.reshape(4, -1).sum(1, keepdim=True).reshape(1, 4) + x,
    "rows looked up": lambda x: nn.embedding((x[:, 0] * 0.0).int(), x),
    "windows over the batch": lambda x: nn.max_pool2d(
        nn.pad(x, (1, 0), (0, 0))[None, None], (2, 1), 1
    )[0, 0],
}


@pytest.mark.parametrize("name", MIXING)
def test_a_network_that_mixes_rows_is_refused(name):
    with pytest.raises(GraphError, match=REFUSED):
        build(program(MIXING[name]))


ALONE = {
    "one row": lambda x: x - x.mean(1, keepdim=True),
    "rows as batches of a product": lambda x: (x[:, :, None] @ x[:, None])[:, 0],
    "rows unrolled and back": lambda x: nn.cat([x[i : i + 1] * 2.0 for i in range(x.shape[0])]),
    "a batch that moves away and back": lambda x: nn.softmax(x.transpose(0, 1), 0).transpose(0, 1),
}


@pytest.mark.parametrize("name", ALONE)
def test_a_network_of_rows_alone_is_built(name):
    assert build(program(ALONE[name])).module


def test_a_sequence_whose_first_axis_is_the_length_is_refused():
    class Last(nn.Module):
        def __init__(self):
            super().__init__()
            self.lstm = nn.LSTM(3, 4)

        def forward(self, x):
            return self.lstm(x)[0][:, -1]

    data = nn.Dataset(np.ones((ROWS, 5, 3)), np.ones((ROWS, 4)))
    with pytest.raises(GraphError, match=REFUSED):
        build(nn.Program(Last(), nn.MSELoss(), nn.SGD(0.1), data))


def test_a_loss_that_mixes_rows_is_refused():
    with pytest.raises(GraphError, match=r"\Aa loss of each row from that row alone expected"):
        build(program(lambda x: x, loss=Rows()))


def test_every_layer_keeps_its_rows_apart():
    layers = [
        nn.Conv2d(2, 4, 3, padding=1, groups=2),
        nn.BatchNorm2d(4),
        nn.MaxPool2d(2),
        nn.ConvTranspose2d(4, 2, 2, stride=2),
        nn.GroupNorm(1, 2),
        nn.AvgPool2d(2),
        nn.Dropout(),
        nn.Flatten(),
        nn.Linear(18, 4),
    ]
    data = nn.Dataset(np.ones((ROWS, 2, 6, 6)), np.ones((ROWS, 4)))
    assert build(nn.Program(nn.Sequential(*layers), nn.MSELoss(), nn.SGD(0.1), data)).module
