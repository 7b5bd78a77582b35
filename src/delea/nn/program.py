"""A program: everything that decides what training does, before it is compiled."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from operator import index
from typing import TYPE_CHECKING

import numpy as np

from delea.errors import DtypeError, GraphError
from delea.nn.module import MOST_NUMBERS

if TYPE_CHECKING:
    from delea.nn.data import Dataset
    from delea.nn.losses import Loss
    from delea.nn.module import Module
    from delea.nn.optim import Optimizer


RESERVED = frozenset({"input", "target", "header", "output", "loss", "row_losses"})
"""Names of the graphs' own leaves and outputs."""


@dataclass(frozen=True)
class Program:
    """A network, its loss, its optimizer and its data.

    One update is `steps_per_update` gradient steps on `batch` rows each (None: all train rows, in
    order); `infer` takes up to `infer_batch` rows a call. `seed` draws the first weights. A step
    that draws neither rows nor dropout draws each row's share of the gradient: 1, give or take
    2^-17.
    """

    network: Module
    loss: Loss
    optimizer: Optimizer
    data: Dataset
    batch: int | None = None
    steps_per_update: int = 100
    infer_batch: int = 64
    seed: int = 0

    def __post_init__(self) -> None:
        """Name and draw the parameters; refuse what cannot be trained."""
        if self.batch is not None:
            self._take_integer("batch", least=1)
        self._take_integer("steps_per_update", least=1)
        self._take_integer("infer_batch", least=1)
        self._take_integer("seed", least=0)
        kind = self.data.field("targets")[0]
        if kind != self.loss.target_dtype:
            raise DtypeError(f"{self.loss.name} needs {self.loss.target_dtype} targets, got {kind}")
        generator = np.random.Generator(np.random.PCG64(self.seed))
        if not list(self.network.named_parameters()):
            raise GraphError("a network with parameters expected, got none")
        tensors = list(self.network.named_tensors())
        numbers = sum(prod(part.shape) for _, part in tensors)
        if numbers > MOST_NUMBERS:
            raise GraphError(f"a network of at most {MOST_NUMBERS} numbers expected, got {numbers}")
        for name, part in tensors:
            if name in RESERVED or name.startswith("optimizer."):
                raise GraphError(f"another name for a parameter expected, '{name}' is taken")
            part.name = name
            part.draw(generator)
            if part.value is None or not np.isfinite(part.value).all():
                raise GraphError(
                    f"{name}: finite initial weights expected, got a NaN or an infinity"
                )

    def _take_integer(self, name: str, *, least: int) -> None:
        """Turn a whole number, NumPy's included, into an int, or refuse it."""
        given = getattr(self, name)
        try:
            number = index(given)
        except TypeError:
            raise GraphError(f"{name}: an integer expected, got {given!r}") from None
        if number < least:
            raise GraphError(f"{name} of at least {least} expected, got {number}")
        object.__setattr__(self, name, number)

    @property
    def batch_rows(self) -> int:
        """Rows of one step."""
        return len(self.data.inputs) if self.batch is None else self.batch
