"""Unsigned varints as multiformats writes them: seven bits a byte, low first, never padded."""

from delea.errors import MalformedError

MAX_VARINT_BYTES = 9
"""The multiformats bound: 63 bits."""


def encode_varint(value: int) -> bytes:
    """Return the one encoding of `value`, 0 ≤ value < 2^63."""
    assert 0 <= value < 1 << (7 * MAX_VARINT_BYTES), "a varint holds 63 bits"
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def read_varint(data: bytes | memoryview, at: int) -> tuple[int, int]:
    """Return the varint that starts at byte `at`, and the offset of the byte after it.

    Raises:
        MalformedError: if it is cut short, padded, or longer than 63 bits.
    """
    value = 0
    for index, byte in enumerate(data[at : at + MAX_VARINT_BYTES]):
        value |= (byte & 0x7F) << (7 * index)
        if byte < 0x80:
            if byte == 0 and index > 0:
                raise MalformedError(f"the shortest varint expected at byte {at}, got a padded one")
            return value, at + index + 1
    if len(data) - at < MAX_VARINT_BYTES:
        raise MalformedError(f"a whole varint expected at byte {at}, got the end of the bytes")
    raise MalformedError(f"a varint of at most 63 bits expected at byte {at}, got a longer one")
