"""Audits: is a module exactly what the graph inside it compiles to? Asked in a child with limits.

The rules of structure cannot see a module that shows the bits of a NaN, which engines may choose.
What this compiler makes never does, and it makes a module anew from the graph that is inside.
"""

from pathlib import Path

from delea import __version__
from delea.artifact import digest
from delea.artifact.wasm import read_sections
from delea.compiler import rebuild
from delea.errors import DeleaError, MissingError, SandboxError, UnauditedError
from delea.roles.apart import ChildLimits, ask
from delea.roles.session import Audit
from delea.store.files import read_bounded, write_atomic

DEFAULT_AUDIT_LIMITS = ChildLimits()
_MARK = b"audited\n"
_MOST_SAID = 300
_MOST_NAMES = 100


def check_audited(module: bytes, *, limits: ChildLimits = DEFAULT_AUDIT_LIMITS) -> None:
    """Rebuild a module from its graph, in a child that has limits, and compare every byte.

    Raises:
        UnauditedError: it has no graph, its graph compiles to other bytes, or not within limits.
    """
    try:
        (said,) = ask(answer, module, what="an audit", limits=limits)
    except SandboxError as fault:
        raise UnauditedError(str(fault)) from None
    except DeleaError as fault:
        text = f"a module that can be audited expected: {fault}"
        raise UnauditedError(text[:_MOST_SAID]) from None
    if said:
        raise UnauditedError(said.decode()[:_MOST_SAID])


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


def answer(module: bytes) -> tuple[bytes]:
    """Return why a module fails its audit; nothing if it passes. Asked in a child."""
    return (_difference(module, rebuild(module)).encode(),)


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
    return (
        f"the module is not what the graph inside it compiles to: sections that differ:"
        f" {names[:_MOST_NAMES]}; another release than this Delea {__version__} made it,"
        " which it does not say, or it was changed"
    )
