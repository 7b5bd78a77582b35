"""Audits: is a module exactly what the graph inside it compiles to? Asked in a child with limits.

The rules of structure cannot see a module that shows the bits of a NaN, which engines may choose.
What this compiler makes never does, and it makes a module anew from the graph that is inside.
"""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from delea.artifact import digest
from delea.artifact.wasm import read_sections
from delea.compiler import rebuild
from delea.errors import DeleaError, MissingError, UnauditedError
from delea.roles.session import Audit
from delea.runtime.child import confine
from delea.store.files import read_bounded, write_atomic


@dataclass(frozen=True, slots=True)
class AuditLimits:
    """What one audit may use: CPU and wall-clock seconds, and memory."""

    cpu_seconds: int = 10
    seconds: float = 120.0
    memory_bytes: int = 768 << 20


DEFAULT_AUDIT_LIMITS = AuditLimits()
_MARK = b"audited\n"
_START = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]);"
    " from delea.roles.auditing import answer; answer(*map(int, sys.argv[2:]))"
)
_ENVIRONMENT = {"OPENBLAS_NUM_THREADS": "1"}  # each of its threads would take memory of the limit
_MOST_SAID = 300


def check_audited(module: bytes, *, limits: AuditLimits = DEFAULT_AUDIT_LIMITS) -> None:
    """Rebuild a module from its graph, in a child that has limits, and compare every byte.

    Raises:
        UnauditedError: it has no graph, its graph compiles to other bytes, or not within limits.
    """
    command = (sys.executable, "-I", "-B", "-c", _START, json.dumps(sys.path))
    numbers = map(str, (os.getpid(), limits.memory_bytes, limits.cpu_seconds))
    try:
        done = subprocess.run(
            [*command, *numbers],
            input=module,
            capture_output=True,
            timeout=limits.seconds,
            check=False,
            env=_ENVIRONMENT,
            cwd="/",
            start_new_session=True,
        )
    except subprocess.TimeoutExpired:
        raise UnauditedError(f"an audit within {limits.seconds:g} s expected") from None
    if done.returncode:
        raise UnauditedError(
            f"an audit within {limits.cpu_seconds} s of CPU and {limits.memory_bytes} bytes of"
            f" memory expected, it was stopped with code {done.returncode}"
        )
    if done.stdout:
        raise UnauditedError(done.stdout.decode(errors="replace")[:_MOST_SAID])


def trust(module: bytes) -> None:
    """Take any legal module: for one's own, or where nothing is at stake."""


def remembering(folder: Path, *, again: bool = False) -> Audit:
    """Return `check_audited` that keeps which modules have passed, each a small file by its digest.

    With `again` those are audited, too.
    Whoever can write into the folder decides what passes: it is one's own, and no part of a store.
    A module that passed once stays audited, though a later compiler may make other bytes.
    """

    def audit(module: bytes) -> None:
        mark = folder / digest(module).hex()
        try:
            known = read_bounded(mark, len(_MARK)) == _MARK
        except MissingError:
            known = False
        if again or not known:
            check_audited(module)
            write_atomic(mark, _MARK)

    return audit


def answer(parent: int, memory_bytes: int, cpu_seconds: int) -> None:
    """Say on standard output why the module on standard input fails its audit; nothing if not.

    This is all of the child: what it reads is only compiled, never run.
    """
    confine(parent, memory_bytes, cpu_seconds)
    module = sys.stdin.buffer.read()
    try:
        said = _difference(module, rebuild(module))
    except DeleaError as fault:
        said = f"a module that can be audited expected: {fault}"
    sys.stdout.buffer.write(said.encode()[:_MOST_SAID])


def _difference(module: bytes, rebuilt: bytes) -> str:
    """Return in which sections two modules differ, or nothing if all bytes are the same."""
    if module == rebuilt:
        return ""
    first, second = (
        {(section.id, section.name): section.body for section in read_sections(each)}
        for each in (module, rebuilt)
    )
    other = sorted(key for key in first.keys() | second.keys() if first.get(key) != second.get(key))
    names = ", ".join(name or str(number) for number, name in other) or "their order"
    return f"the module is not what the graph inside it compiles to: sections that differ: {names}"
