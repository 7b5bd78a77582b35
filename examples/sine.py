"""Learn sin x on [-10, 10]: the demo that Delea began with."""

import numpy as np

from delea import nn


class Sine(nn.Module):
    """One hidden layer of 128 ReLUs."""

    def __init__(self) -> None:
        super().__init__()
        self.fc1 = nn.Linear(1, 128)
        self.fc2 = nn.Linear(128, 1)

    def forward(self, x: nn.Tensor) -> nn.Tensor:
        """(batch, 1) -> (batch, 1)."""
        return self.fc2(nn.relu(self.fc1(x)))


x = np.linspace(-10, 10, 2000, endpoint=False, dtype=np.float32).reshape(-1, 1)
program = nn.Program(
    network=Sine(),
    loss=nn.MSELoss(),
    optimizer=nn.Adam(1e-3),
    data=nn.Dataset(x, np.sin(x)),
    steps_per_update=500,
)
