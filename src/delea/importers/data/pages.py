"""Parquet's page headers, read before pyarrow believes them: it makes room for what they say.

A header is a struct in Thrift's compact protocol: fields of a number, a type and a value.
"""

from typing import Any

from delea.errors import MalformedError

UNPACKED, PACKED = 2, 3
"""The numbers of a header's fields: bytes that the page becomes, bytes that it is."""

_KINDS = ((5, 2), (7, 2), (8, 4))
"""By kind of page: the field that holds its own header, and there the one of its encoding."""

_UNBOUNDED = 7
"""DELTA_BYTE_ARRAY: each text may be the one before and a letter more."""

_MAX_DEPTH = 8
_STOP, _TRUE, _FALSE, _BYTE, _DOUBLE, _BINARY, _LIST, _SET, _STRUCT = 0, 1, 2, 3, 7, 8, 9, 10, 12
_NUMBERS = (4, 5, 6)  # of 16, 32 and 64 bits


def unpacked_bytes(data: bytes, start: int, length: int) -> int:
    """Return how many bytes the pages of a column say that they become; they fill these bytes.

    Raises:
        MalformedError: they do not, or a page is of an encoding without bounds.
    """
    if start < 0 or length < 0 or start + length > len(data):
        raise MalformedError(f"pages inside a Parquet file of {len(data)} bytes expected")
    total, at, end = 0, start, start + length
    while at < end:
        header, at = read_struct(data, at)
        unpacked, packed = header.get(UNPACKED), header.get(PACKED)
        if type(unpacked) is not int or type(packed) is not int or min(unpacked, packed) < 0:
            raise MalformedError("Parquet pages of sizes of at least 0 expected, got others")
        for field, encoding in _KINDS:
            own = header.get(field)
            if isinstance(own, dict) and own.get(encoding) == _UNBOUNDED:
                raise MalformedError("Parquet texts of a plain encoding or a dictionary expected")
        total, at = total + unpacked, at + packed
    if at != end:
        raise MalformedError("whole Parquet pages expected, one is cut short")
    return total


def read_struct(data: bytes, at: int, depth: int = 0) -> tuple[dict[int, Any], int]:
    """Return a struct's fields by number, and where it ends; texts and lists are left out."""
    fields: dict[int, Any] = {}
    number = 0
    while True:
        head, at = _byte(data, at)
        kind, step = head & 15, head >> 4
        if kind == _STOP:
            return fields, at
        if step:
            number += step
        else:
            number, at = _read_number(data, at)
        if kind in (_TRUE, _FALSE):
            fields[number] = kind == _TRUE
        else:
            fields[number], at = _read_value(data, at, kind, depth)


def _read_value(data: bytes, at: int, kind: int, depth: int) -> tuple[Any, int]:
    """Return a number or a struct and where it ends; None for any other value."""
    if depth > _MAX_DEPTH:
        raise MalformedError(f"Parquet headers at most {_MAX_DEPTH} deep expected")
    if kind in _NUMBERS:
        return _read_number(data, at)
    if kind in (_TRUE, _FALSE, _BYTE):  # in a list
        return None, at + 1
    if kind == _DOUBLE:
        return None, at + 8
    if kind == _BINARY:
        length, at = _read_varint(data, at)
        return None, at + length
    if kind in (_LIST, _SET):
        return None, _skip_list(data, at, depth)
    if kind == _STRUCT:
        return read_struct(data, at, depth + 1)
    raise MalformedError(f"a Parquet header of known types expected, got type {kind}")


def _skip_list(data: bytes, at: int, depth: int) -> int:
    head, at = _byte(data, at)
    count, kind = head >> 4, head & 15
    if count == 15:
        count, at = _read_varint(data, at)
    for _ in range(count):
        _, at = _read_value(data, at, kind, depth + 1)
        if at > len(data):
            break
    return at


def _read_number(data: bytes, at: int) -> tuple[int, int]:
    """Return a signed number: its sign is its lowest bit."""
    value, at = _read_varint(data, at)
    return (value >> 1) ^ -(value & 1), at


def _read_varint(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        byte, at = _byte(data, at)
        value |= (byte & 127) << shift
        if byte < 128:
            return value, at
    raise MalformedError("a number of at most 10 bytes expected in a Parquet header")


def _byte(data: bytes, at: int) -> tuple[int, int]:
    if at >= len(data):
        raise MalformedError("whole Parquet headers expected, the file ends in one")
    return data[at], at + 1
