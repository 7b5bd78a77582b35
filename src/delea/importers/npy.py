"""NumPy's .npy and .npz files, read without NumPy's reader: no object, no bomb."""

from ast import literal_eval
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from delea.errors import MalformedError
from delea.importers.archive import read_directory, unpack

Array = NDArray[Any]

MAX_HEADER = 10_000
MAX_UNPACKED = 1 << 30
_MAGIC = b"\x93NUMPY"
_KINDS = "fiub"
_MAX_ITEM = 8
_LENGTH_BYTES = {b"\x01\x00": 2, b"\x02\x00": 4, b"\x03\x00": 4}


def read_npy(data: bytes | memoryview, name: str = "the file") -> Array:
    """Return the array in a .npy file, a view of its bytes.

    Raises:
        MalformedError: another file, an array of objects, texts or complex numbers, or a header
            that does not say what the bytes after it are.
    """
    length_bytes = _LENGTH_BYTES.get(bytes(data[6:8]))
    if bytes(data[:6]) != _MAGIC or length_bytes is None or len(data) < 8 + length_bytes:
        raise MalformedError(f"a .npy file expected at {name}, got another")
    start = 8 + length_bytes
    length = int.from_bytes(data[8:start], "little")
    if length > MAX_HEADER:
        raise MalformedError(
            f"a .npy file with a header of at most {MAX_HEADER} bytes expected at {name}, "
            f"got {length}"
        )
    try:
        dtype, is_fortran, shape = _parse(bytes(data[start : start + length]).decode("latin-1"))
    except (ValueError, TypeError, KeyError, SyntaxError, RecursionError, MemoryError):
        raise MalformedError(
            f"a .npy file with a plain header expected at {name}, got another"
        ) from None
    body = memoryview(data)[start + length :]
    if dtype.kind not in _KINDS or dtype.itemsize > _MAX_ITEM:
        raise MalformedError(f"a .npy file of real numbers expected at {name}, got {dtype}")
    if prod(shape) * dtype.itemsize != len(body):
        raise MalformedError(
            f"a .npy file of {prod(shape) * dtype.itemsize} bytes after its header expected at "
            f"{name}, got {len(body)}"
        )
    return np.frombuffer(body, dtype).reshape(shape, order="F" if is_fortran else "C")


def read_npz(data: bytes, limit: int = MAX_UNPACKED) -> dict[str, Array]:
    """Return the arrays in a .npz file by name.

    Raises:
        MalformedError: no such archive, more than `limit` bytes unpacked or 256 of one packed byte,
            or an entry that is no .npy file of real numbers.
    """
    left, arrays = limit, {}
    for name, entry in read_directory(data).items():
        if not name.endswith(".npy") or "/" in name:
            raise MalformedError(f"entries NAME.npy in a .npz file expected, got {name[:60]}")
        body = unpack(data, entry, left)
        left -= len(body)
        arrays[name.removesuffix(".npy")] = read_npy(body, name)
    return arrays


def _parse(text: str) -> tuple[np.dtype[Any], bool, tuple[int, ...]]:
    """Return element type, order and shape of a header."""
    fields = literal_eval(text.strip())
    name, is_fortran, shape = fields["descr"], fields["fortran_order"], fields["shape"]
    if not isinstance(name, str) or not isinstance(shape, tuple):
        raise TypeError("a name and sizes expected")
    if not all(type(size) is int and 0 <= size < 1 << 40 for size in shape):
        raise ValueError("sizes of at least 0 expected")
    return np.dtype(name), is_fortran is True, shape
