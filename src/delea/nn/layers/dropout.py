"""Dropout: in training some numbers become 0 and the others larger; otherwise nothing changes."""

from delea.errors import GraphError
from delea.nn.functional.dropout import dropout
from delea.nn.module import Module
from delea.nn.tensor import Tensor


class Dropout(Module):
    """Each number becomes 0 with probability p, else itself times 1 / (1 - p)."""

    def __init__(self, p: float = 0.5) -> None:
        super().__init__()
        if not 0.0 <= p <= 1.0:
            raise GraphError(f"Dropout needs a probability, got {p}")
        self.p = p

    def forward(self, x: Tensor) -> Tensor:
        """Any shape."""
        return dropout(x, self.p)
