"""A creator's own Python file: run, and blamed with its line for what goes wrong in it."""

import runpy
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from delea.errors import DeleaError, UsageError
from delea.nn import Dataset, Loss, Module, Optimizer, Program

_PARTS = {"network": Module, "loss": Loss, "optimizer": Optimizer, "data": Dataset}


def load_program(path: Path) -> Program:
    """Run a Python file of the creator's own and return what it calls `program`.

    Raises:
        UsageError: no such file, it fails, or it defines no program.
        DeleaError: what the file asks of Delea is refused.
    """
    if path.suffix == ".delea":
        raise UsageError(f"a Python file expected (create takes a .delea file), got {path}")
    if not _is_file(path):
        raise UsageError(f"a Python file expected, got {path}")
    with importing_from(path.resolve().parent):
        try:
            names = runpy.run_path(str(path))
        except (Exception, SystemExit) as fault:  # the creator's own code: it may raise anything
            raise blame(fault, path) from fault
    if "program" not in names:
        raise UsageError(f"{path}: a `program = delea.nn.Program(...)` expected, got none")
    return _check_program(names["program"], path)


@contextmanager
def importing_from(folder: Path) -> Iterator[None]:
    """Let modules of a folder be imported, before all others."""
    sys.path.insert(0, str(folder))
    try:
        yield
    finally:
        sys.path.remove(str(folder))


@contextmanager
def blaming(path: Path) -> Iterator[None]:
    """Name the line of what fails in a creator's own code.

    What fails elsewhere passes as it is: a refusal, or a fault of ours.
    """
    try:
        yield
    except (Exception, SystemExit) as fault:
        if (place := _place(fault, path)) is None:
            raise
        raise _name_place(fault, place) from fault


def blame(fault: BaseException, path: Path) -> DeleaError:
    """Return the fault of a creator's own code, with its line in `path` or in a file beside it."""
    return _name_place(fault, _place(fault, path) or str(path))


def _check_program(program: object, path: Path) -> Program:
    if not isinstance(program, Program):
        raise UsageError(f"{path}: a Program expected, got {type(program).__name__}")
    for name, kind in _PARTS.items():
        part = getattr(program, name)
        if isinstance(part, kind):
            continue
        is_class = isinstance(part, type)
        came = f"{part.__name__} without ()" if is_class else type(part).__name__
        raise UsageError(f"{path}: program.{name}: an nn.{kind.__name__} expected, got {came}")
    return program


def _name_place(fault: BaseException, place: str) -> DeleaError:
    """Return a fault with its place: a refusal of ours keeps its type."""
    if isinstance(fault, DeleaError):
        return type(fault)(f"{place}: {fault}")
    reason = (fault.msg if isinstance(fault, SyntaxError) else str(fault)).partition("\n")[0]
    return UsageError(f"{place}: {type(fault).__name__}: {reason or 'no message'}")


def _place(fault: BaseException | None, path: Path) -> str | None:
    """Return the last `file:line` of a fault in the creator's file or in one beside it, if any."""
    folder = path.resolve().parent
    while fault is not None:
        for name, line in reversed(list(_lines(fault))):
            file = Path(name)
            if _is_file(file) and file.resolve().parent == folder:
                return f"{path.with_name(file.name)}:{line}"
        fault = (
            fault.__cause__ or fault.__context__
        )  # such as one that was told with a layer's name
    return None


def _lines(fault: BaseException) -> Iterator[tuple[str, int]]:
    for frame, line in traceback.walk_tb(fault.__traceback__):
        yield frame.f_code.co_filename, line
    if isinstance(fault, SyntaxError):  # a file that cannot be read has no frame
        yield fault.filename or "", fault.lineno or 0


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # such as a name too long to be one
        return False
