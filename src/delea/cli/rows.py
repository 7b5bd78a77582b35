"""Input rows as people give them, and output rows as JSON can hold them."""

import json
from ast import literal_eval
from math import isfinite, prod
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from delea.errors import UsageError
from delea.store.files import read_bounded

MAX_FILE_BYTES = 64 << 20
_MAGIC = b"\x93NUMPY\x01\x00"


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
    """Return the array in a .npy file; a header that promises more than there is is refused."""
    if not data.startswith(_MAGIC) or len(data) < 10:
        raise UsageError(f"a .npy file of version 1 expected at {name}, got another")
    start = 10 + int.from_bytes(data[8:10], "little")
    try:
        dtype, is_fortran, shape = _parse_header(data[10:start].decode("latin-1"))
    except (ValueError, TypeError, KeyError, SyntaxError, RecursionError, MemoryError):
        raise UsageError(
            f"a .npy file with a plain header expected at {name}, got another"
        ) from None
    body = memoryview(data)[start:]
    if dtype.kind not in "fiu" or prod(shape) * dtype.itemsize != len(body):
        raise UsageError(f"a .npy file of numbers, complete, expected at {name}, got another")
    return np.frombuffer(body, dtype).reshape(shape, order="F" if is_fortran else "C")


def _parse_header(text: str) -> tuple[np.dtype[Any], bool, tuple[int, ...]]:
    """Return element type, order and shape; NumPy's own reader has more ways to fail."""
    fields = literal_eval(text.strip())
    name, is_fortran, shape = fields["descr"], fields["fortran_order"], fields["shape"]
    if not isinstance(name, str) or not all(type(size) is int and size >= 0 for size in shape):
        raise ValueError("a name and sizes expected")
    return np.dtype(name), is_fortran is True, tuple(shape)
