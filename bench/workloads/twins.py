"""A network written once for both: `delea.nn` and `torch.nn` have the same names."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import cycle
from typing import Any

from delea import nn
from workloads.batches import drawn


@dataclass(frozen=True, slots=True)
class Twin:
    """A classifier: `network(nn)` builds it in either library, `data` are inputs and labels."""

    network: Callable[[Any], Any]
    data: Callable[[], tuple[Any, Any]]
    batch: int
    rate: float = 1e-3

    def program(self) -> nn.Program:
        """Return the workload as Delea trains it."""
        return nn.Program(
            self.network(nn),
            nn.CrossEntropyLoss(),
            nn.Adam(self.rate),
            nn.Dataset(*self.data()),
            batch=self.batch,
            infer_batch=self.batch,
        )

    def torch_step(self) -> Callable[[], float]:
        """Return one step of the same training in PyTorch, from the same first weights."""
        import torch  # noqa: PLC0415 - only `make bench` installs it

        weights = self.program().network.state_dict()
        network = self.network(torch.nn)
        tensors = {name: torch.from_numpy(array.copy()) for name, array in weights.items()}
        strange = network.load_state_dict(tensors, strict=False)
        counters = [name for name in strange.missing_keys if name.endswith("num_batches_tracked")]
        assert strange.missing_keys == counters, "both libraries name parameters alike"
        assert not strange.unexpected_keys, "both libraries name parameters alike"
        optimizer = torch.optim.Adam(network.parameters(), lr=self.rate)
        rows = drawn(self.batch, *self.data())
        batches = cycle([(torch.from_numpy(x), torch.from_numpy(y).long()) for x, y in rows])

        def step() -> float:
            x, y = next(batches)
            optimizer.zero_grad(set_to_none=True)
            loss = torch.nn.functional.cross_entropy(network(x), y)
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            return loss.item()

        return step
