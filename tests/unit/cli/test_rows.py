"""Input rows come as JSON or as .npy; hostile files are refused before memory is taken."""

import io
import pickle
import struct

import numpy as np
import pytest

from delea.cli.rows import plain_rows, read_rows
from delea.errors import MissingError, UsageError


def _npy(array: np.ndarray) -> bytes:
    stream = io.BytesIO()
    np.save(stream, array)
    return stream.getvalue()


def test_json_rows_are_read():
    assert read_rows("[[1.5, 2], [3, 4]]").tolist() == [[1.5, 2.0], [3.0, 4.0]]
    assert read_rows(" [1, 2]").dtype.kind == "i"


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("kind", ["<f4", ">f8", "u1", "<i8"])
def test_a_npy_file_is_read(tmp_path, order, kind):
    array = np.asarray([[1, 2, 3], [4, 5, 6]], kind, order=order)
    (tmp_path / "rows.npy").write_bytes(_npy(array))
    assert read_rows(str(tmp_path / "rows.npy")).tolist() == array.tolist()


@pytest.mark.parametrize(
    "text",
    ["[[1, 2], [3]]", "[[NaN]]", "[[Infinity]]", '["a"]', "[null]", "[[true]]", "[", "[[1]] x",
     "[" * 100_000, "[1e999999999999", "[" + "9" * 400 + "]"],
)  # fmt: skip
def test_json_that_holds_no_rows_is_refused(text: str):
    with pytest.raises(UsageError, match="rows of numbers as a JSON list expected"):
        read_rows(text)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x93NUMPY",
        b"PK\x03\x04 a zip file",
        pickle.dumps([1]),
        _npy(np.zeros((2, 2)))[:-1],
        _npy(np.zeros((2, 2))) + b"\0",
        _npy(np.asarray(["a"])),
        _npy(np.asarray([1j])),
        _npy(np.zeros(2)).replace(b"(2,)", b"(9,)"),
        b"\x93NUMPY\x01\x00" + struct.pack("<H", 5000) + b"(" * 5000,
        b"\x93NUMPY\x01\x00v\x00" + b"{'descr': '|O', 'fortran_order': False, 'shape': (1,), }"
        .ljust(117) + b"\n" + pickle.dumps([None]),
        b"\x93NUMPY\x01\x00v\x00"
        + b"{'descr': '<f8', 'fortran_order': False, 'shape': (99999999999, 99999), }".ljust(117)
        + b"\n",
    ],
)  # fmt: skip
def test_a_file_that_is_no_complete_npy_is_refused(tmp_path, data):
    (tmp_path / "rows.npy").write_bytes(data)
    with pytest.raises(UsageError, match=r"a \.npy file"):
        read_rows(str(tmp_path / "rows.npy"))


def test_a_file_that_is_not_there_is_missing(tmp_path):
    with pytest.raises(MissingError, match="no file at"):
        read_rows(str(tmp_path / "rows.npy"))


def test_what_is_not_finite_is_none_in_plain_rows():
    rows = np.asarray([[1.5, np.nan], [np.inf, -2]], "<f4")
    assert plain_rows(rows) == [[1.5, None], [None, -2.0]]
