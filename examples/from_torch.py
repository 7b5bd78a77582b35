"""Bring a PyTorch network: train it bit for bit, and take its weights back to PyTorch.

The 1,797 digits that scikit-learn ships, 8 x 8 pixels of 0..16; every fifth is kept for the test.
"""

import numpy as np
from sklearn.datasets import load_digits
from torch.nn import functional as F  # noqa: N812 - its usual name

import torch
from delea import nn, runtime
from delea.artifact import read_manifest
from delea.compiler import build
from delea.importers.torch import from_module

STEPS = 300


class Digits(torch.nn.Module):  # type: ignore[misc]
    """A convolutional network with batch normalization and dropout, as PyTorch has them."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = torch.nn.Conv2d(1, 16, 3, padding=1)
        self.bn1 = torch.nn.BatchNorm2d(16)
        self.conv2 = torch.nn.Conv2d(16, 32, 3, padding=1)
        self.drop = torch.nn.Dropout(0.25)
        self.fc = torch.nn.Linear(512, 10)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(rows, 1, 8, 8) uint8 -> (rows, 10)."""
        x = F.relu(self.bn1(self.conv1(x.float() / 16)))  # (rows, 16, 8, 8)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)  # (rows, 32, 4, 4)
        return self.fc(self.drop(x.flatten(1)))


def main() -> None:
    """Train in the sandbox; then PyTorch reads the test part with what was trained."""
    pixels, labels = load_digits(return_X_y=True)
    pixels = pixels.reshape(-1, 1, 8, 8).astype(np.uint8)
    test = np.arange(len(pixels)) % 5 == 0
    torch.manual_seed(0)
    module = Digits()
    program = nn.Program(
        network=from_module(module, torch.from_numpy(pixels[:2])),
        loss=nn.CrossEntropyLoss(),
        optimizer=nn.AdamW(nn.CosineWarmup(3e-3, warmup=20, total=STEPS)),
        data=nn.Dataset(pixels[~test], labels[~test], pixels[test], labels[test]),
        batch=64,
    )
    artifact = build(program)
    trained = runtime.train(artifact.module, artifact.dataset, artifact.genesis, bytes(32), STEPS)
    state = module.state_dict()
    for tensor in read_manifest(artifact.module).tensors:
        if tensor.name in state:
            raw = trained.state[tensor.offset : tensor.offset + tensor.byte_length]
            state[tensor.name] = torch.tensor(np.frombuffer(raw, "<f4").reshape(tensor.shape))
    module.load_state_dict(state)
    guesses = module.eval()(torch.from_numpy(pixels[test])).argmax(1).numpy()
    right = float((guesses == labels[test]).mean())
    print(f"loss {trained.losses[0]:.4f} -> {trained.losses[-1]:.4f}, in PyTorch {right:.4f} right")


if __name__ == "__main__":
    main()
