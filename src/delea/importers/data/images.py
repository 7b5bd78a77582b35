"""Folders of images: a folder for each class, every image of one size, its bytes as they are."""

from __future__ import annotations

import io
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

from delea.errors import DatasetError, MalformedError, UsageError
from delea.importers.data.rows import Rows, name_classes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

MAX_PIXELS = 1 << 24
MAX_BYTES = 1 << 30
FORMATS = ("PNG", "JPEG")


def read_images(
    files: Iterable[tuple[str, str, bytes]],
    on_image: Callable[[int], None] | None = None,
    *,
    limit: int = MAX_BYTES,
) -> Rows:
    """Return images of (class, name, bytes) as uint8 (rows, channels, h, w), and their labels.

    Grey images have one channel, others three; if some are grey and some are not, all have three.

    Raises:
        UsageError: Pillow is not installed.
        MalformedError: no PNG or JPEG, damaged, or larger than 2^24 pixels.
        DatasetError: images of different sizes, more than `limit` bytes in all, or none.
    """
    arrays: list[Any] = []
    classes: list[str] = []
    total = 0
    for kind, name, data in files:
        array = _read(name, data)
        if arrays and array.shape[:2] != arrays[0].shape[:2]:
            height, width = arrays[0].shape[:2]
            raise DatasetError(
                f"{name}: {width} x {height} pixels as in the first image expected, got "
                f"{array.shape[1]} x {array.shape[0]}"
            )
        total += array.size
        if total > limit:
            raise DatasetError(f"images of at most {limit} bytes in all expected, got more")
        arrays.append(array)
        classes.append(kind)
        if on_image is not None:
            on_image(len(arrays))
    if not arrays:
        raise DatasetError("images in a folder for each class expected, got none")
    depth = max(array.shape[2] for array in arrays)
    wide = [np.broadcast_to(array, (*array.shape[:2], depth)) for array in arrays]
    labels, names = name_classes(classes)
    return Rows(np.stack(wide).transpose(0, 3, 1, 2), labels, names)


def _read(name: str, data: bytes) -> Any:
    """Return an image's pixels: (h, w, 1 or 3) uint8."""
    try:
        from PIL import Image  # noqa: PLC0415 - an extra
    except ModuleNotFoundError:
        raise UsageError("Pillow expected (pip install 'delea[images]'), got none") from None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # such as that of a bomb
            image = Image.open(io.BytesIO(data), formats=FORMATS)
            width, height = image.size
            if not 0 < width * height <= MAX_PIXELS:
                raise MalformedError(
                    f"{name}: at most {MAX_PIXELS} pixels expected, got {width} x {height}"
                )
            pixels = np.asarray(image if image.mode == "L" else image.convert("RGB"))
    except (OSError, ValueError, SyntaxError, Warning, Image.DecompressionBombError) as fault:
        reason = str(fault).partition("\n")[0][:80]
        raise MalformedError(f"{name}: a PNG or JPEG image expected: {reason}") from None
    return pixels.reshape(height, width, -1)
