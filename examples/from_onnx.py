"""Bring an ONNX file: train on with other data, and take it back to onnxruntime.

The file reads digits; here it learns to read them upside down, too. The 1,797 digits are those
that scikit-learn ships, 8 x 8 pixels of 0..16; every fifth is kept for the test.
"""

import numpy as np
import onnxruntime
from sklearn.datasets import load_digits

from delea import nn, runtime
from delea.artifact import Artifact, read_manifest
from delea.compiler import build, read_definition
from delea.importers.onnx import from_bytes, to_onnx

STEPS = 200
pixels, labels = load_digits(return_X_y=True)
pixels = (pixels.reshape(-1, 1, 8, 8) / 16).astype(np.float32)
turned = pixels[:, :, ::-1, ::-1]
test = np.arange(len(pixels)) % 5 == 0


def train(network: nn.Module, images: np.ndarray, answers: np.ndarray) -> tuple[Artifact, bytes]:
    """Return the artifact and the state after some steps."""
    program = nn.Program(
        network=network,
        loss=nn.CrossEntropyLoss(),
        optimizer=nn.Adam(3e-3),
        data=nn.Dataset(images, answers),
        batch=64,
    )
    artifact = build(program)
    work = (artifact.module, artifact.dataset, artifact.genesis, bytes(32), STEPS)
    return artifact, runtime.train(*work).state


def write(artifact: Artifact, state: bytes) -> bytes:
    """Return a state as an ONNX file."""
    graphs = read_definition(artifact.module).graphs
    weights = {
        t.name: np.frombuffer(state[t.offset : t.offset + t.byte_length], "<f4").reshape(t.shape)
        for t in read_manifest(artifact.module).tensors
    }
    return to_onnx((graphs["infer"], graphs["infer_one"]), weights)


def right(file: bytes, images: np.ndarray) -> float:
    """Return which part of the test images onnxruntime reads right."""
    answers = onnxruntime.InferenceSession(file).run(None, {"input": images[test]})[0]
    return float((answers.argmax(1) == labels[test]).mean())


def main() -> None:
    """Make a file as it might come from elsewhere, then train it on."""
    layers = (nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten())
    network = nn.Sequential(*layers, nn.Linear(256, 64), nn.ReLU(), nn.Linear(64, 10))
    first = write(*train(network, pixels[~test], labels[~test]))

    both = np.concatenate([pixels[~test], turned[~test]])
    second = write(*train(from_bytes(first), both, np.concatenate([labels[~test]] * 2)))
    for name, images in (("as they are", pixels), ("upside down", turned)):
        print(f"{name}: {right(first, images):.4f} -> {right(second, images):.4f} read right")


if __name__ == "__main__":
    main()
