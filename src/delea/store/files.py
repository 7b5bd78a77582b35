"""Bytes on disk: read within a bound, written whole or not at all."""

import os
import stat
import tempfile
from contextlib import suppress
from pathlib import Path

from delea.errors import MissingError, StoreError


def read_bounded(path: Path, max_bytes: int) -> bytes:
    """Return a plain file's bytes.

    Raises:
        MissingError: if there is no such file.
        StoreError: if it is no plain file, longer than `max_bytes`, or cannot be read.
    """
    try:
        # Not blocking on open: a pipe in place of a file must not hang its reader.
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(handle, "rb") as file:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                raise StoreError(f"a plain file expected at {path}, got something else")
            data = file.read(max_bytes + 1)
    except FileNotFoundError:
        raise MissingError(f"no file at {path}") from None
    except (OSError, ValueError) as fault:
        raise StoreError(f"cannot read {path}: {_why(fault)}") from None
    if len(data) > max_bytes:
        raise StoreError(f"at most {max_bytes} bytes expected in {path}, got more")
    return data


def write_atomic(path: Path, data: bytes) -> None:
    """Write a file so that its name shows the old bytes or all of the new ones, even after a crash.

    Raises:
        StoreError: if it cannot be written; nothing is left behind then.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".new-")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fchmod(handle, 0o644)
                os.fsync(handle)
            Path(name).replace(path)
        except BaseException:
            with suppress(OSError):
                Path(name).unlink()
            raise
        sync_folder(path.parent)
    except (OSError, ValueError) as fault:
        raise StoreError(f"cannot write {path}: {_why(fault)}") from None


def sync_folder(path: Path) -> None:
    """Make the names in a folder survive a power cut."""
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _why(fault: Exception) -> str:
    return str(getattr(fault, "strerror", None) or fault).partition("\n")[0]
