"""Constants of an ONNX file as arrays; a shape is compared with its bytes before any is made."""

from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from delea.errors import MalformedError
from delea.importers.onnx.wire import Budget, Message, Value, read_message, read_name, read_varints
from delea.importers.weights import widen

Array = NDArray[Any]

FLOATS = np.dtype("<f4")
MAX_AXES = 16
MAX_SIZE = 1 << 30  # elements

BFLOAT16, STRING, BOOL, INT64 = 16, 8, 9, 7
DTYPES: dict[int, np.dtype[Any]] = {
    1: np.dtype("<f4"),
    2: np.dtype("u1"),
    3: np.dtype("i1"),
    4: np.dtype("<u2"),
    5: np.dtype("<i2"),
    6: np.dtype("<i4"),
    7: np.dtype("<i8"),
    9: np.dtype("?"),
    10: np.dtype("<f2"),
    11: np.dtype("<f8"),
    12: np.dtype("<u4"),
    13: np.dtype("<u8"),
    16: np.dtype("<u2"),  # bfloat16: the upper half of a float32
}
_FLOAT_DATA, _INT32_DATA, _INT64_DATA, _RAW, _DOUBLE_DATA, _UINT64_DATA = 4, 5, 7, 9, 10, 11
_EXTERNAL, _LOCATION = 13, 14


def read_tensor(data: memoryview, budget: Budget) -> tuple[str, Array]:
    """Return a tensor's name and values; bfloat16 becomes float32.

    Raises:
        MalformedError: data in another file, texts, an unknown element type, a shape that is
            absurd, or one that does not fit the bytes.
    """
    message = read_message(data, budget)
    name = read_name(message[8][-1]) if message.get(8) else "a constant"
    if message.get(_EXTERNAL) or any(message.get(_LOCATION, ())):
        raise MalformedError(f"{name}: data inside the file expected, got a path to another file")
    kind = message.get(2, [0])[-1]
    if not isinstance(kind, int) or kind not in DTYPES:
        raise MalformedError(f"{name}: numbers of up to 64 bits expected, got element type {kind}")
    shape = tuple(read_varints(message.get(1, ()), budget))
    if len(shape) > MAX_AXES or any(not 0 <= n <= MAX_SIZE for n in shape):
        raise MalformedError(f"{name}: at most {MAX_AXES} sizes expected, got {str(shape)[:60]}")
    values = _values(kind, message, budget)
    if prod(shape) != len(values):
        sizes = "x".join(map(str, shape)) or "1"
        raise MalformedError(f"{name}: {sizes} numbers expected, got {len(values)}")
    if kind == BFLOAT16:
        values = widen(values)
    return name, values.reshape(shape)


def _values(kind: int, message: Message, budget: Budget) -> Array:
    """Return a tensor's numbers in a row, from whichever field holds them."""
    dtype = DTYPES[kind]
    if message.get(_RAW):
        values = _packed(message[_RAW], dtype)
        return values.view("u1") != 0 if kind == BOOL else values
    if dtype.kind == "f" and dtype.itemsize > 2:
        return _packed(message.get(_FLOAT_DATA if kind == 1 else _DOUBLE_DATA, ()), dtype)
    field = {INT64: _INT64_DATA, 12: _UINT64_DATA, 13: _UINT64_DATA}.get(kind, _INT32_DATA)
    numbers = read_varints(message.get(field, ()), budget)
    wide = np.array(numbers, np.int64)
    if dtype == np.dtype("<f2"):  # the 16 bits as an integer
        return wide.astype("<u2").view("<f2")
    return wide.astype(dtype)


def _packed(values: "list[Value] | tuple[()]", dtype: np.dtype[Any]) -> Array:
    if any(isinstance(value, int) for value in values):
        raise MalformedError("bytes expected for a tensor's numbers, got a number")
    parts = [value for value in values if isinstance(value, memoryview)]
    data = parts[0] if len(parts) == 1 else b"".join(parts)
    if len(data) % dtype.itemsize:
        raise MalformedError(f"numbers of {dtype.itemsize} bytes expected, got {len(data)} bytes")
    return np.frombuffer(data, dtype)
