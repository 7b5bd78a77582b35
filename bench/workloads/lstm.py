"""LSTM: one layer of 128 over 32 vectors of 32 numbers, then 10 classes; batch 32."""

from typing import Any

import numpy as np

from workloads.batches import BATCHES
from workloads.twins import Twin

BATCH, CLASSES, LENGTH, WIDTH, HIDDEN, SEED = 32, 10, 32, 32, 128, 7


def series() -> tuple[Any, Any]:
    """Return 8 batches of 0.6 (one of 10 prototypes) + 0.4 noise, (256, 32, 32), and labels."""
    generator = np.random.Generator(np.random.PCG64(SEED))
    prototypes = generator.uniform(-1, 1, (CLASSES, LENGTH, WIDTH))
    labels = generator.integers(0, CLASSES, BATCHES * BATCH).astype(np.int32)
    noise = generator.uniform(-1, 1, (len(labels), LENGTH, WIDTH))
    return (0.6 * prototypes[labels] + 0.4 * noise).astype(np.float32), labels


def network(nn: Any) -> Any:
    """Build it from `delea.nn` or `torch.nn`."""

    class Last(nn.Module):  # type: ignore[misc]
        """The classes from the last hidden state."""

        def __init__(self) -> None:
            super().__init__()
            self.lstm = nn.LSTM(WIDTH, HIDDEN, batch_first=True)
            self.head = nn.Linear(HIDDEN, CLASSES)

        def forward(self, x: Any) -> Any:
            outputs = self.lstm(x)
            if isinstance(outputs, tuple):  # PyTorch's last state comes with them
                outputs, _ = outputs
            return self.head(outputs[:, LENGTH - 1])  # (batch, length, hidden) -> (batch, classes)

    return Last()


TWIN = Twin(network, series, BATCH)
