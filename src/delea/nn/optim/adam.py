"""Optimizers that divide by the size that gradients have had."""

from collections.abc import Mapping

from delea.errors import GraphError
from delea.nn.functional import sqrt
from delea.nn.optim.optimizer import Now, Optimizer, check_number
from delea.nn.optim.schedule import Schedule
from delea.nn.tensor import Tensor


class Adam(Optimizer):
    """Adam, its bias corrections folded into two scalars (Kingma and Ba 2015, end of section 2).

    m' = b1 m + (1 - b1) g, v' = b2 v + (1 - b2) g^2, p' = p - a m' / (sqrt(v') + e) with
    a = lr sqrt(1 - b2^t) / (1 - b1^t) and e = eps sqrt(1 - b2^t); the powers are running products.
    With weight decay g is first g + weight_decay p.
    """

    name = "adam"

    def __init__(
        self,
        lr: float | Schedule = 1e-3,
        *,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        clip_norm: float = 0.0,
    ) -> None:
        numbers = {"beta1": betas[0], "beta2": betas[1], "eps": eps}
        numbers |= {"weight_decay": weight_decay} if weight_decay else {}
        super().__init__(lr, clip_norm=clip_norm, **numbers)
        if max(betas) >= 1.0:
            raise GraphError(f"{self.name}: betas below 1 expected, got {betas}")
        self.betas, self.eps, self.weight_decay = betas, eps, weight_decay

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

    def update(self, now: Now) -> tuple[Tensor, dict[str, Tensor]]:
        """Return p', m' and v'."""
        gradient = now.decayed(self.weight_decay)
        return self._step(now, now.value, gradient)

    def _step(self, now: Now, value: Tensor, gradient: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
        """Return p' from a value and a gradient, and the moments."""
        beta1, beta2 = self.betas
        root = sqrt(1.0 - now.shared["beta2_power"])
        rate = (root * now.rate) / (1.0 - now.shared["beta1_power"])
        m = now.slots["m"] * beta1 + gradient * (1.0 - beta1)
        v = now.slots["v"] * beta2 + (gradient * gradient) * (1.0 - beta2)
        return value - (rate * m) / (sqrt(v) + root * self.eps), {"m": m, "v": v}


class AdamW(Adam):
    """Adam with decoupled weight decay: p shrinks by 1 - lr * weight_decay before each step.

    `matrices_only` leaves tensors of fewer than two axes (biases, gains) as they are, and
    `no_decay` those whose name ends with one of its texts; the manifest says so.
    """

    name = "adamw"

    def __init__(
        self,
        lr: float | Schedule = 1e-3,
        *,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
        matrices_only: bool = False,
        no_decay: str | tuple[str, ...] = (),
        clip_norm: float = 0.0,
    ) -> None:
        super().__init__(lr, betas=betas, eps=eps, clip_norm=clip_norm)
        self.weight_decay = check_number(self.name, "weight_decay", weight_decay)
        self.matrices_only = matrices_only
        self.no_decay = (no_decay,) if isinstance(no_decay, str) else tuple(no_decay)
        spared = [("matrices_only", 1.0)] if matrices_only else []
        spared += [(f"no_decay {ending}", 1.0) for ending in self.no_decay]
        more = (*spared, ("weight_decay", self.weight_decay))
        self.numbers = tuple(sorted((*self.numbers, *more)))

    def update(self, now: Now) -> tuple[Tensor, dict[str, Tensor]]:
        """Return p', m' and v'."""
        return self._step(now, now.shrunk(self._decay(now)), now.gradient)

    def _decay(self, now: Now) -> float:
        kept = self.matrices_only and len(now.value.shape) < 2
        kept = kept or bool(self.no_decay and now.name.endswith(self.no_decay))
        return 0.0 if kept else self.weight_decay


class RMSprop(Optimizer):
    """s' = alpha s + (1 - alpha) g^2, p' = p - lr g / (sqrt(s') + eps), as PyTorch's.

    With momentum v' = momentum v + g / (sqrt(s') + eps), p' = p - lr v'.
    """

    name = "rmsprop"

    def __init__(
        self,
        lr: float | Schedule = 1e-2,
        *,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        momentum: float = 0.0,
        clip_norm: float = 0.0,
    ) -> None:
        numbers = {"alpha": alpha, "eps": eps, "weight_decay": weight_decay, "momentum": momentum}
        super().__init__(lr, clip_norm=clip_norm, **numbers)
        if alpha >= 1.0:
            raise GraphError(f"{self.name}: alpha below 1 expected, got {alpha}")
        self.alpha, self.eps, self.weight_decay, self.momentum = alpha, eps, weight_decay, momentum

    def slots(self) -> dict[str, float]:
        """Return the mean square, and a velocity if there is momentum."""
        return {"s": 0.0, "velocity": 0.0} if self.momentum else {"s": 0.0}

    def update(self, now: Now) -> tuple[Tensor, dict[str, Tensor]]:
        """Return p', s' and v'."""
        gradient = now.decayed(self.weight_decay)
        s = now.slots["s"] * self.alpha + (gradient * gradient) * (1.0 - self.alpha)
        step = gradient / (sqrt(s) + self.eps)
        if not self.momentum:
            return now.value - step * now.rate, {"s": s}
        velocity = now.slots["velocity"] * self.momentum + step
        return now.value - velocity * now.rate, {"s": s, "velocity": velocity}
