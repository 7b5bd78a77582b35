"""The engines that train a workload: each gives its first losses, and times rounds of steps."""

from collections.abc import Callable
from typing import Protocol

from workloads import Workload

from delea.artifact import Artifact
from engines.chromium import Chromium
from engines.direct import Direct
from engines.node import Node
from engines.peers import PEERS, Peer
from engines.pytorch import Torch
from engines.sandboxed import Sandboxed


class Engine(Protocol):
    """One engine with one workload; every call starts from the first weights."""

    def losses(self, steps: int) -> list[float]:
        """Return the losses of the first steps."""
        ...

    def round(self, seconds: float) -> list[float]:
        """Warm up, train for about so long, and return samples in milliseconds per step."""
        ...

    def close(self) -> None:
        """Give everything back."""
        ...


TORCH, CHROMIUM = "torch-1t", "delea-chromium"
Start = Callable[[Workload, Artifact], Engine]
ENGINES: dict[str, Start] = {
    "delea-wasmtime": lambda _, artifact: Direct(artifact),
    "delea-sandbox": lambda _, artifact: Sandboxed(artifact),
    "delea-node": lambda _, artifact: Node(artifact),
    CHROMIUM: lambda _, artifact: Chromium(artifact),
    TORCH: lambda workload, _: Torch(workload),
}
OTHERS: dict[str, Start] = {
    name: lambda workload, _, name=name: Peer(workload.name, name) for name in PEERS
}
"""What `make bench-peers` adds."""
