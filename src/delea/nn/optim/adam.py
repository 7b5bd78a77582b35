"""Optimizers that divide by the size that gradients have had."""

from collections.abc import Mapping

from delea.errors import GraphError
from delea.nn.functional import sqrt
from delea.nn.optim.optimizer import Optimizer, check_number, name_of
from delea.nn.optim.schedule import Schedule
from delea.nn.tensor import Tensor


class Adam(Optimizer):
    """Adam, its bias corrections folded into two scalars (Kingma and Ba 2015, end of section 2).

    m' = b1 m + (1 - b1) g, v' = b2 v + (1 - b2) g^2, p' = p - a m' / (sqrt(v') + e) with
    a = lr sqrt(1 - b2^t) / (1 - b1^t) and e = eps sqrt(1 - b2^t); the powers are running products.
    """

    name = "adam"

    def __init__(
        self,
        lr: float | Schedule = 1e-3,
        *,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        clip_norm: float = 0.0,
    ) -> None:
        super().__init__(lr, clip_norm=clip_norm, beta1=betas[0], beta2=betas[1], eps=eps)
        if max(betas) >= 1.0:
            raise GraphError(f"{self.name}: betas below 1 expected, got {betas}")
        self.betas, self.eps = betas, eps

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
        rate = (root * self.rate(shared)) / (1.0 - shared["beta1_power"])
        m = slots["m"] * beta1 + gradient * (1.0 - beta1)
        v = slots["v"] * beta2 + (gradient * gradient) * (1.0 - beta2)
        return parameter - (rate * m) / (sqrt(v) + root * self.eps), {"m": m, "v": v}


class AdamW(Adam):
    """Adam with decoupled weight decay: p shrinks by 1 - lr * weight_decay before each step.

    `matrices_only` leaves tensors of fewer than two axes (biases, gains) as they are, and
    `no_decay` those whose name ends with one of its texts.
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
        no_decay: tuple[str, ...] = (),
        clip_norm: float = 0.0,
    ) -> None:
        super().__init__(lr, betas=betas, eps=eps, clip_norm=clip_norm)
        check_number(self.name, "weight_decay", weight_decay)
        self.numbers = (*self.numbers, ("weight_decay", float(weight_decay)))
        self.weight_decay, self.matrices_only, self.no_decay = weight_decay, matrices_only, no_decay

    def update(
        self,
        parameter: Tensor,
        gradient: Tensor,
        slots: Mapping[str, Tensor],
        shared: Mapping[str, Tensor],
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """Return p', m' and v'."""
        kept = self.matrices_only and len(parameter.shape) < 2
        if not kept and not (self.no_decay and name_of(parameter).endswith(self.no_decay)):
            parameter = parameter * (1.0 - self.rate(shared) * self.weight_decay)
        return super().update(parameter, gradient, slots, shared)


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

    def update(
        self,
        parameter: Tensor,
        gradient: Tensor,
        slots: Mapping[str, Tensor],
        shared: Mapping[str, Tensor],
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """Return p', s' and v'."""
        rate = self.rate(shared)
        if self.weight_decay:
            gradient = gradient + parameter * self.weight_decay
        s = slots["s"] * self.alpha + (gradient * gradient) * (1.0 - self.alpha)
        step = gradient / (sqrt(s) + self.eps)
        if not self.momentum:
            return parameter - step * rate, {"s": s}
        velocity = slots["velocity"] * self.momentum + step
        return parameter - velocity * rate, {"s": s, "velocity": velocity}
