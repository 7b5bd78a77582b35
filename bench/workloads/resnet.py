"""ResNet-8 on 32x32x3 images: three stages (16, 32, 64 channels) of one block; batch 32."""

from typing import Any

import numpy as np

from workloads.batches import BATCHES
from workloads.twins import Twin

BATCH, CLASSES, SIDE, SEED = 32, 10, 32, 7


def images() -> tuple[Any, Any]:
    """Return 8 batches of 0.6 (one of 10 prototypes) + 0.4 noise, (256, 3, 32, 32), and labels."""
    generator = np.random.Generator(np.random.PCG64(SEED))
    prototypes = generator.uniform(0, 1, (CLASSES, 3, SIDE, SIDE))
    labels = generator.integers(0, CLASSES, BATCHES * BATCH).astype(np.int32)
    noise = generator.uniform(0, 1, (len(labels), 3, SIDE, SIDE))
    return (0.6 * prototypes[labels] + 0.4 * noise).astype(np.float32), labels


def network(nn: Any) -> Any:
    """Build it from `delea.nn` or `torch.nn`."""

    def convolution(inputs: int, outputs: int, size: int, stride: int) -> Any:
        made = nn.Conv2d(inputs, outputs, size, stride=stride, padding=size // 2, bias=False)
        return nn.Sequential(made, nn.BatchNorm2d(outputs))

    class Block(nn.Module):  # type: ignore[misc]
        """Two convolutions beside a shortcut, which is one of 1x1 if the size changes."""

        def __init__(self, inputs: int, outputs: int, stride: int) -> None:
            super().__init__()
            self.first = convolution(inputs, outputs, 3, stride)
            self.second = convolution(outputs, outputs, 3, 1)
            if stride > 1:
                self.shortcut = convolution(inputs, outputs, 1, stride)
            self.relu, self.stride = nn.ReLU(), stride

        def forward(self, x: Any) -> Any:
            kept = self.shortcut(x) if self.stride > 1 else x
            return self.relu(self.second(self.relu(self.first(x))) + kept)

    return nn.Sequential(
        convolution(3, 16, 3, 1),
        nn.ReLU(),
        Block(16, 16, 1),
        Block(16, 32, 2),
        Block(32, 64, 2),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(64, CLASSES),
    )


TWIN = Twin(network, images, BATCH)
