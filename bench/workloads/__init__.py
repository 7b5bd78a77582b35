"""The workloads: the same weights and data for every engine, one file each."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from delea import nn
from workloads import cnn, gpt, lstm, mlp, resnet

Step = Callable[[], float]
"""One training step; returns its loss."""


@dataclass(frozen=True, slots=True)
class Workload:
    """A program of Delea's, and its twin in PyTorch built from the same arrays."""

    name: str
    program: Callable[[], nn.Program]
    torch_step: Callable[[], Step]


SOURCES: dict[str, Any] = {
    "mlp": mlp,
    "cnn": cnn,
    "gpt": gpt,
    "resnet8": resnet.TWIN,
    "lstm": lstm.TWIN,
}
WORKLOADS = {
    name: Workload(name, module.program, module.torch_step) for name, module in SOURCES.items()
}
