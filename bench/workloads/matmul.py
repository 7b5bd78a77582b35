"""Matmul: x W^T of N x N matrices, one linear layer without bias; N = 256, 512, 1024."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from delea import nn

SIZES = (256, 512, 1024)
SEED, LEARNING_RATE = 7, 1e-3
Array = NDArray[np.float32]


def matrices(size: int) -> tuple[Array, Array]:
    """Return x and W, uniform in +-1."""
    generator = np.random.Generator(np.random.PCG64(SEED))
    x, weight = generator.uniform(-1, 1, (2, size, size)).astype(np.float32)
    return x, weight


def program(size: int) -> nn.Program:
    """Return the layer, trained towards x: its step has the product and the weights' gradient."""
    x, weight = matrices(size)
    layer = nn.Linear(size, size, bias=False)
    layer.load_state_dict({"weight": weight})
    data = nn.Dataset(x, x)
    return nn.Program(layer, nn.MSELoss(), nn.SGD(LEARNING_RATE), data, infer_batch=1)


def torch_run(size: int) -> Callable[[], object]:
    """Return PyTorch's product."""
    import torch  # noqa: PLC0415 - only `make bench` installs it

    x, weight = map(torch.from_numpy, matrices(size))
    return lambda: torch.nn.functional.linear(x, weight)
