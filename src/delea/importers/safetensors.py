"""safetensors: a short JSON header and bytes; read strictly, and written with stable bytes.

u64 length of the header, the header `{name: {dtype, shape, data_offsets}}`, then the tensors. The
reader refuses what the format's own library lets pass: names that are paths, a name that comes
twice, NaNs. What is written has no metadata, and so the same bytes each time.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any, NoReturn

import numpy as np

from delea.errors import MalformedError
from delea.importers.weights import (
    MAX_TENSORS,
    Array,
    check_finite,
    check_name,
    check_shape,
    check_span,
    widen,
)

MAX_HEADER = 8 << 20
METADATA = "__metadata__"
_LENGTH_BYTES = 8
_ALIGNMENT = 8
_FIELDS = {"dtype", "shape", "data_offsets"}
_BRAIN = "BF16"
_DTYPES = {
    "F64": "<f8",
    "F32": "<f4",
    "F16": "<f2",
    _BRAIN: "<u2",  # the upper half of a float32
    "I64": "<i8",
    "I32": "<i4",
    "I16": "<i2",
    "I8": "i1",
    "U8": "u1",
    "BOOL": "u1",
}


def read_safetensors(data: bytes) -> dict[str, Array]:
    """Return the tensors of a safetensors file by name; bfloat16 as float32.

    Raises:
        MalformedError: not complete, a header that is no plain one or longer than 8 MiB, tensors
            that overlap, leave a gap or come twice, a name that is a path, an element type that is
            not known, a shape that does not fit its bytes, or a NaN or an infinity.
    """
    header, start = _read_header(data)
    body = memoryview(data)[start:]
    spans = sorted((_span(name, fields), name) for name, fields in header.items())
    at, values = 0, {}
    for (begin, end), name in spans:
        if begin != at:
            raise MalformedError(f"{name}: bytes from {at} on expected, got {begin}")
        if end > len(body):
            raise MalformedError(f"{name}: bytes up to {end} expected, the file has {len(body)}")
        values[name] = _tensor(name, header[name], body[begin:end])
        at = end
    if at != len(body):
        raise MalformedError(f"{at} bytes of tensors expected, got {len(body)}")
    return {name: values[name] for name in header}


def write_safetensors(tensors: Iterable[tuple[str, Array]]) -> bytes:
    """Return the safetensors file of float32 tensors, in their order: equal ones, equal bytes."""
    header: dict[str, Any] = {}
    parts: list[bytes] = []
    at = 0
    for name, values in tensors:
        part = np.ascontiguousarray(values, "<f4").tobytes()
        shape = list(values.shape)
        header[check_name(name)] = {
            "dtype": "F32",
            "shape": shape,
            "data_offsets": [at, at + len(part)],
        }
        parts.append(part)
        at += len(part)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % _ALIGNMENT)
    return b"".join([len(text).to_bytes(_LENGTH_BYTES, "little"), text, *parts])


def _read_header(data: bytes) -> tuple[dict[str, dict[str, Any]], int]:
    """Return the tensors' fields by name, and where their bytes start."""
    if len(data) < _LENGTH_BYTES:
        raise MalformedError(f"a safetensors file expected, got {len(data)} bytes")
    length = int.from_bytes(data[:_LENGTH_BYTES], "little")
    end = _LENGTH_BYTES + length
    if length > MAX_HEADER or end > len(data):
        raise MalformedError(
            f"a safetensors header of at most {min(MAX_HEADER, len(data) - _LENGTH_BYTES)} bytes "
            f"expected, got {length}"
        )
    header = _parse(data[_LENGTH_BYTES:end])
    if len(header) > MAX_TENSORS:
        raise MalformedError(f"at most {MAX_TENSORS} tensors expected, got {len(header)}")
    _check_metadata(header.pop(METADATA, {}))
    for name, fields in header.items():
        check_name(name)
        if not isinstance(fields, dict) or set(fields) != _FIELDS:
            raise MalformedError(f"{name}: exactly {sorted(_FIELDS)} expected, got others")
    return header, end


def _parse(text: bytes) -> dict[str, Any]:
    try:
        header = json.loads(text.decode(), object_pairs_hook=_unique, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        header = None
    if not isinstance(header, dict):
        raise MalformedError("a safetensors header of JSON expected, got other bytes")
    return header


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object none of whose names comes twice: a plain reader keeps the last one."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise MalformedError("a safetensors header without a name that comes twice expected")
    return found


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _check_metadata(metadata: object) -> None:
    if not isinstance(metadata, dict) or not all(type(v) is str for v in metadata.values()):
        raise MalformedError("metadata of texts expected in a safetensors header, got another")


def _span(name: str, fields: Mapping[str, Any]) -> tuple[int, int]:
    match fields["data_offsets"]:
        case [begin, end] if type(begin) is int and type(end) is int and 0 <= begin <= end:
            return begin, end
    raise MalformedError(f"{name}: two offsets expected, got {repr(fields['data_offsets'])[:60]}")


def _tensor(name: str, fields: Mapping[str, Any], body: memoryview) -> Array:
    kind = fields["dtype"]
    if not isinstance(kind, str) or kind not in _DTYPES:
        raise MalformedError(f"{name}: one of {', '.join(_DTYPES)} expected, got {kind!r:.60}")
    dtype, shape = np.dtype(_DTYPES[kind]), check_shape(name, fields["shape"])
    check_span(name, shape, dtype.itemsize, len(body))
    values = np.frombuffer(body, dtype).reshape(shape)
    if kind == _BRAIN:
        values = widen(values)
    check_finite(name, values)
    return values
