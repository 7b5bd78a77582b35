"""A program: everything that decides what training does, before it is compiled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from delea.errors import DtypeError, GraphError, ShapeError

if TYPE_CHECKING:
    from delea.nn.data import Dataset
    from delea.nn.losses import Loss
    from delea.nn.module import Module
    from delea.nn.optim import Optimizer


@dataclass(frozen=True)
class Program:
    """A network, its loss, its optimizer and its data.

    One update is `steps_per_update` gradient steps on `batch` rows each (None: all train rows, in
    order); `infer` takes up to `infer_batch` rows a call. `seed` draws the first weights.
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
        for name in ("batch", "steps_per_update", "infer_batch"):
            size = getattr(self, name)
            if size is not None and size < 1:
                raise GraphError(f"{name} of at least 1 expected, got {size}")
        kind = self.data.field("targets")[0]
        if kind != self.loss.target_dtype:
            raise DtypeError(f"{self.loss.name} needs {self.loss.target_dtype} targets, got {kind}")
        generator = np.random.Generator(np.random.PCG64(self.seed))
        named = list(self.network.named_parameters())
        if not named:
            raise GraphError("a network with parameters expected, got none")
        for name, part in named:
            part.name = name
            part.draw(generator)
            if part.value is None or not np.isfinite(part.value).all():
                raise ShapeError(
                    f"{name}: finite initial weights expected, got a NaN or an infinity"
                )

    @property
    def batch_rows(self) -> int:
        """Rows of one step."""
        return len(self.data.inputs) if self.batch is None else self.batch
