"""CNN on 28x28x1 images: two convolutions 3x3 (32, 64), each with ReLU and max-pool; 10 classes."""

from collections.abc import Callable
from itertools import cycle

import numpy as np
from numpy.typing import NDArray

from delea import nn
from workloads.batches import BATCHES, drawn

BATCH, CLASSES, SIDE, LEARNING_RATE, SEED = 64, 10, 28, 1e-3, 7
Array = NDArray[np.float32]
Labels = NDArray[np.int32]


def weights() -> dict[str, Array]:
    """Return the first weights under PyTorch's names, uniform in +-1/sqrt(inputs)."""
    generator = np.random.Generator(np.random.PCG64(SEED))
    shapes = {
        "0.weight": ((32, 1, 3, 3), 9),
        "0.bias": ((32,), 9),
        "3.weight": ((64, 32, 3, 3), 288),
        "3.bias": ((64,), 288),
        "7.weight": ((CLASSES, 1600), 1600),
        "7.bias": ((CLASSES,), 1600),
    }
    return {
        name: generator.uniform(-(inputs**-0.5), inputs**-0.5, shape).astype(np.float32)
        for name, (shape, inputs) in shapes.items()
    }


def images() -> tuple[Array, Labels]:
    """Return 8 batches of 0.6 (one of 10 prototypes) + 0.4 noise, (512, 1, 28, 28), and labels."""
    generator = np.random.Generator(np.random.PCG64(SEED + 1))
    prototypes = generator.uniform(0, 1, (CLASSES, 1, SIDE, SIDE))
    labels = generator.integers(0, CLASSES, BATCHES * BATCH).astype(np.int32)
    noise = generator.uniform(0, 1, (len(labels), 1, SIDE, SIDE))
    return (0.6 * prototypes[labels] + 0.4 * noise).astype(np.float32), labels


def program() -> nn.Program:
    """Return the workload as Delea trains it."""
    network = nn.Sequential(
        nn.Conv2d(1, 32, 3),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 3),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(1600, CLASSES),
    )
    network.load_state_dict(weights())
    data = nn.Dataset(*images())
    return nn.Program(
        network, nn.CrossEntropyLoss(), nn.Adam(LEARNING_RATE), data, batch=BATCH, infer_batch=BATCH
    )


def torch_step() -> Callable[[], float]:
    """Return one step of the same training in PyTorch."""
    import torch  # noqa: PLC0415 - only `make bench` installs it

    network = torch.nn.Sequential(
        torch.nn.Conv2d(1, 32, 3),
        torch.nn.ReLU(),
        torch.nn.MaxPool2d(2),
        torch.nn.Conv2d(32, 64, 3),
        torch.nn.ReLU(),
        torch.nn.MaxPool2d(2),
        torch.nn.Flatten(),
        torch.nn.Linear(1600, CLASSES),
    )
    network.load_state_dict({name: torch.from_numpy(w) for name, w in weights().items()})
    optimizer = torch.optim.Adam(network.parameters(), lr=LEARNING_RATE)
    pairs = [(torch.from_numpy(x), torch.from_numpy(y).long()) for x, y in drawn(BATCH, *images())]
    batches = cycle(pairs)

    def step() -> float:
        x, y = next(batches)
        optimizer.zero_grad(set_to_none=True)
        loss = torch.nn.functional.cross_entropy(network(x), y)
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        return loss.item()

    return step
