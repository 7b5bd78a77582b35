"""Canonical dag-cbor: one value, one encoding, and nothing else is read."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from delea.artifact import decode, encode
from delea.errors import MalformedError

fuzzed = settings(settings.get_profile("artifact"))
LINE = r"\A[^\n]{1,400}\Z"
WRONG = {
    "nothing": "",
    "two values": "0102",
    "a number in a longer form": "1817",
    "a number in a much longer form": "1b0000000000000001",
    "a text in a longer form": "780161",
    "a list in a longer form": "980101",
    "a half float": "f93c00",
    "a single float": "fa3f800000",
    "a NaN": "fb7ff8000000000000",
    "an infinity": "fb7ff0000000000000",
    "undefined": "f7",
    "a simple value": "f0",
    "a list without an end": "9f01ff",
    "bytes without an end": "5f4101ff",
    "a table without an end": "bf616101ff",
    "a key twice": "a2616101616102",
    "keys out of order": "a2616201616101",
    "longer keys first": "a262616101616201",
    "a key that is a number": "a10101",
    "an unknown tag": "c001",
    "a bignum": "c249010000000000000000",
    "a CID without its zero byte": "d82a4101",
    "a CID that is a text": "d82a6161",
    "a text that is not UTF-8": "61ff",
    "bytes that end early": "4501",
    "a list that ends early": "8201",
    "a text of 2^62 bytes": "7b4000000000000000",
    "bytes of 2^62 bytes": "5b4000000000000000",
    "a list of 2^62 items": "9b4000000000000000",
    "a break alone": "ff",
    "a reserved length": "1c",
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_not_canonical_is_refused(name):
    with pytest.raises(MalformedError, match=LINE):
        decode(bytes.fromhex(WRONG[name]))


@pytest.mark.parametrize("one", [b"\x81", b"\xa1\x61\x61", b"\xd8\x2a"])
def test_a_value_nested_100000_deep_is_refused(one):
    with pytest.raises(MalformedError, match=LINE):
        decode(one * 100_000 + b"\x00")


def test_more_bytes_than_allowed_are_refused_unread():
    with pytest.raises(MalformedError, match="at most 3 bytes expected, got 4"):
        decode(b"\xff\xff\xff\xff", limit=3)


@pytest.mark.parametrize(
    ("value", "digits"),
    [
        (None, "f6"),
        (True, "f5"),
        (-1, "20"),
        (2**64 - 1, "1bffffffffffffffff"),
        (1.5, "fb3ff8000000000000"),
        (-0.0, "fb8000000000000000"),
        ((1, (2,)), "82018102"),
        ({"b": 1, "aa": 2, "a": 3}, "a3616103616201626161" + "02"),
        (b"\x00", "4100"),
        ("é", "62c3a9"),
    ],
)
def test_a_value_has_this_encoding(value, digits):
    assert encode(value).hex() == digits


plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**64), 2**64 - 1)
    | st.text()
    | st.binary()
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@settings(fuzzed, max_examples=60)
@given(value=plain)
def test_what_is_written_reads_back(value):
    assert decode(encode(value)) == value


@fuzzed
@given(data=st.binary(max_size=60))
def test_any_bytes_are_refused_or_are_the_encoding_of_their_value(data):
    try:
        value = decode(data)
    except MalformedError as refused:
        if "\n" in str(refused):
            raise
    else:
        assert encode(value) == data
