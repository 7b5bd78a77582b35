"""A small program, with any of its parts replaced."""

import numpy as np
import pytest

from delea import nn


@pytest.fixture
def x():
    return np.arange(20, dtype=np.float32).reshape(10, 2) / 16


@pytest.fixture
def y(x):
    return x[:, :1].copy()


@pytest.fixture
def program(x, y):
    """Return a program: what is not given is a small regression."""

    def make(network=None, *, loss=None, optimizer=None, data=None, **options):
        return nn.Program(
            nn.Linear(2, 1) if network is None else network,  # an empty Sequential is falsy
            loss or nn.MSELoss(),
            optimizer or nn.SGD(0.1),
            data or nn.Dataset(x, y),
            **options,
        )

    return make


class Net(nn.Module):
    """A linear layer and then any function of the layer and its output."""

    def __init__(self, function):
        super().__init__()
        self.fc = nn.Linear(2, 1)
        self.function = function

    def forward(self, x):
        return self.function(self, self.fc(x))


@pytest.fixture
def net():
    return Net
