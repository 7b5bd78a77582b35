"""Optimizers as formulas on tensors: they become part of the graph, their memory part of the state.

Shared scalars are kept once, slots once per parameter. Each formula has a fixed order of
operations, so every engine gives the same bits.
"""

from collections.abc import Mapping

import numpy as np

from delea.errors import GraphError
from delea.nn.functional import sqrt
from delea.nn.tensor import Tensor


class Optimizer:
    """An optimizer by name, with its numbers; `slots` and `shared` give their first values."""

    name = ""

    def __init__(self, **numbers: float) -> None:
        given: dict[str, object] = dict(numbers)
        for key, number in given.items():
            if not isinstance(number, int | float | np.number) or not 0.0 <= number < float("inf"):
                raise GraphError(f"{self.name}: {key} of at least 0 expected, got {number!r}")
        self.numbers = tuple(sorted((key, float(number)) for key, number in numbers.items()))

    def shared(self) -> dict[str, float]:
        """Return the scalars kept for all parameters together."""
        return {}

    def slots(self) -> dict[str, float]:
        """Return the tensors kept for each parameter."""
        return {}

    def begin(self, shared: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Return the next values of the shared scalars; called once per step, before `update`."""
        return dict(shared)

    def update(
        self,
        parameter: Tensor,
        gradient: Tensor,
        slots: Mapping[str, Tensor],
        shared: Mapping[str, Tensor],
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """Return the next value of a parameter and of its slots; `shared` is `begin`'s result."""
        raise NotImplementedError(f"{type(self).__name__}.update")


class SGD(Optimizer):
    """v' = momentum v + g, p' = p - lr v' (without momentum p' = p - lr g), as PyTorch's."""

    name = "sgd"

    def __init__(self, lr: float = 1e-3, *, momentum: float = 0.0) -> None:
        super().__init__(lr=lr, momentum=momentum)
        self.lr, self.momentum = lr, momentum

    def slots(self) -> dict[str, float]:
        """One velocity per parameter, if there is momentum."""
        return {"velocity": 0.0} if self.momentum else {}

    def update(
        self,
        parameter: Tensor,
        gradient: Tensor,
        slots: Mapping[str, Tensor],
        shared: Mapping[str, Tensor],  # noqa: ARG002 - the interface of all optimizers
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """Return p' and v'."""
        if not self.momentum:
            return parameter - gradient * self.lr, {}
        velocity = slots["velocity"] * self.momentum + gradient
        return parameter - velocity * self.lr, {"velocity": velocity}


class Adam(Optimizer):
    """Adam, its bias corrections folded into two scalars (Kingma and Ba 2015, end of section 2).

    m' = b1 m + (1 - b1) g, v' = b2 v + (1 - b2) g^2, p' = p - a m' / (sqrt(v') + e) with
    a = lr sqrt(1 - b2^t) / (1 - b1^t) and e = eps sqrt(1 - b2^t); the powers are running products.
    """

    name = "adam"

    def __init__(
        self,
        lr: float = 1e-3,
        *,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
    ) -> None:
        super().__init__(lr=lr, beta1=betas[0], beta2=betas[1], eps=eps)
        if max(betas) >= 1.0:
            raise GraphError(f"{self.name}: betas below 1 expected, got {betas}")
        self.lr, self.betas, self.eps = lr, betas, eps

    def shared(self) -> dict[str, float]:
        """Return b1^t and b2^t before the first step."""
        return {"beta1_power": 1.0, "beta2_power": 1.0}

    def slots(self) -> dict[str, float]:
        """Return the two moments."""
        return {"m": 0.0, "v": 0.0}

    def begin(self, shared: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Multiply the powers on."""
        return {
            "beta1_power": shared["beta1_power"] * self.betas[0],
            "beta2_power": shared["beta2_power"] * self.betas[1],
        }

    def update(
        self,
        parameter: Tensor,
        gradient: Tensor,
        slots: Mapping[str, Tensor],
        shared: Mapping[str, Tensor],
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """Return p', m' and v'."""
        beta1, beta2 = self.betas
        root = sqrt(1.0 - shared["beta2_power"])
        rate = (root * self.lr) / (1.0 - shared["beta1_power"])
        m = slots["m"] * beta1 + gradient * (1.0 - beta1)
        v = slots["v"] * beta2 + (gradient * gradient) * (1.0 - beta2)
        return parameter - (rate * m) / (sqrt(v) + root * self.eps), {"m": m, "v": v}


class AdamW(Adam):
    """Adam with decoupled weight decay: p shrinks by 1 - lr * weight_decay before each step.

    `matrices_only` leaves tensors of fewer than two axes (biases, gains) as they are.
    """

    name = "adamw"

    def __init__(
        self,
        lr: float = 1e-3,
        *,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
        matrices_only: bool = False,
    ) -> None:
        super().__init__(lr, betas=betas, eps=eps)
        self.numbers = (*self.numbers, ("weight_decay", float(weight_decay)))
        self.weight_decay, self.matrices_only = weight_decay, matrices_only

    def update(
        self,
        parameter: Tensor,
        gradient: Tensor,
        slots: Mapping[str, Tensor],
        shared: Mapping[str, Tensor],
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """Return p', m' and v'."""
        if not self.matrices_only or len(parameter.shape) >= 2:
            parameter = parameter * (1.0 - self.lr * self.weight_decay)
        return super().update(parameter, gradient, slots, shared)
