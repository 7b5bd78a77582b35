"""Protocol Buffers' wire format, read lazily and within a budget, and written.

A message is read one level at a time: what is inside a field stays bytes until it is asked for, so
no nesting costs anything, and every field is paid for from one budget per file. The format's own
library makes 80 bytes of memory out of each byte of a file of empty messages.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from delea.errors import MalformedError

MAX_FIELDS = 1 << 17
MAX_VARINT = 10  # bytes
MAX_NAME = 1024  # bytes

VARINT, FIXED64, LENGTH, FIXED32 = 0, 1, 2, 5

Value = int | memoryview
Message = dict[int, list[Value]]


@dataclass(slots=True)
class Budget:
    """How many more fields a file may have."""

    left: int = MAX_FIELDS

    def spend(self) -> None:
        """Count one field, or refuse the file."""
        self.left -= 1
        if self.left < 0:
            raise MalformedError(f"a file of at most {MAX_FIELDS} fields expected, got more")


def read_message(data: memoryview, budget: Budget) -> Message:
    """Return the values of every field by its number, in order; parts stay bytes.

    Raises:
        MalformedError: it ends inside a field, a wire type is unknown, or there are too many.
    """
    at, end = 0, len(data)
    message: Message = {}
    while at < end:
        budget.spend()
        key, at = _varint(data, at)
        kind = key & 7
        value: Value
        if kind == VARINT:
            value, at = _varint(data, at)
        else:
            length, at = _length(kind, data, at)
            if length > end - at:
                raise MalformedError(f"a field of {length} bytes expected, got {end - at}")
            value, at = data[at : at + length], at + length
        if key >> 3 in message:
            message[key >> 3].append(value)
        else:
            message[key >> 3] = [value]
    return message


def read_varints(values: Iterable[Value], budget: Budget) -> list[int]:
    """Return signed 64-bit integers of a repeated field, packed or not."""
    found = []
    for value in values:
        if isinstance(value, int):
            found.append(signed(value))
            continue
        at = 0
        while at < len(value):
            budget.spend()
            number, at = _varint(value, at)
            found.append(signed(number))
    return found


def read_name(value: Value) -> str:
    """Return a text that goes into messages: short, and of printable characters."""
    if isinstance(value, int):
        raise MalformedError(f"a name expected, got the number {value}")
    if len(value) > MAX_NAME:
        raise MalformedError(f"a name of at most {MAX_NAME} bytes expected, got {len(value)}")
    try:
        text = bytes(value).decode()
    except UnicodeDecodeError:
        raise MalformedError("a name in UTF-8 expected, got other bytes") from None
    if not text.isprintable():
        raise MalformedError(f"a name of printable characters expected, got {text[:60]!r}")
    return text


def signed(number: int) -> int:
    """Return a varint's 64 bits as a signed integer."""
    number &= (1 << 64) - 1
    return number - (1 << 64) if number >> 63 else number


def varint_bytes(number: int) -> bytes:
    """Return an integer in groups of 7 bits, least first; a negative one as 64 bits."""
    number &= (1 << 64) - 1
    parts = []
    while number >= 128:
        parts.append(number & 127 | 128)
        number >>= 7
    return bytes([*parts, number])


def field_bytes(number: int, value: int | str | bytes) -> bytes:
    """Return one field of a message: an integer, or bytes with their length."""
    if isinstance(value, int):
        return varint_bytes(number << 3 | VARINT) + varint_bytes(value)
    data = value.encode() if isinstance(value, str) else value
    return varint_bytes(number << 3 | LENGTH) + varint_bytes(len(data)) + data


def _length(kind: int, data: memoryview, at: int) -> tuple[int, int]:
    """Return how many bytes a value has, and where they begin."""
    if kind == LENGTH:
        return _varint(data, at)
    if kind in (FIXED64, FIXED32):
        return (8 if kind == FIXED64 else 4), at
    raise MalformedError(f"a wire type 0, 1, 2 or 5 expected, got {kind}")


def _varint(data: memoryview, at: int) -> tuple[int, int]:
    if at < len(data) and data[at] < 128:  # most are short
        return data[at], at + 1
    number = shift = 0
    for i in range(at, min(at + MAX_VARINT, len(data))):
        byte = data[i]
        number |= (byte & 127) << shift
        if byte < 128:
            return number, i + 1
        shift += 7
    raise MalformedError("a complete number expected, the file ends or it is too long")
