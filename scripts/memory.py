"""The memory of a walked call: bytes that grow to where they are read."""

from typing import Final

MOST_MEMORY: Final = 1 << 24  # bytes; a real call would run out of gas long before


class HaltError(Exception):
    """The code did what ends a call without an answer."""


class Memory:
    """Zeros, until they are written; whole words long."""

    def __init__(self) -> None:
        self._bytes = bytearray()

    def __len__(self) -> int:
        return len(self._bytes)

    def load(self, at: int, size: int) -> bytes:
        """Read bytes; of no bytes the place may be anywhere."""
        if size and at + size > len(self):
            if at + size > MOST_MEMORY:
                raise HaltError
            self._bytes.extend(bytes(-(-(at + size) // 32) * 32 - len(self)))
        return bytes(self._bytes[at : at + size]) if size else b""

    def store(self, at: int, data: bytes) -> None:
        """Write bytes."""
        self.load(at, len(data))
        self._bytes[at : at + len(data)] = data
