"""The dataset file: u32 train_rows, u32 test_rows, then records (input bytes, target bytes)."""

from dataclasses import dataclass

from delea.artifact.manifest import DATASET_HEADER, Manifest
from delea.errors import DatasetError


@dataclass(frozen=True, slots=True)
class DatasetInfo:
    """How many rows a dataset file holds; train rows come first."""

    train_rows: int
    test_rows: int

    @property
    def rows(self) -> int:
        """All rows."""
        return self.train_rows + self.test_rows


def encode_dataset(records: bytes, *, train_rows: int, test_rows: int) -> bytes:
    """Return the dataset file of `records`, train rows first, all little endian."""
    return train_rows.to_bytes(4, "little") + test_rows.to_bytes(4, "little") + records


def read_dataset(dataset: bytes, manifest: Manifest) -> DatasetInfo:
    """Check that a dataset file fits a manifest.

    Raises:
        DatasetError: too short, another length than its rows need, no train row, or too many rows.
    """
    if len(dataset) < DATASET_HEADER:
        raise DatasetError(
            f"a dataset of at least {DATASET_HEADER} bytes expected, got {len(dataset)}"
        )
    info = DatasetInfo(
        train_rows=int.from_bytes(dataset[:4], "little"),
        test_rows=int.from_bytes(dataset[4:8], "little"),
    )
    if info.train_rows < 1:
        raise DatasetError("a dataset with at least one train row expected, got none")
    if info.rows > manifest.max_rows:
        raise DatasetError(f"at most {manifest.max_rows} rows expected, got {info.rows}")
    expected = DATASET_HEADER + info.rows * manifest.record_bytes
    if len(dataset) != expected:
        raise DatasetError(
            f"{info.rows} records of {manifest.record_bytes} bytes make {expected} bytes,"
            f" got {len(dataset)}"
        )
    return info
