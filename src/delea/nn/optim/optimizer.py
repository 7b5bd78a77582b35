"""What every optimizer is: formulas on tensors, its memory part of the state.

Shared scalars are kept once, slots once per parameter. Each formula has a fixed order of
operations, so every engine gives the same bits.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from delea.errors import GraphError
from delea.nn.functional import sqrt
from delea.nn.optim.schedule import Schedule
from delea.nn.record import builder
from delea.nn.tensor import Operand, Tensor, apply

LEAST_NORM = 1e-6
"""Added to a norm before dividing by it, as PyTorch does."""


@dataclass(frozen=True, slots=True)
class Now:
    """What one parameter's update reads: its value, gradient and slots, and what is shared.

    `rate` is this step's learning rate; `shared` is `begin`'s result.
    """

    value: Tensor
    gradient: Tensor
    slots: Mapping[str, Tensor]
    shared: Mapping[str, Tensor]
    rate: Operand

    @property
    def name(self) -> str:
        """The parameter's name."""
        return builder().nodes[self.value.node].text("name")

    def decayed(self, weight_decay: float) -> Tensor:
        """Return the gradient of the loss plus weight_decay / 2 times the value's square."""
        return self.gradient + self.value * weight_decay if weight_decay else self.gradient

    def shrunk(self, weight_decay: float) -> Tensor:
        """Return the value times 1 - rate * weight_decay: decay decoupled from the gradient."""
        return self.value * (1.0 - self.rate * weight_decay) if weight_decay else self.value


class Optimizer:
    """An optimizer by name, with its numbers; `slots` and `shared` give their first values.

    `lr` is a number or a `Schedule`. `clip_norm` scales all gradients down together so that their
    norm is at most that; 0 leaves them as they are.
    """

    name = ""

    def __init__(
        self, lr: float | Schedule = 1e-3, *, clip_norm: float = 0.0, **numbers: float
    ) -> None:
        self.schedule = lr if isinstance(lr, Schedule) else None
        self.lr = lr.lr if isinstance(lr, Schedule) else lr
        self.clip_norm = clip_norm
        given: dict[str, object] = {"lr": self.lr, **numbers}
        given |= {"clip_norm": clip_norm} if clip_norm else {}
        given |= self.schedule.numbers if self.schedule else {}
        kept = []
        for key, number in sorted(given.items()):
            kept.append((key, check_number(self.name, key, number)))
        self.numbers = tuple(kept)

    def shared(self) -> dict[str, float]:
        """Return the scalars kept for all parameters together."""
        return {}

    def slots(self) -> dict[str, float]:
        """Return the tensors kept for each parameter."""
        return {}

    def begin(self, shared: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Return the next values of the shared scalars; called once per step, before `update`."""
        return dict(shared)

    def clip(self, gradients: list[Tensor]) -> list[Tensor]:
        """Return the gradients, scaled by min(1, clip_norm / (norm + 1e-6)) if there is a limit."""
        if not self.clip_norm:
            return gradients
        total = None
        for gradient in gradients:
            squares = (gradient * gradient).sum()
            total = squares if total is None else total + squares
        assert total is not None, "there are gradients"
        scale = apply("min", self.clip_norm / (sqrt(total) + LEAST_NORM), 1.0)
        return [gradient * scale for gradient in gradients]

    def update(self, now: Now) -> tuple[Tensor, dict[str, Tensor]]:
        """Return the next value of a parameter and of its slots."""
        raise NotImplementedError(f"{type(self).__name__}.update")


def check_number(optimizer: str, key: str, number: object) -> float:
    """Return a number of an optimizer as it goes into the manifest, or refuse it."""
    if not isinstance(number, int | float | np.number) or not 0.0 <= number < float("inf"):
        raise GraphError(f"{optimizer}: {key} of at least 0 expected, got {number!r}")
    return float(number)
