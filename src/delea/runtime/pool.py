"""A pool of warm children: confined and ready, they wait for a module."""

from collections import deque
from types import TracebackType
from typing import Self

from delea.errors import SandboxError, UsageError
from delea.runtime.limits import DEFAULT_LIMITS, Limits
from delea.runtime.process import Child
from delea.runtime.sandbox import Sandbox

MAX_WARM = 8
"""How many children may wait at most; each holds about 40 MB."""


class Pool:
    """Opens sandboxes whose children were started before they were needed.

    Each child serves one sandbox and is gone with it: none ever meets two modules. Use it as a
    context manager, from the thread that made it: its children die with that thread.
    """

    def __init__(self, warm: int = 1, *, limits: Limits = DEFAULT_LIMITS) -> None:
        if not 1 <= warm <= MAX_WARM:
            raise UsageError(f"1 to {MAX_WARM} warm children expected, got {warm}")
        self._limits = limits
        self._warm = warm
        self._waiting: deque[Child] = deque()
        self._fill()

    def open(self, module: bytes) -> Sandbox:
        """Return a sandbox with `module`; the next child starts while this one works.

        Raises:
            PolicyError, ArtifactError: the module breaks a rule.
            SandboxError: it was stopped while it was compiled, or the pool has been closed.
        """
        if not self._warm:
            raise SandboxError("an open pool expected, this one has been closed")
        try:
            return Sandbox(module, limits=self._limits, child=self._take())
        finally:
            self._fill()

    @property
    def pids(self) -> list[int]:
        """The ids of the processes that wait."""
        return [child.pid for child in self._waiting]

    def _take(self) -> Child | None:
        """Return the child that has waited longest, or none; one that was killed is left out."""
        while self._waiting:
            child = self._waiting.popleft()
            if child.is_alive:
                return child
            child.close()
        return None

    def _fill(self) -> None:
        try:
            while len(self._waiting) < self._warm:
                self._waiting.append(Child(self._limits))
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """End the children that wait, not the opened sandboxes; harmless when done before."""
        self._warm = 0
        while self._waiting:
            self._waiting.popleft().close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
