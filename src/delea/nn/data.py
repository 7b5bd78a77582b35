"""The dataset a program trains on: rows of inputs and targets, fixed for ever."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from delea.errors import DatasetError
from delea.graph import F32, I32

Array = NDArray[Any]
U8 = "u8"
_KINDS: dict[str, np.dtype[Any]] = {F32: np.dtype("<f4"), I32: np.dtype("<i4"), U8: np.dtype("u1")}


@dataclass(frozen=True)
class Dataset:
    """Train and test rows: inputs (rows, ...) float32, targets (rows, ...) float32 or int32.

    Whatever becomes an array of real numbers will do: floats become float32, integers int32. Inputs
    of uint8 stay bytes in the dataset; the network gets them as int32, to scale by itself.
    """

    inputs: Array
    targets: Array
    test_inputs: Array | None = None
    test_targets: Array | None = None

    def __post_init__(self) -> None:
        """Keep arrays."""
        for name in ("inputs", "targets", "test_inputs", "test_targets"):
            given = getattr(self, name)
            if given is not None:
                object.__setattr__(self, name, _array(name, given))

    def field(self, name: str) -> tuple[str, tuple[int, ...]]:
        """Return (element type, shape of one row) of `inputs` or `targets`."""
        array: Array = getattr(self, name)
        if name == "inputs" and array.dtype == np.uint8:
            return U8, array.shape[1:]
        return (I32 if array.dtype.kind in "iu" else F32), array.shape[1:]

    def records(self) -> tuple[bytes, int, int]:
        """Return the records' bytes, train rows first, and the number of train and test rows.

        Raises:
            DatasetError: no rows, rows that do not pair up, other shapes or types in the test part,
                a NaN or an infinity, or an integer that does not fit 32 bits.
        """
        parts = [(self.inputs, self.targets)]
        if (self.test_inputs is None) != (self.test_targets is None):
            raise DatasetError("test inputs and test targets go together, got one of them")
        if self.test_inputs is not None and self.test_targets is not None:
            parts.append((self.test_inputs, self.test_targets))
        if len(self.inputs) < 1:
            raise DatasetError("a dataset with at least one train row expected, got none")
        blocks = []
        for inputs, targets in parts:
            if len(inputs) != len(targets):
                raise DatasetError(
                    f"a target per input expected, got {len(inputs)} and {len(targets)}"
                )
            columns = [
                _column(inputs, self.field("inputs")),
                _column(targets, self.field("targets")),
            ]
            blocks.append(np.concatenate(columns, axis=1).tobytes())
        test_rows = len(parts[1][0]) if len(parts) > 1 else 0
        return b"".join(blocks), len(self.inputs), test_rows


def _array(name: str, given: Any) -> Array:
    try:
        array = np.asarray(given)
    except ValueError:
        raise DatasetError(f"{name}: rows of one shape expected, got a ragged list") from None
    if array.dtype.kind not in "fiub" or not array.ndim:
        raise DatasetError(
            f"{name}: rows of real numbers expected, got {array.dtype} of shape {array.shape}"
        )
    return array


def _column(values: Array, field: tuple[str, tuple[int, ...]]) -> Array:
    """Return checked rows as bytes: (rows, row bytes) uint8."""
    kind, shape = field
    if values.shape[1:] != shape:
        raise DatasetError(f"rows of shape {shape} expected, got {values.shape[1:]}")
    if kind == I32 and values.size and values.dtype.kind not in "iu":
        raise DatasetError(f"integers as in the train part expected, got {values.dtype}")
    if kind == U8 and values.dtype != np.uint8:
        raise DatasetError(f"uint8 as in the train part expected, got {values.dtype}")
    if kind == F32 and not np.isfinite(values).all():
        raise DatasetError("finite numbers expected, the dataset holds a NaN or an infinity")
    if kind == I32 and values.size and (values.min() < -(2**31) or values.max() >= 2**31):
        raise DatasetError(f"32-bit integers expected, got {values.min()}..{values.max()}")
    with np.errstate(over="ignore"):
        flat = np.ascontiguousarray(values.astype(_KINDS[kind])).reshape(len(values), prod(shape))
    if kind == F32 and not np.isfinite(flat).all():
        raise DatasetError("numbers within float32 expected, the dataset holds a larger one")
    return flat.view(np.uint8)
