"""Read handwritten digits with a convolutional network: at least 98 % of those it never saw.

The 1,797 digits that scikit-learn ships, 8 x 8 pixels of 0..16; every fifth is kept for the test.
"""

import numpy as np
from sklearn.datasets import load_digits

from delea import nn, runtime
from delea.compiler import build

STEPS = 600
pixels, labels = load_digits(return_X_y=True)
pixels = pixels.reshape(-1, 1, 8, 8).astype(np.uint8)  # bytes in the dataset, scaled in the network
test = np.arange(len(pixels)) % 5 == 0


class Reader(nn.Module):
    """Two convolutions, a pooling and two linear layers."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, 16, 3, padding=1)
        self.conv2 = nn.Conv2d(16, 32, 3, padding=1)
        self.pool = nn.MaxPool2d(2)
        self.drop = nn.Dropout(0.25)
        self.fc1 = nn.Linear(512, 64)
        self.fc2 = nn.Linear(64, 10)

    def forward(self, x: nn.Tensor) -> nn.Tensor:
        """(batch, 1, 8, 8) uint8 -> (batch, 10)."""
        x = nn.relu(self.conv1(x.float() * (1 / 16)))  # (batch, 16, 8, 8)
        x = self.pool(nn.relu(self.conv2(x)))  # (batch, 32, 4, 4)
        return self.fc2(nn.relu(self.fc1(self.drop(x.flatten(1)))))


program = nn.Program(
    network=Reader(),
    loss=nn.CrossEntropyLoss(),
    optimizer=nn.AdamW(nn.CosineWarmup(3e-3, warmup=20, total=STEPS), weight_decay=0.01),
    data=nn.Dataset(pixels[~test], labels[~test], pixels[test], labels[test]),
    batch=64,
    infer_batch=int(test.sum()),
)


def main() -> None:
    """Train, then count the digits of the test part that are read right."""
    artifact = build(program)
    work = (artifact.module, artifact.dataset, artifact.genesis, bytes(32), STEPS)
    trained = runtime.train(*work)
    answers = runtime.infer(artifact.module, trained.state, pixels[test].tobytes())
    guesses = np.frombuffer(answers, "<f4").reshape(-1, 10).argmax(1)
    right = float((guesses == labels[test]).mean())
    print(f"loss {trained.losses[0]:.4f} -> {trained.losses[-1]:.4f}, test accuracy {right:.4f}")


if __name__ == "__main__":
    main()
