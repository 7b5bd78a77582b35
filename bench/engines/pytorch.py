"""PyTorch on one thread, uncompiled, reading the loss after each step as every trainer does."""

import ctypes
import importlib.util

from workloads import Workload

from engines.sampling import sample


class Torch:
    """The workload's twin."""

    def __init__(self, workload: Workload) -> None:
        self.prepare()
        self._workload = workload

    @staticmethod
    def prepare() -> None:
        """Put PyTorch on one thread, or stop if it is not there."""
        if importlib.util.find_spec("torch") is None:
            raise SystemExit("bench: PyTorch expected in .venv, `make bench` installs it")
        import torch  # noqa: PLC0415 - seconds to import, and not always installed

        torch.set_num_threads(1)
        _keep_memory()

    def losses(self, steps: int) -> list[float]:
        """Return the losses of the first steps."""
        step = self._workload.torch_step()
        return [step() for _ in range(steps)]

    def round(self, seconds: float) -> list[float]:
        """Return samples in milliseconds per step."""
        step = self._workload.torch_step()

        def run(steps: int) -> None:
            for _ in range(steps):
                step()

        return sample(run, seconds)

    def close(self) -> None:
        """Nothing is held."""


def _keep_memory() -> None:
    """Let glibc keep what a step frees: else, by chance, each step pays for fresh pages anew."""
    libc = ctypes.CDLL(None)
    if hasattr(libc, "mallopt"):
        trim_threshold, mmap_threshold = -1, -3
        libc.mallopt(trim_threshold, 1 << 30)
        libc.mallopt(mmap_threshold, 1 << 25)
