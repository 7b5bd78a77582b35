"""Parquet, which needs pyarrow: columns in, hostile files refused."""

import io
import tracemalloc

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from delea.errors import MalformedError
from delea.importers.data.tables import pick, read_parquet


def packed(columns, **options):
    file = io.BytesIO()
    parquet.write_table(pa.table(columns), file, **options)
    return file.getvalue()


def test_columns_are_read():
    table = read_parquet(
        packed({"a": [1.5, 2.5], "n": [3, 4], "kind": ["dog", "cat"], "t": [True, False]})
    )
    rows = pick(table, ["kind"])
    assert rows.inputs.tolist() == [[1.5, 3, 1], [2.5, 4, 0]]
    assert rows.targets.tolist() == [1, 0]
    assert rows.names == ("cat", "dog")


def test_categories_are_texts():
    table = read_parquet(
        packed({"kind": pa.array(["b", "a", "b"]).dictionary_encode(), "x": [1, 2, 3]})
    )
    assert pick(table, ["kind"]).targets.tolist() == [1, 0, 1]


def test_a_long_text_in_every_cell_is_kept_once():
    data = packed({"kind": ["x" * 1_000_000] * 5_000, "x": list(range(5_000))})
    assert len(data) < 1 << 20
    tracemalloc.start()
    rows = pick(read_parquet(data), ["kind"])
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert rows.targets.tolist() == [0] * 5_000
    assert peak < 64 << 20  # as texts they are 5 GB


WHOLE = packed({"a": list(range(100))})
HOSTILE = {
    "empty": (lambda: b"", "a Parquet file expected"),
    "another file": (lambda: b"PAR2" + bytes(99), "a Parquet file expected"),
    "truncated": (lambda: WHOLE[:-9], "a Parquet file expected"),
    "a damaged page": (lambda: WHOLE[:4] + b"\xff" * 40 + WHOLE[44:], "a Parquet file expected"),
    "a damaged footer": (lambda: WHOLE[:-60] + bytes(40) + WHOLE[-20:], "a Parquet file expected"),
    "a gap": (lambda: packed({"a": [1, None]}), "a: 1 cells are empty"),
    "lists": (lambda: packed({"a": [[1], [2]]}), "a: numbers or texts expected"),
    "structures": (lambda: packed({"a": [{"b": 1}]}), "a: numbers or texts expected"),
    "bytes": (lambda: packed({"a": [b"x"]}), "a: numbers or texts expected"),
    "a bomb": (lambda: packed({"a": np.zeros(1 << 28, np.int8)}), "134217728 cells expected"),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused(name):
    data, why = HOSTILE[name]
    with pytest.raises(MalformedError, match=why):
        read_parquet(data())
