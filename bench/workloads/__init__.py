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

    name: str
    program: Callable[[], nn.Program]
    torch_step: Callable[[], Step]


WORKLOADS = {
    name: Workload(name, module.program, module.torch_step)
    for name, module in {"mlp": mlp, "cnn": cnn, "gpt": gpt}.items()
}
