"""What PyTorch exported, as plain values: a recorded run of a module, without PyTorch."""

from dataclasses import dataclass
from typing import Any, TypeAlias

from numpy.typing import NDArray

Argument: TypeAlias = "Reference | int | float | bool | str | tuple[Argument, ...] | None"


@dataclass(frozen=True, slots=True)
class Reference:
    """The result of an earlier call, or a value the run starts with."""

    name: str


@dataclass(frozen=True, slots=True)
class Spec:
    """A tensor's sizes, None where they follow from the number of rows, and its element type."""

    shape: tuple[int | None, ...]
    dtype: str


Result: TypeAlias = "Spec | tuple[Result, ...] | None"


@dataclass(frozen=True, slots=True)
class Call:
    """One operation, such as `aten.add.Tensor`; `place` is the module it came from."""

    name: str
    op: str
    arguments: tuple[Argument, ...]
    options: tuple[tuple[str, Argument], ...]
    place: str
    result: Result


@dataclass(frozen=True, slots=True)
class Source:
    """A tensor of the module that the run starts with: a parameter, a buffer or a constant."""

    name: str
    dtype: str


@dataclass(frozen=True, slots=True)
class Run:
    """A module's forward as calls: `sources` and the input come first; `changes` names buffers."""

    input: str
    sources: tuple[tuple[str, Source], ...]
    calls: tuple[Call, ...]
    output: str
    changes: tuple[tuple[str, str], ...]  # (buffer, what it becomes)


@dataclass(frozen=True, slots=True)
class Held:
    """A tensor of the module: its first value, and whether the gradient trains it."""

    value: NDArray[Any]
    is_trained: bool


@dataclass(frozen=True, slots=True)
class Captured:
    """A module: its tensors by name, what it does in training and what it does otherwise.

    `problems` are what the runs no longer show: where the gradient was stopped.
    """

    tensors: dict[str, Held]
    train: Run
    evaluate: Run
    problems: tuple[tuple[str, str], ...] = ()  # (operation and place, what is wrong)
