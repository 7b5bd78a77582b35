"""Optimizers that follow the gradient itself, or its sign."""

from delea.errors import GraphError
from delea.nn.functional import where
from delea.nn.optim.optimizer import Now, Optimizer
from delea.nn.optim.schedule import Schedule
from delea.nn.tensor import Tensor


class SGD(Optimizer):
    """v' = momentum v + g, p' = p - lr v' (without momentum p' = p - lr g), as PyTorch's.

    With weight decay g is first g + weight_decay p; Nesterov's p' = p - lr (g + momentum v').
    """

    name = "sgd"

    def __init__(
        self,
        lr: float | Schedule = 1e-3,
        *,
        momentum: float = 0.0,
        weight_decay: float = 0.0,
        nesterov: bool = False,
        clip_norm: float = 0.0,
    ) -> None:
        more = {"weight_decay": weight_decay} if weight_decay else {}
        more |= {"nesterov": 1.0} if nesterov else {}
        super().__init__(lr, clip_norm=clip_norm, momentum=momentum, **more)
        if nesterov and not momentum:
            raise GraphError("sgd: a momentum above 0 expected with nesterov, got 0")
        self.momentum, self.weight_decay, self.nesterov = momentum, weight_decay, nesterov

    def slots(self) -> dict[str, float]:
        """One velocity per parameter, if there is momentum."""
        return {"velocity": 0.0} if self.momentum else {}

    def update(self, now: Now) -> tuple[Tensor, dict[str, Tensor]]:
        """Return p' and v'."""
        gradient = now.decayed(self.weight_decay)
        if not self.momentum:
            return now.value - gradient * now.rate, {}
        velocity = now.slots["velocity"] * self.momentum + gradient
        step = gradient + velocity * self.momentum if self.nesterov else velocity
        return now.value - step * now.rate, {"velocity": velocity}


class Lion(Optimizer):
    """p' = p (1 - lr weight_decay) - lr sign(b1 m + (1 - b1) g), m' = b2 m + (1 - b2) g.

    The sign of 0 is 0 (Chen et al. 2023).
    """

    name = "lion"

    def __init__(
        self,
        lr: float | Schedule = 1e-4,
        *,
        betas: tuple[float, float] = (0.9, 0.99),
        weight_decay: float = 0.0,
        clip_norm: float = 0.0,
    ) -> None:
        numbers = {"beta1": betas[0], "beta2": betas[1], "weight_decay": weight_decay}
        super().__init__(lr, clip_norm=clip_norm, **numbers)
        if max(betas) >= 1.0:
            raise GraphError(f"{self.name}: betas below 1 expected, got {betas}")
        self.betas, self.weight_decay = betas, weight_decay

    def slots(self) -> dict[str, float]:
        """Return the momentum."""
        return {"m": 0.0}

    def update(self, now: Now) -> tuple[Tensor, dict[str, Tensor]]:
        """Return p' and m'."""
        beta1, beta2 = self.betas
        mixed = now.slots["m"] * beta1 + now.gradient * (1.0 - beta1)
        sign = where(mixed > 0.0, 1.0, where(mixed < 0.0, -1.0, mixed))
        m = now.slots["m"] * beta2 + now.gradient * (1.0 - beta2)
        return now.shrunk(self.weight_decay) - sign * now.rate, {"m": m}
