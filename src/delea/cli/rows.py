"""Input rows as people give them, and output rows as JSON can hold them."""

import json
from math import isfinite
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from delea.errors import MalformedError, UsageError
from delea.importers.npy import read_npy
from delea.store.files import read_bounded

MAX_FILE_BYTES = 64 << 20


def read_rows(text: str) -> NDArray[Any]:
    """Return rows given as a JSON list, or as the path of a .npy file; raises UsageError."""
    if text.lstrip().startswith("["):
        return _read_json(text)
    return _read_npy(read_bounded(Path(text), MAX_FILE_BYTES), text)


def plain_rows(rows: NDArray[Any]) -> list[Any]:
    """Return rows as lists of numbers; None stands for what is not finite."""
    plain: list[Any] = _finite(rows.tolist())
    return plain


def _finite(item: Any) -> Any:
    if isinstance(item, list):
        return [_finite(part) for part in item]
    return item if isfinite(item) else None


def _read_json(text: str) -> NDArray[Any]:
    try:
        rows = np.asarray(json.loads(text, parse_constant=_no_constant))
    except (ValueError, RecursionError, OverflowError):
        rows = None
    if rows is None or rows.dtype.kind not in "fiu":
        raise UsageError(f"rows of numbers as a JSON list expected, got {text[:40]!r}")
    return rows


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _read_npy(data: bytes, name: str) -> NDArray[Any]:
    try:
        rows = read_npy(data, name)
    except MalformedError as fault:
        raise UsageError(str(fault)) from None
    if rows.dtype.kind not in "fiu":
        raise UsageError(f"a .npy file of numbers expected at {name}, got {rows.dtype}")
    return rows
