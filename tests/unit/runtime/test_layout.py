"""The sections' own readers, where a whole module does not tell one byte from the next."""

import pytest

from delea.errors import PolicyError
from delea.runtime.layout import I32, read_constant, read_data, read_exports, unsigned32

ZERO = b"\x41\x00\x0b"  # i32.const 0, end


def export(name):
    return bytes([len(name)]) + name + b"\x00\x00"


def test_what_is_no_constant_is_shown_by_its_four_bytes():
    with pytest.raises(PolicyError, match=r"initial value, got 23000b0b$"):
        read_constant(b"\xaa\xbb\x23\x00\x0b\x0b\xcc", 2, I32)


def test_sixteen_exports_are_read_and_no_more():
    names = [b"%d" % number for number in range(17)]
    found = read_exports(b"\x10" + b"".join(map(export, names[:16])))
    assert found == {name.decode(): (0, 0) for name in names[:16]}
    with pytest.raises(PolicyError, match="at most 16 exports expected, got 17"):
        read_exports(b"\x11" + b"".join(map(export, names)))


def test_a_long_export_s_name_is_kept_to_forty_letters():
    assert list(read_exports(b"\x01" + export(b"x" * 41))) == ["x" * 40]


@pytest.mark.parametrize("after", [b"\x00", b"\x00\x00"])
def test_data_end_where_their_section_does(after):
    whole = b"\x01\x00" + ZERO + b"\x02ab"
    assert read_data(whole) == [(0, 2)]
    for wrong in (whole + after, whole[: -len(after)]):
        with pytest.raises(PolicyError, match="data segments that fill their section"):
            read_data(wrong)


@pytest.mark.parametrize(
    ("leb", "number"),
    [
        (b"\x00", 0),
        (b"\x3f", 63),
        (b"\xc0\x00", 64),
        (b"\x80\x7f", 2**32 - 128),
        (b"\x7f", 2**32 - 1),
        (b"\x40", 2**32 - 64),
        (b"\x80\x80\x80\x80\x78", 2**31),
    ],
)
def test_an_address_is_the_unsigned_number_of_its_bits(leb, number):
    assert unsigned32(leb) == number
