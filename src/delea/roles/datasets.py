"""Dataset files: made from data of many kinds, described beside, and opened again."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from delea.artifact import encode_dataset
from delea.errors import DatasetError, MissingError, StoreError, UsageError
from delea.importers.data import (
    Description,
    Rows,
    Rule,
    describe,
    make_dataset,
    parse_description,
    read_data,
)
from delea.importers.data.describe import MAX_DESCRIPTION
from delea.importers.data.images import read_images
from delea.importers.data.tables import pick, read_csv, read_parquet
from delea.importers.data.text import read_text
from delea.importers.npy import read_npy, read_npz
from delea.store.files import read_bounded, write_atomic

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from delea.importers.npy import Array
    from delea.nn import Dataset

MAX_FILE_BYTES = 1 << 30
MAX_TABLE_BYTES = 1 << 28
MAX_IMAGE_BYTES = 1 << 26
MAX_IMAGES = 1 << 20
SUFFIX = ".data"
_INPUTS = ("x", "x_train", "inputs")
_TARGETS = ("y", "y_train", "targets")


NO_TEST = Rule()


@dataclass(frozen=True, slots=True)
class Wish:
    """How data is to be read: which columns or arrays are what, which rows are for the test.

    `targets` and `inputs` name columns of a table or arrays of a .npz file; for a .npy file
    `targets` is another one. `numbers` says that whole numbers are no labels. `length` and `stride`
    are those of windows of a text, in bytes.
    """

    targets: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()
    rule: Rule = NO_TEST
    classes: int | None = None
    numbers: bool = False
    length: int = 64
    stride: int | None = None


@dataclass(frozen=True, slots=True)
class Made:
    """A dataset file's bytes, and what they are."""

    file: bytes
    description: Description


def count_images(folder: Path) -> int:
    """Return how many files are in the folders of a folder."""
    return sum(1 for _ in _find_images(folder))


def make_data(source: Path, wish: Wish, on_image: Callable[[int], None] | None = None) -> Made:
    """Read data of any known kind and return it as a dataset file.

    Raises:
        UsageError: a kind that is not known, or names that are not there.
        RefusedError: what cannot be read, or cannot be trained on.
    """
    rows = _read(source, wish, on_image)
    if wish.numbers:
        rows = Rows(rows.inputs, rows.targets.astype(np.float32), (), rows.test)
    dataset = make_dataset(rows, wish.rule, classes=wish.classes)
    records, train_rows, test_rows = dataset.records()
    file = encode_dataset(records, train_rows=train_rows, test_rows=test_rows)
    return Made(file, describe(dataset, file, rows.names))


def write_data(path: Path, made: Made) -> None:
    """Write a dataset file and its description beside it, each whole or not at all."""
    write_atomic(path, made.file)
    write_atomic(beside(path), made.description.to_json().encode())


def open_data(path: Path) -> Dataset:
    """Return the dataset in a file that `delea data` wrote.

    Raises:
        MissingError, StoreError: one of the two files is not there or cannot be read.
        MalformedError, DatasetError: they are not what was written.
    """
    try:
        description = parse_description(read_bounded(beside(path), MAX_DESCRIPTION))
    except MissingError:
        raise MissingError(
            f"no file at {beside(path)}: a dataset file that `delea data` wrote expected"
        ) from None
    return read_data(read_bounded(path, MAX_FILE_BYTES), description)


def beside(path: Path) -> Path:
    """Return where the description of a dataset file is."""
    return path.with_name(path.name + ".json")


def _read(source: Path, wish: Wish, on_image: Callable[[int], None] | None) -> Rows:
    if source.is_dir():
        return read_images(_read_images(source), on_image)
    match source.suffix.lower():
        case ".npz":
            return _pick_arrays(read_npz(read_bounded(source, MAX_FILE_BYTES)), wish)
        case ".npy":
            return _pair(source, wish)
        case ".csv":
            table = read_csv(read_bounded(source, MAX_TABLE_BYTES))
        case ".parquet":
            table = read_parquet(read_bounded(source, MAX_TABLE_BYTES))
        case ".txt":
            return read_text(read_bounded(source, MAX_TABLE_BYTES), wish.length, wish.stride)
        case _:
            raise UsageError(
                "a .npz, .npy, .csv, .parquet or .txt file or a folder of images expected, "
                f"got {source}"
            )
    return pick(table, wish.targets, wish.inputs)


def _pair(source: Path, wish: Wish) -> Rows:
    if len(wish.targets) != 1:
        raise UsageError(f"one .npy file of targets expected (--targets FILE.npy) for {source}")
    targets = source.parent / wish.targets[0]
    return Rows(
        read_npy(read_bounded(source, MAX_FILE_BYTES), str(source)),
        read_npy(read_bounded(targets, MAX_FILE_BYTES), str(targets)),
    )


def _pick_arrays(arrays: dict[str, Array], wish: Wish) -> Rows:
    names = [
        next((name for name in wanted if name in arrays), None)
        for wanted in (wish.inputs or _INPUTS, wish.targets or _TARGETS)
    ]
    inputs, targets = names
    if inputs is None or targets is None:
        raise UsageError(
            f"arrays of inputs and targets (--inputs, --targets) expected among "
            f"{', '.join(sorted(arrays))[:200]}"
        )
    test = tuple(arrays[_test(name)] for name in (inputs, targets) if _test(name) in arrays)
    if len(test) == 1:
        raise DatasetError("test inputs and test targets go together, got one of them")
    pair = (test[0], test[1]) if test else None
    return Rows(arrays[inputs], arrays[targets], (), pair)


def _test(name: str) -> str:
    return name.removesuffix("_train") + "_test"


def _read_images(folder: Path) -> Iterator[tuple[str, str, bytes]]:
    """Yield (class, name, bytes) of every file in the folders of a folder."""
    for count, (kind, name) in enumerate(_find_images(folder)):
        if count >= MAX_IMAGES:
            raise DatasetError(f"at most {MAX_IMAGES} images expected, got more")
        yield kind, f"{kind}/{name}", read_bounded(folder / kind / name, MAX_IMAGE_BYTES)


def _find_images(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield (class, name) of the same, in the order of their names."""
    for kind in _names(folder):
        for name in _names(folder / kind):
            yield kind, name


def _names(folder: Path) -> list[str]:
    """Return the sorted names in a folder but for hidden ones; a link might lead anywhere."""
    try:
        found = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as fault:
        raise StoreError(f"cannot read {folder}: {fault.strerror}") from None
    if links := [entry.name for entry in found if entry.is_symlink()]:
        raise StoreError(f"files and folders in {folder} expected, got the link {links[0]!r:.60}")
    return [entry.name for entry in found if not entry.name.startswith(".")]
