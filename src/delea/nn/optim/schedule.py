"""Learning rates that change from step to step, as formulas of the step's number inside the graph.

The number is the state's own counter, its low 32 bits: no schedule needs a state of its own.
"""

import math

from delea.errors import GraphError
from delea.nn.functional import clip, cos
from delea.nn.tensor import Operand, Tensor, apply


class Schedule:
    """A learning rate by the number of the step; `numbers` go into the manifest."""

    def __init__(self, lr: float, **numbers: float) -> None:
        self.lr = lr
        self.numbers = numbers

    def rate(self, step: Tensor) -> Operand:
        """Return the rate of step number `step`, (1,) float32, counted from 0."""
        raise NotImplementedError(f"{type(self).__name__}.rate")


class Constant(Schedule):
    """Always lr."""

    def __init__(self, lr: float) -> None:
        super().__init__(lr)

    def rate(self, step: Tensor) -> Operand:  # noqa: ARG002 - the interface of all schedules
        """Return lr."""
        return self.lr


class CosineWarmup(Schedule):
    """Rise in equal parts over `warmup` steps to lr, then half a cosine down to `floor`.

    Step s < warmup: lr (s + 1) / warmup. After: floor + (lr - floor) (1 + cos(pi p)) / 2 with
    p = (s - warmup) / (total - warmup), at most 1.
    """

    def __init__(self, lr: float, *, warmup: int = 0, total: int, floor: float = 0.0) -> None:
        if not 0 <= warmup < total:
            raise GraphError(f"a warm-up shorter than {total} steps expected, got {warmup}")
        if not 0.0 <= floor <= lr:
            raise GraphError(f"a floor within 0..{lr} expected, got {floor}")
        super().__init__(lr, lr_warmup=warmup, lr_total=total, lr_floor=floor)
        self.warmup, self.total, self.floor = warmup, total, floor

    def rate(self, step: Tensor) -> Operand:
        """Return the rate of a step."""
        done = clip((step - float(self.warmup)) * (1.0 / (self.total - self.warmup)), 0.0, 1.0)
        wave = cos(done * math.pi) + 1.0
        falling = wave * (0.5 * (self.lr - self.floor)) + self.floor
        if not self.warmup:
            return falling
        rising = (step + 1.0) * (self.lr / self.warmup)
        return apply("where", step < float(self.warmup), rising, falling)


class StepDecay(Schedule):
    """lr times gamma after every `step_size` steps, as PyTorch's StepLR."""

    def __init__(self, lr: float, *, step_size: int, gamma: float = 0.1) -> None:
        if step_size < 1 or not 0.0 < gamma <= 1.0:
            raise GraphError(
                f"a step size of at least 1 and a factor within 0..1 expected, got {step_size} "
                f"and {gamma}"
            )
        super().__init__(lr, lr_step_size=step_size, lr_gamma=gamma)
        self.step_size, self.gamma = step_size, gamma

    def rate(self, step: Tensor) -> Operand:
        """Return lr gamma^floor(step / step_size)."""
        times = (step / float(self.step_size)).int().float()
        return apply("pow", self.gamma, times) * self.lr


StepLR = StepDecay
