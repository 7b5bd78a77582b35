"""Parquet's page headers are read within bounds, and what a page says is added up."""

import random

import pytest

from delea.errors import MalformedError
from delea.importers.data.pages import read_struct, unpacked_bytes


def varint(value):
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes(out) + bytes([value])


def page(unpacked, packed, *, field=5, own=b"\x15\x02\x15\x00\x00"):
    """A page: kind 0, its sizes, the header of its kind, then its bytes."""
    sizes = b"\x15" + varint(2 * unpacked) + b"\x15" + varint(2 * packed)
    return b"\x15\x00" + sizes + bytes([(field - 3) << 4 | 12]) + own + b"\x00" + bytes(packed)


def test_what_pages_become_is_added_up():
    data = b"PAR1" + page(1000, 7) + page(300_000, 0) + page(5, 5)
    assert unpacked_bytes(data, 4, len(data) - 4) == 301_005
    assert unpacked_bytes(data, 4, 0) == 0


def test_every_type_of_a_field_is_passed_over():
    fields = b"\x11\x12\x13\x07\x14\x03\x16\x05\x17" + bytes(8) + b"\x18\x03abc"
    fields += b"\x19\x23\x01\x02" + b"\x19\xf5\x10" + b"\x02" * 16 + b"\x1c\x15\x04\x00"
    found, at = read_struct(fields + b"\x05\x80\x02\x06\x00!", 0)
    assert (found[1], found[2], found[4], found[5]) == (True, False, -2, -3)
    assert found[10] == {1: 2}
    assert found[128] == 3
    assert at == len(fields) + 5


@pytest.mark.parametrize(("field", "own"), [
    (5, b"\x15\x02\x15\x0e\x00"), (7, b"\x15\x02\x15\x0e\x00"), (8, b"\x15\x02\x35\x0e\x00"),
])  # fmt: skip
def test_an_encoding_without_bounds_is_refused(field, own):
    data = page(10, 3, field=field, own=own)
    with pytest.raises(MalformedError, match="plain encoding or a dictionary"):
        unpacked_bytes(data, 0, len(data))


HOSTILE = {
    "a page beyond the file": page(1, 9)[:-3],
    "a header that ends early": page(1, 0)[:6],
    "no sizes": b"\x00",
    "a negative size": b"\x25\x01\x15\x02\x00",
    "sizes that are structs": b"\x2c\x00\x1c\x00\x00",
    "a number without an end": b"\x15" + b"\xff" * 11,
    "an unknown type": b"\x1f\x00",
    "structs without an end": b"\x1c" * 1000,
    "lists without an end": b"\x19\x19" * 1000,
    "a list of 2^62 structs": b"\x19\xfc" + varint(1 << 62),
    "a text of 2^62 bytes": b"\x18" + varint(1 << 62),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_header_is_refused(name):
    with pytest.raises(MalformedError, match="Parquet"):
        unpacked_bytes(HOSTILE[name], 0, len(HOSTILE[name]))


@pytest.mark.parametrize("span", [(-1, 3), (0, -1), (0, 1000), (1 << 70, 1)])
def test_pages_outside_the_file_are_refused(span):
    with pytest.raises(MalformedError, match="pages inside a Parquet file"):
        unpacked_bytes(page(1, 1), *span)


def told(data):
    try:
        return str(unpacked_bytes(data, 0, len(data)))
    except MalformedError as fault:
        return str(fault)


def test_any_bytes_are_read_or_refused_in_a_line():
    dice, data = random.Random(1), page(1000, 40) + page(70, 7)
    lines = set()
    for _ in range(3000):
        changed = bytearray(data)
        for _ in range(dice.randint(1, 4)):
            changed[dice.randrange(len(changed))] = dice.randrange(256)
        lines.add(told(bytes(changed)))
    assert not any("\n" in line for line in lines)
    assert {"1070", "whole Parquet pages expected, one is cut short"} <= lines
