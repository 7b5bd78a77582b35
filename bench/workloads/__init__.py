"""The workloads: the same weights and data for every engine, one file each."""

from collections.abc import Callable
from dataclasses import dataclass

from delea import nn
from workloads import cnn, gpt, mlp

Step = Callable[[], float]
"""One training step; returns its loss."""


@dataclass(frozen=True, slots=True)
class Workload:
    """A program of Delea's, and its twin in PyTorch built from the same arrays."""

    program: Callable[[], nn.Program]
    torch_step: Callable[[], Step]


WORKLOADS = {
    "mlp": Workload(mlp.program, mlp.torch_step),
    "cnn": Workload(cnn.program, cnn.torch_step),
    "gpt": Workload(gpt.program, gpt.torch_step),
}
