"""What a dataset file holds, in a JSON file beside it: the file itself is records alone."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from math import prod
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from delea.artifact import DATASET_HEADER, digest
from delea.errors import DatasetError, DtypeError, MalformedError
from delea.nn import Dataset

Array = NDArray[Any]

FORMAT = 1
MAX_DESCRIPTION = 16 << 20
_DTYPES = {"f32": "<f4", "i32": "<i4", "u8": "u1"}


@dataclass(frozen=True, slots=True)
class Column:
    """Inputs or targets: an element type, the shape of a row, the least and the largest number."""

    dtype: str
    shape: tuple[int, ...]
    least: float
    most: float


@dataclass(frozen=True, slots=True)
class Description:
    """A dataset file in words; `digest` is the SHA-256 of the file, in hexadecimal."""

    train_rows: int
    test_rows: int
    inputs: Column
    targets: Column
    classes: tuple[str, ...]
    digest: str

    def to_json(self) -> str:
        """Return the JSON beside the file."""
        return json.dumps({"delea_data": FORMAT, **asdict(self)}, indent=1) + "\n"


def describe(dataset: Dataset, file: bytes, classes: tuple[str, ...] = ()) -> Description:
    """Return the description of a dataset and of the file it became."""
    return Description(
        len(dataset.inputs),
        0 if dataset.test_inputs is None else len(dataset.test_inputs),
        _column(dataset, "inputs"),
        _column(dataset, "targets"),
        classes,
        digest(file).hex(),
    )


def parse_description(text: bytes) -> Description:
    """Read a description.

    Raises:
        MalformedError: no JSON, or not exactly the fields of a description.
    """
    try:
        return _parse(json.loads(text.decode(), parse_constant=_no_constant))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, DtypeError):
        reason = "a description that `delea data` wrote expected, got another"
        raise MalformedError(reason) from None


def read_data(file: bytes, description: Description) -> Dataset:
    """Return the dataset that a file and its description are.

    Raises:
        DatasetError: the file is not the one described, or its numbers are not finite.
    """
    rows = description.train_rows + description.test_rows
    record = _record(description)
    expected = DATASET_HEADER + rows * record.itemsize
    counts = tuple(int.from_bytes(file[at : at + 4], "little") for at in (0, 4))
    if counts != (description.train_rows, description.test_rows) or len(file) != expected:
        raise DatasetError(
            f"a dataset file of {expected} bytes with {description.train_rows} and "
            f"{description.test_rows} rows expected, got {len(file)} bytes with {counts}"
        )
    if digest(file).hex() != description.digest:
        raise DatasetError(
            f"a dataset file of digest {description.digest[:16]} expected, got "
            f"{digest(file).hex()[:16]}: it was changed since it was described"
        )
    table = np.frombuffer(file, record, offset=DATASET_HEADER)
    parts = [table[: description.train_rows]]
    if description.test_rows:
        parts.append(table[description.train_rows :])
    return Dataset(*(part[name] for part in parts for name in ("inputs", "targets")))


def _record(description: Description) -> np.dtype[Any]:
    return np.dtype(
        [
            (name, _DTYPES[column.dtype], column.shape)
            for name, column in (
                ("inputs", description.inputs),
                ("targets", description.targets),
            )
        ]
    )


def _column(dataset: Dataset, name: str) -> Column:
    parts = [getattr(dataset, name), getattr(dataset, f"test_{name}")]
    kept = [part for part in parts if part is not None]
    dtype, shape = dataset.field(name)
    least, most = min(part.min() for part in kept), max(part.max() for part in kept)
    return Column(dtype, shape, _number(least), _number(most))


def _number(value: Any) -> float:
    return float(value) if value.dtype.kind == "f" else int(value)


def _parse(raw: dict[str, Any]) -> Description:
    """Return the description in a JSON object; whatever is odd raises something."""
    if raw.pop("delea_data") != FORMAT:
        raise ValueError("another format")
    return Description(
        **{name: _count(raw.pop(name)) for name in ("train_rows", "test_rows")},
        inputs=_parse_column(raw.pop("inputs")),
        targets=_parse_column(raw.pop("targets")),
        classes=tuple(_text(name) for name in raw.pop("classes")),
        digest=_text(raw.pop("digest")),
        **raw,
    )


def _parse_column(raw: dict[str, Any]) -> Column:
    column = Column(**raw)
    shape = tuple(_count(size) for size in column.shape)
    if column.dtype not in _DTYPES or len(shape) > 15 or not 0 < prod(shape) < 1 << 31:
        raise DtypeError("an element type and a shape expected")
    return Column(column.dtype, shape, float(column.least), float(column.most))


def _count(value: object) -> int:
    if type(value) is not int or not 0 <= value < 1 << 32:
        raise ValueError("a count expected")
    return value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("a text expected")
    return value


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)
