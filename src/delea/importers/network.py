"""A network that was read rather than written: named tensors, and what records it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from delea.errors import GraphError
from delea.nn import Module, Tensor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from delea.nn.module import Stored


class ImportedNetwork(Module):
    """A network from elsewhere, to go into a `Program` as any other does.

    `parts` are its parameters and buffers under the names they had; `record` takes the input,
    rows first, and records the operations that give the output. It is called once for each graph
    of the build, with its number of rows.
    """

    def __init__(self, parts: Mapping[str, Stored], record: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        if not parts:
            raise GraphError("a network with parameters expected, got none")
        self.parts = dict(parts)
        self.record = record

    def forward(self, x: Tensor) -> Tensor:
        """(rows, ...) -> (rows, ...)."""
        return self.record(x)

    def children(self) -> Iterator[tuple[str, Module | Stored]]:
        """Yield (`fc1.weight`, tensor) of every tensor, in the order of the file."""
        yield from self.parts.items()
