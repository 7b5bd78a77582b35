"""Standard output and error whose faults are told from all others, as of a disk that is full."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from typing import IO, Any, TypeVar, cast

from delea.errors import StreamError

Result = TypeVar("Result")


class _Watched:
    """A stream that raises StreamError from its first fault on; a closed pipe is no such fault."""

    def __init__(self, stream: IO[str], name: str) -> None:
        self._stream, self._name = stream, name
        self._fault: OSError | None = None

    def __getattr__(self, attribute: str) -> Any:
        return getattr(self._stream, attribute)

    def write(self, text: str) -> int:
        return self._told(lambda: self._stream.write(text))

    def flush(self) -> None:
        self._told(self._stream.flush)

    def _told(self, action: Callable[[], Result]) -> Result:
        if self._fault is None:
            try:
                return action()
            except BrokenPipeError:
                raise
            except OSError as fault:
                self._fault = fault
                discard(self._stream)
        reason = self._fault.strerror
        raise StreamError(f"standard {self._name} cannot be written: {reason}") from None


@contextmanager
def watched_streams() -> Iterator[None]:
    """Let standard output and error raise StreamError once they cannot be written.

    Others may swallow the first: so it is raised again at every later use.
    """
    output, error = _watched(sys.stdout, "output"), _watched(sys.stderr, "error")
    with redirect_stdout(output), redirect_stderr(error):
        yield


def _watched(stream: IO[str] | None, name: str) -> IO[str] | None:
    """Return a stream watched; one that was closed before the start is none, and says nothing."""
    return None if stream is None else cast("IO[str]", _Watched(stream, name))


def discard(stream: IO[str]) -> None:
    """Let what a stream holds and will be given go nowhere, so that its end finds no fault."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)
