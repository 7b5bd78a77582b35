"""safetensors: stable bytes out, and strict in what comes in."""

import json
import struct

import numpy as np
import pytest

from delea.errors import MalformedError
from delea.importers.safetensors import MAX_HEADER, read_safetensors, write_safetensors

ONE = {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}
TWO = struct.pack("<ff", 1.5, -2.0)


def packed(header, body=TWO, *, length=None):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text) if length is None else length) + text + body


def test_the_bytes_are_these():
    file = write_safetensors([("a.weight", np.array([[1.5, -2.0]], np.float32))])
    header = b'{"a.weight":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]}}'
    assert file == struct.pack("<Q", 64) + header + b" " + TWO


def test_what_is_written_is_read_back_in_order():
    tensors = {"b": np.arange(6, dtype=np.float32).reshape(2, 3), "a": np.float32(7).reshape(())}
    found = read_safetensors(write_safetensors(tensors.items()))
    assert list(found) == ["b", "a"]
    assert found["b"].tolist() == [[0, 1, 2], [3, 4, 5]]
    assert found["a"].tolist() == 7


@pytest.mark.parametrize(
    ("dtype", "body", "value"),
    [
        ("F64", struct.pack("<d", 0.1), 0.1),
        ("F16", struct.pack("<e", 0.5), 0.5),
        ("BF16", b"\x80\x3f", 1.0),
        ("I64", struct.pack("<q", -5), -5),
        ("I32", struct.pack("<i", 1 << 30), 1 << 30),
        ("I16", struct.pack("<h", -300), -300),
        ("I8", b"\xff", -1),
        ("U8", b"\xff", 255),
        ("BOOL", b"\x01", 1),
    ],
)
def test_every_element_type_is_read(dtype, body, value):
    header = {"x": {"dtype": dtype, "shape": [1], "data_offsets": [0, len(body)]}}
    assert read_safetensors(packed(header, body))["x"].tolist() == [value]


def test_metadata_is_read_and_dropped():
    file = packed({"__metadata__": {"format": "pt"}, "x": ONE})
    assert list(read_safetensors(file)) == ["x"]


TWICE = b'{"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"x":{}}'
HOSTILE = {
    "empty": (b"", "a safetensors file expected, got 0 bytes"),
    "a header longer than the file": (packed({"x": ONE}, length=1 << 62), "header of at most"),
    "a header longer than allowed": (packed(b" " * (MAX_HEADER + 1)), "header of at most"),
    "no JSON": (packed(b"{]"), "header of JSON"),
    "no UTF-8": (packed(b'{"\xff":1}'), "header of JSON"),
    "a list": (packed(b"[]"), "header of JSON"),
    "100,000 deep": (packed(b'{"x":' + b"[" * 100_000), "header of JSON"),
    "a number of a million digits": (packed(b'{"x":' + b"9" * 1_000_000 + b"}"), "header of JSON"),
    "NaN in the header": (packed(b'{"x":NaN}'), "header of JSON"),
    "a name twice": (packed(TWICE), "comes twice"),
    "a path": (packed({"../../etc/passwd": ONE}), "without a path"),
    "an absolute path": (packed({"/x": ONE}), "without a path"),
    "a Windows path": (packed({"..\\x": ONE}), "without a path"),
    "a way up in a name": (packed({"a..b": ONE}), "without a path"),
    "an empty name": (packed({"": ONE}), "a tensor's name"),
    "a name that moves the cursor": (packed({"\x1b[2J": ONE}), "a tensor's name"),
    "a long name": (packed({"x" * 257: ONE}), "a tensor's name"),
    "a field more": (packed({"x": ONE | {"y": 1}}), "exactly"),
    "no fields": (packed({"x": 1}), "exactly"),
    "metadata of numbers": (packed({"__metadata__": {"a": 1}, "x": ONE}), "metadata of texts"),
    "an unknown type": (packed({"x": ONE | {"dtype": "F8_E4M3"}}), "one of F64, F32"),
    "a type that is a list": (packed({"x": ONE | {"dtype": ["F32"]}}), "one of F64, F32"),
    "a negative size": (packed({"x": ONE | {"shape": [-2, -1]}}), "sizes of at least 1"),
    "a size that overflows": (packed({"x": ONE | {"shape": [1 << 63, 2]}}), "sizes of at least 1"),
    "a product that overflows": (
        packed({"x": ONE | {"shape": [1 << 32, 1 << 32]}}),
        "bytes expected for",
    ),
    "a size that is true": (packed({"x": ONE | {"shape": [True, 2]}}), "sizes of at least 1"),
    "17 axes": (packed({"x": ONE | {"shape": [1] * 17}}), "at most 16 sizes"),
    "three offsets": (packed({"x": ONE | {"data_offsets": [0, 8, 9]}}), "two offsets"),
    "offsets that go back": (packed({"x": ONE | {"data_offsets": [8, 0]}}), "two offsets"),
    "offsets that overlap": (
        packed({"x": ONE, "y": ONE | {"data_offsets": [4, 12]}}, bytes(12)),
        "y: bytes from 8 on",
    ),
    "a gap": (packed({"x": ONE | {"data_offsets": [4, 12]}}, bytes(12)), "bytes from 0 on"),
    "bytes behind": (packed({"x": ONE}, TWO + b"PK"), "8 bytes of tensors expected, got 10"),
    "truncated": (packed({"x": ONE}, TWO[:-1]), "bytes up to 8 expected"),
    "a NaN": (packed({"x": ONE}, struct.pack("<ff", 1, float("nan"))), "finite numbers"),
    "an infinity": (packed({"x": ONE}, struct.pack("<ff", 1, float("inf"))), "finite numbers"),
}  # fmt: skip


@pytest.mark.parametrize("attack", HOSTILE)
def test_a_hostile_file_is_refused(attack):
    data, why = HOSTILE[attack]
    with pytest.raises(MalformedError) as refused:
        read_safetensors(data)
    assert why in str(refused.value)
    assert len(str(refused.value)) < 200
