"""What a foreign module may use of this machine."""

from dataclasses import dataclass
from math import isfinite

from delea.errors import UsageError


@dataclass(frozen=True, slots=True)
class Limits:
    """Wall-clock seconds per request and per sign of life, CPU seconds to compile, and memory.

    `compile_cpu_seconds` counts from the child's start on. `step_seconds` bounds one training step,
    one evaluation or one batch of inference, so an endless loop is found long before `seconds`,
    which bounds the request as a whole, its listener included.
    """

    seconds: float = 600.0
    step_seconds: float = 60.0
    start_seconds: float = 60.0
    compile_cpu_seconds: int = 4  # with the start and the check below 5
    memory_bytes: int = 768 << 20

    def __post_init__(self) -> None:
        for name in ("seconds", "step_seconds", "start_seconds", "compile_cpu_seconds"):
            value = getattr(self, name)
            if not (isfinite(value) and value > 0):
                raise UsageError(f"{name}: a positive time expected, got {value}")
        if self.memory_bytes < 64 << 20:
            raise UsageError(f"memory of at least 64 MiB expected, got {self.memory_bytes} bytes")


DEFAULT_LIMITS = Limits()
