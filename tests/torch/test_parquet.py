"""Parquet, which needs pyarrow: columns in, hostile files refused."""

import io
import resource
import tracemalloc

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from delea.errors import MalformedError
from delea.importers.data.pages import read_struct
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
    "a damaged page": (lambda: WHOLE[:4] + b"\xff" * 40 + WHOLE[44:], "a Parquet header of known"),
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


def page(unpacked, packed, *, encoding=0):
    """A page's header, by Thrift: kind 0, two sizes, and its own header with an encoding."""
    own = bytes([0x15, 2, 0x15, 2 * encoding, 0x15, 6, 0x15, 6, 0])
    return (
        b"\x15\x00\x15"
        + varint(2 * unpacked)
        + b"\x15"
        + varint(2 * packed)
        + b"\x2c"
        + own
        + b"\0"
    )


def varint(value):
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes(out) + bytes([value])


def lying(unpacked):
    """A file whose only page says that it becomes so many bytes: its header is longer then."""
    data = packed(
        {"a": np.arange(3)}, use_dictionary=False, compression="zstd", write_statistics=False
    )
    metadata = parquet.ParquetFile(pa.BufferReader(data)).metadata
    length = metadata.row_group(0).column(0).total_compressed_size
    header, body_at = read_struct(data, 4)
    body = data[body_at : 4 + length]
    assert page(header[2], header[3])[:3] == data[4:7]
    changed = page(unpacked, len(body)) + body
    footer = data[4 + length :].replace(
        b"\x16" + varint(2 * length), b"\x16" + varint(2 * len(changed))
    )
    return data[:4] + changed + footer


def test_a_page_that_says_it_unpacks_to_two_gigabytes_is_refused_before_it_is():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(MalformedError, match="pages of at most 1073741824 bytes"):
        read_parquet(lying((1 << 31) - 1))
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64 << 10  # KiB


def test_texts_of_an_encoding_without_bounds_are_refused():
    data = packed(
        {"kind": ["a" * n for n in range(1, 50)], "x": list(range(49))},
        use_dictionary=False,
        column_encoding={"kind": "DELTA_BYTE_ARRAY", "x": "PLAIN"},
    )
    with pytest.raises(MalformedError, match="texts of a plain encoding or a dictionary"):
        read_parquet(data)


@pytest.mark.parametrize("version", ["1.0", "2.0"])
@pytest.mark.parametrize("compression", ["none", "snappy", "gzip", "zstd", "lz4", "brotli"])
def test_every_usual_file_is_read(version, compression):
    numbers = np.arange(5_000)
    data = packed(
        {"x": numbers / 4, "n": numbers, "kind": [f"k{i % 7}" for i in range(5_000)]},
        compression=compression,
        data_page_version=version,
        row_group_size=1_500,
        data_page_size=4_096,
    )
    rows = pick(read_parquet(data), ["kind"])
    assert rows.inputs[:, 1].tolist() == numbers.tolist()
    assert len(rows.names) == 7
