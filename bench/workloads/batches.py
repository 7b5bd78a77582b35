"""The batches that Delea's module draws under the zero seed, for engines that do not draw."""

from typing import Any

from numpy.typing import NDArray

from delea.artifact import ZERO_SEED
from delea.graph import draw_rows

BATCHES = 8
"""So many are drawn; the steps after them begin again with the first."""


def drawn(batch: int, *arrays: NDArray[Any]) -> list[tuple[NDArray[Any], ...]]:
    """Return the rows of each array that the first steps train on, one tuple per step."""
    rows = [draw_rows(ZERO_SEED, step, batch, len(arrays[0])) for step in range(BATCHES)]
    return [tuple(array[chosen] for array in arrays) for chosen in rows]
