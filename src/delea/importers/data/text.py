"""Text as rows of bytes: a window, and the same window one byte later to be guessed."""

import numpy as np

from delea.errors import DatasetError
from delea.importers.data.rows import Rows

MAX_LENGTH = 1 << 16


def read_text(data: bytes, length: int, stride: int | None = None) -> Rows:
    """Return windows of `length` bytes, `stride` (by default `length`) apart, and what follows.

    Inputs are uint8 (rows, length), targets int32 (rows, length): 256 classes.

    Raises:
        DatasetError: a length or a stride below 1, or a text that is shorter than one window.
    """
    step = length if stride is None else stride
    if not 0 < length <= MAX_LENGTH or step < 1:
        raise DatasetError(
            f"windows of 1 to {MAX_LENGTH} bytes, at least 1 apart, expected, got {length} "
            f"and {step}"
        )
    if len(data) <= length:
        raise DatasetError(f"a text of more than {length} bytes expected, got {len(data)}")
    tokens = np.frombuffer(data, np.uint8)
    windows = np.lib.stride_tricks.sliding_window_view(tokens, length + 1)[::step]
    if windows.size > 1 << 28:
        raise DatasetError(f"at most {1 << 28} bytes of windows expected, got {windows.size}")
    return Rows(windows[:, :-1].copy(), windows[:, 1:].astype(np.int32))
