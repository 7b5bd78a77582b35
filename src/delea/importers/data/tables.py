"""Tables: comma-separated values by hand, Parquet by pyarrow; columns become inputs and targets."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from delea.errors import DatasetError, MalformedError, UsageError
from delea.importers.data.pages import unpacked_bytes
from delea.importers.data.rows import Rows, name_classes

if TYPE_CHECKING:
    from collections.abc import Sequence

Array = NDArray[Any]

MAX_LINE = 1 << 20
MAX_COLUMNS = 1 << 16
MAX_CELLS = 1 << 27
MAX_UNPACKED = 1 << 30
_TEXTS = ("string", "large_string")
_DICTIONARY = ("dictionary<values=string", "dictionary<values=large_string")


@dataclass(frozen=True)
class Table:
    """Columns by name: each an array of numbers, or texts."""

    columns: dict[str, Array | list[str]]


def read_csv(data: bytes) -> Table:
    """Return the columns of a file of comma-separated values whose first line names them.

    Raises:
        MalformedError: no UTF-8, a line longer than 1 MiB or one with another number of cells, a
            name that is missing or comes twice, more than 2^27 cells, or no row.
    """
    try:
        lines = data.decode("utf-8-sig").replace("\r\n", "\n").split("\n")
    except UnicodeDecodeError:
        raise MalformedError("a CSV file in UTF-8 expected, got other bytes") from None
    for number, line in enumerate(lines, 1):
        if len(line) > MAX_LINE or "\0" in line:
            raise MalformedError(f"line {number} of at most {MAX_LINE} plain characters expected")
    names, *rows = _cells(lines) or [[]]
    if not rows or len(set(names)) != len(names) or "" in names or len(names) > MAX_COLUMNS:
        raise MalformedError("a CSV file of rows below one line of different names expected")
    if len(names) * len(rows) > MAX_CELLS:
        raise MalformedError(f"at most {MAX_CELLS} cells expected, got more")
    columns = zip(*rows, strict=True)
    return Table({name: _column(texts) for name, texts in zip(names, columns, strict=True)})


def read_parquet(data: bytes) -> Table:
    """Return the columns of a Parquet file.

    Raises:
        UsageError: pyarrow is not installed.
        MalformedError: no Parquet file, more than 1 GiB unpacked by its footer or by its pages, or
            a column that holds neither numbers nor texts, or a gap.
    """
    try:
        import pyarrow as pa  # noqa: PLC0415 - an extra
        from pyarrow import parquet  # noqa: PLC0415
    except ModuleNotFoundError:
        raise UsageError("pyarrow expected (pip install 'delea[parquet]'), got none") from None
    try:
        schema = parquet.read_schema(pa.BufferReader(data))
        texts = [field.name for field in schema if str(field.type) in _TEXTS]
        # Texts as numbers of their dictionary: a long one in every cell is kept once.
        file = parquet.ParquetFile(pa.BufferReader(data), read_dictionary=texts)
        _check_size(file.metadata)
        _check_pages(data, file.metadata)
        table = file.read(use_threads=False)  # with room for one page, not for one of each column
        return Table({name: _arrow_column(name, table.column(name)) for name in table.column_names})
    except (pa.ArrowException, OSError, ValueError, KeyError) as fault:
        reason = str(fault).partition("\n")[0][:120]
        raise MalformedError(f"a Parquet file expected: {reason}") from None


def pick(table: Table, targets: Sequence[str], inputs: Sequence[str] = ()) -> Rows:
    """Return a table's rows: `targets` apart, `inputs` or else all other columns as float32.

    Texts or whole numbers in one target column are labels; several columns of numbers are numbers.

    Raises:
        UsageError: a column that is not there.
        DatasetError: texts where numbers are expected.
    """
    known = list(table.columns)
    if strange := [name for name in (*targets, *inputs) if name not in table.columns]:
        shown = ", ".join(known[:12])
        raise UsageError(f"columns of the table expected ({shown}), got {strange[0]!r:.60}")
    chosen = list(inputs) or [name for name in known if name not in targets]
    if not chosen or not targets:
        raise UsageError(
            "at least one column of inputs and one of targets (--targets NAMES) expected among "
            + ", ".join(known[:12])
        )
    names: tuple[str, ...] = ()
    first = table.columns[targets[0]]
    if len(targets) > 1:
        values = _numbers(table, targets)
    elif isinstance(first, list):
        values, names = name_classes(first)
    else:
        values = first if first.dtype.kind in "iu" else first.astype(np.float32).reshape(-1, 1)
    return Rows(_numbers(table, chosen), values, names)


def _cells(lines: list[str]) -> list[list[str]]:
    """Return the cells of every line, all as many."""
    rows: list[list[str]] = []
    try:
        for number, row in enumerate(csv.reader(lines, strict=True), 1):
            if not row:
                continue
            if rows and len(row) != len(rows[0]):
                raise MalformedError(
                    f"{len(rows[0])} cells in every row expected, got {len(row)} in row {number}"
                )
            rows.append(row)
    except csv.Error as fault:
        raise MalformedError(f"comma-separated values expected: {fault}") from None
    return rows


def _column(texts: tuple[str, ...]) -> Array | list[str]:
    """Return whole numbers, numbers, or else texts."""
    if any("_" in text for text in texts):  # Python, but nobody else, reads 1_000 as a number
        return list(texts)
    for kind, dtype in ((int, np.int64), (float, np.float64)):
        try:
            return np.array([kind(text) for text in texts], dtype)
        except (ValueError, OverflowError):
            continue
    return list(texts)


def _check_size(metadata: Any) -> None:
    groups = [metadata.row_group(at) for at in range(min(metadata.num_row_groups, MAX_COLUMNS))]
    total = sum(group.total_byte_size for group in groups)
    cells = metadata.num_rows * metadata.num_columns
    if metadata.num_row_groups > len(groups) or total > MAX_UNPACKED or cells > MAX_CELLS:
        raise MalformedError(
            f"a Parquet file of at most 1 GiB and {MAX_CELLS} cells expected, got {total} bytes "
            f"and {cells} cells"
        )


def _check_pages(data: bytes, metadata: Any) -> None:
    """Raise unless all pages say that they unpack to no more than is allowed for the file."""
    left = MAX_UNPACKED
    for row_group in range(metadata.num_row_groups):
        group = metadata.row_group(row_group)
        for number in range(group.num_columns):
            column = group.column(number)
            start = min(
                column.dictionary_page_offset or column.data_page_offset, column.data_page_offset
            )
            left -= unpacked_bytes(data, start, column.total_compressed_size)
            if left < 0:
                raise MalformedError(f"Parquet pages of at most {MAX_UNPACKED} bytes expected")


def _arrow_column(name: str, column: Any) -> Array | list[str]:
    if column.null_count:
        raise MalformedError(f"{name}: {column.null_count} cells are empty, none may be")
    if str(column.type).startswith(_DICTIONARY):
        return [text for part in column.chunks for text in _decode(part)]
    array = np.asarray(column.to_numpy())
    if array.dtype.kind not in "fiub" or array.ndim != 1:
        raise MalformedError(f"{name}: numbers or texts expected, got {column.type}")
    return array.astype(np.int64) if array.dtype.kind == "b" else array


def _decode(part: Any) -> list[str]:
    """Return the texts of a column's part; equal ones are one object."""
    texts = part.dictionary.to_pylist()
    return [texts[index] for index in part.indices.to_pylist()]


def _numbers(table: Table, names: Sequence[str]) -> Array:
    columns = []
    for name in names:
        column = table.columns[name]
        if isinstance(column, list):
            raise DatasetError(f"{name}: numbers in every row expected, got {column[0]!r:.40}")
        columns.append(column.astype(np.float32))
    return np.stack(columns, 1)
