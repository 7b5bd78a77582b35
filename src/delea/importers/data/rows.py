"""Rows as they were read: inputs, targets, and the names of the classes if these are labels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from delea.errors import DatasetError
from delea.nn import Dataset

if TYPE_CHECKING:
    from delea.importers.data.split import Rule

Array = NDArray[Any]

MAX_ROWS = (1 << 32) - 1
MAX_CLASSES = 1 << 20


@dataclass(frozen=True)
class Rows:
    """Inputs (rows, ...) and targets (rows, ...): whole numbers as targets are labels.

    `test` are rows that came apart from the others; `names` those of the classes, if they had any.
    """

    inputs: Array
    targets: Array
    names: tuple[str, ...] = ()
    test: tuple[Array, Array] | None = None


def make_dataset(rows: Rows, rule: Rule, *, classes: int | None = None) -> Dataset:
    """Return a dataset of rows, those of the test part by `rule` unless they came apart.

    Raises:
        DatasetError: inputs and targets that do not pair up, no train row, a NaN or an infinity, or
            a label outside 0..classes - 1 (by default: below 0).
    """
    if not rows.inputs.ndim or not rows.targets.ndim or len(rows.inputs) != len(rows.targets):
        raise DatasetError(
            f"a target per row of inputs expected, got {rows.targets.shape} and {rows.inputs.shape}"
        )
    if rows.test is None:
        mask = rule.mask(len(rows.inputs))
        parts = [(rows.inputs[~mask], rows.targets[~mask]), (rows.inputs[mask], rows.targets[mask])]
    else:
        parts = [(rows.inputs, rows.targets), rows.test]
    for _, targets in parts:
        if targets.dtype.kind in "iu" and len(targets):
            check_labels(targets, classes)
    dataset = Dataset(*parts[0], *(parts[1] if len(parts[1][0]) else ()))
    _check_rows(dataset)
    return dataset


def check_labels(labels: Array, classes: int | None) -> None:
    """Raise DatasetError unless all labels are at least 0, and below `classes` if that is known."""
    least, most = int(labels.min()), int(labels.max())
    top = MAX_CLASSES if classes is None else classes
    if least < 0 or most >= top:
        raise DatasetError(f"labels 0..{top - 1} expected, got {least}..{most}")


def name_classes(texts: list[str]) -> tuple[Array, tuple[str, ...]]:
    """Return texts as labels, and the classes' names in the order of the alphabet."""
    names = tuple(sorted(set(texts)))
    number = {name: label for label, name in enumerate(names)}
    return np.array([number[text] for text in texts], np.int32), names


def _check_rows(dataset: Dataset) -> None:
    if len(dataset.inputs) < 1:
        raise DatasetError("a dataset with at least one train row expected, got none")
    for name in ("inputs", "targets", "test_inputs", "test_targets"):
        part = getattr(dataset, name)
        if part is None:
            continue
        if 0 in part.shape:
            raise DatasetError(f"{name}: sizes of at least 1 expected, got {part.shape}")
        if part.dtype.kind == "f" and not np.isfinite(part).all():
            place = tuple(int(axis[0]) for axis in np.nonzero(~np.isfinite(part)))
            raise DatasetError(
                f"{name}: finite numbers expected, got a NaN or an infinity at {place}"
            )
