"""MLP 1-128-1 with ReLU that learns sin x: all 2,000 points are the batch, MSE, Adam 1e-3."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from delea import nn

HIDDEN, ROWS, LEARNING_RATE, SEED = 128, 2000, 1e-3, 7
Array = NDArray[np.float32]


def weights() -> dict[str, Array]:
    """Return the first weights under PyTorch's names, uniform in +-1/sqrt(inputs)."""
    generator = np.random.Generator(np.random.PCG64(SEED))
    shapes = {
        "0.weight": ((HIDDEN, 1), 1),
        "0.bias": ((HIDDEN,), 1),
        "2.weight": ((1, HIDDEN), HIDDEN),
        "2.bias": ((1,), HIDDEN),
    }
    return {
        name: generator.uniform(-(inputs**-0.5), inputs**-0.5, shape).astype(np.float32)
        for name, (shape, inputs) in shapes.items()
    }


def points() -> tuple[Array, Array]:
    """Return x = -10 + 0.01 i and sin x, both (2000, 1)."""
    x = (-10 + 0.01 * np.arange(ROWS)).astype(np.float32).reshape(-1, 1)
    return x, np.sin(x)


def program() -> nn.Program:
    """Return the workload as Delea trains it."""
    network = nn.Sequential(nn.Linear(1, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, 1))
    network.load_state_dict(weights())
    x, y = points()
    return nn.Program(network, nn.MSELoss(), nn.Adam(LEARNING_RATE), nn.Dataset(x, y))


def torch_step() -> Callable[[], float]:
    """Return one step of the same training in PyTorch."""
    import torch  # noqa: PLC0415 - only `make bench` installs it

    network = torch.nn.Sequential(
        torch.nn.Linear(1, HIDDEN), torch.nn.ReLU(), torch.nn.Linear(HIDDEN, 1)
    )
    network.load_state_dict({name: torch.from_numpy(w) for name, w in weights().items()})
    x, y = (torch.from_numpy(array) for array in points())
    optimizer = torch.optim.Adam(network.parameters(), lr=LEARNING_RATE)

    def step() -> float:
        optimizer.zero_grad(set_to_none=True)
        loss = torch.nn.functional.mse_loss(network(x), y)
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        return loss.item()

    return step
