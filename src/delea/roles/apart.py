"""Foreign graphs are read and compiled in a child process with limits; nothing of them is run."""

import io
import json
import os
import struct
import subprocess
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib import import_module
from typing import BinaryIO

from delea import errors
from delea.errors import DeleaError, SandboxError
from delea.runtime.child import confine

Answer = Callable[..., Iterable[bytes]]
"""A function of a module of Delea that takes bytes and gives bytes."""

_START = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]);"
    " from delea.roles.apart import serve; serve(*sys.argv[2:4], *map(int, sys.argv[4:]))"
)
_ENVIRONMENT = {"OPENBLAS_NUM_THREADS": "1"}  # each of its threads would take memory of the limit
_LENGTH = struct.Struct("<Q")


@dataclass(frozen=True, slots=True)
class ChildLimits:
    """What one child may use: CPU and wall-clock seconds, and memory."""

    cpu_seconds: int = 10
    seconds: float = 120.0
    memory_bytes: int = 768 << 20


def ask(answer: Answer, *asked: bytes, what: str, limits: ChildLimits) -> list[bytes]:
    """Return what `answer` gives for `asked`, found out in a child; `what` names the work.

    Raises:
        SandboxError: it took more than its limits.
        DeleaError: what `answer` raised.
    """
    command = (sys.executable, "-I", "-B", "-c", _START, json.dumps(sys.path))
    numbers = map(str, (os.getpid(), limits.memory_bytes, limits.cpu_seconds))
    with subprocess.Popen(
        [*command, answer.__module__, answer.__name__, *numbers],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=_ENVIRONMENT,
        cwd="/",
        start_new_session=True,
    ) as child:
        try:
            said, _ = child.communicate(_packed(asked), limits.seconds)
        except subprocess.TimeoutExpired:
            raise SandboxError(f"{what} within {limits.seconds:g} s expected") from None
        finally:
            child.kill()
            child.wait()  # nothing of it is left, after Ctrl-C neither
    if child.returncode:
        raise SandboxError(
            f"{what} within {limits.cpu_seconds} s of CPU and {limits.memory_bytes} bytes of"
            f" memory expected, it was stopped with code {child.returncode}"
        )
    fault, *given = _unpacked(io.BytesIO(said))
    if fault:
        raise getattr(errors, fault.decode())(given[0].decode())
    return given


def serve(module: str, name: str, parent: int, memory_bytes: int, cpu_seconds: int) -> None:
    """Answer the one question on standard input; this is all of the child."""
    answer: Answer = getattr(import_module(module), name)
    confine(parent, memory_bytes, cpu_seconds)
    try:
        given = [b"", *answer(*_unpacked(sys.stdin.buffer))]
    except DeleaError as fault:
        given = [type(fault).__name__.encode(), str(fault).encode()]
    sys.stdout.buffer.write(_packed(given))


def _packed(parts: Iterable[bytes]) -> bytes:
    return b"".join(_LENGTH.pack(len(part)) + part for part in parts)


def _unpacked(stream: BinaryIO) -> Iterable[bytes]:
    while head := stream.read(_LENGTH.size):
        yield stream.read(*_LENGTH.unpack(head))
