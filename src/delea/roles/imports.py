"""Programs from elsewhere: a network of PyTorch's or of a file, with a loss, an optimizer, data."""

from __future__ import annotations

import importlib
import inspect
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from delea.errors import DeleaError, UsageError
from delea.importers.checkpoint import read_checkpoint
from delea.importers.npy import read_npz
from delea.importers.onnx import from_bytes
from delea.importers.onnx.model import MAX_FILE
from delea.importers.safetensors import read_safetensors
from delea.importers.weights import set_weights
from delea.nn import BCEWithLogitsLoss, CrossEntropyLoss, Program
from delea.roles.datasets import open_data
from delea.roles.settings import parse_loss, parse_optimizer
from delea.roles.source import blame, importing_from, load_program
from delea.store.files import read_bounded

if TYPE_CHECKING:
    from collections.abc import Callable

    from delea.nn import Dataset, Loss, Module

MAX_WEIGHTS_BYTES = 1 << 30
_READERS = {
    ".safetensors": read_safetensors,
    ".pt": read_checkpoint,
    ".pth": read_checkpoint,
    ".npz": read_npz,
}


@dataclass(frozen=True, slots=True)
class Training:
    """What a network is trained with; None leaves it to the program, or to its defaults."""

    loss: str | None = None
    optimizer: str | None = None
    data: Path | None = None
    batch: int | None = None
    steps_per_update: int | None = None
    infer_batch: int | None = None
    weights: Path | None = None
    output: str | None = None
    frozen: tuple[str, ...] = ()


AS_IT_IS = Training()


def find_program(source: Path | None, from_torch: str | None, training: Training) -> Program:
    """Return the program that a build is of: a Python file's, or one around an imported network.

    Raises:
        UsageError: both or neither, no such file or module, or a part that is missing.
        RefusedError: a part that is refused.
    """
    if (training.output or training.frozen) and not _is_onnx(source):
        raise UsageError("--output and --frozen beside an ONNX file expected, got another source")
    if from_torch is not None and source is None:
        program = _assemble(lambda data, _: _import_torch(from_torch, data), training)
    elif from_torch is not None or source is None:
        raise UsageError("a file or --from-torch MODULE:CLASS expected, got both or neither")
    elif _is_onnx(source):
        program = _assemble(lambda data, loss: _import_onnx(source, data, loss, training), training)
    else:
        program = _change(load_program(source), training)
    if training.weights is not None:
        set_weights(program.network, read_weights(training.weights))
    return program


def _is_onnx(source: Path | None) -> bool:
    return source is not None and source.suffix.lower() == ".onnx"


def read_weights(path: Path) -> dict[str, Any]:
    """Return the tensors in a .safetensors, .pt, .pth or .npz file by name."""
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        raise UsageError(f"weights in a file {', '.join(_READERS)} expected, got {path}")
    return reader(read_bounded(path, MAX_WEIGHTS_BYTES))


def _numbers(training: Training) -> dict[str, int]:
    """Return the numbers of a program that are given."""
    names = ("batch", "steps_per_update", "infer_batch")
    given = {name: getattr(training, name) for name in names}
    return {name: number for name, number in given.items() if number is not None}


def _change(program: Program, training: Training) -> Program:
    """Return a program with what is given in place of its own."""
    parts: dict[str, Any] = dict(_numbers(training))
    if training.loss is not None:
        parts["loss"] = parse_loss(training.loss)
    if training.optimizer is not None:
        parts["optimizer"] = parse_optimizer(training.optimizer)
    if training.data is not None:
        parts["data"] = open_data(training.data)
    return replace(program, **parts) if parts else program


def _assemble(find: Callable[[Dataset, Loss], Module], training: Training) -> Program:
    """Return a program around the network that fits the data and the loss."""
    if training.loss is None or training.optimizer is None or training.data is None:
        raise UsageError(
            "--loss, --optimizer and --data expected beside a network alone, such as "
            "--loss cross_entropy --optimizer adam:lr=0.001 --data FILE.data"
        )
    loss, optimizer = parse_loss(training.loss), parse_optimizer(training.optimizer)
    data = open_data(training.data)
    return Program(find(data, loss), loss, optimizer, data, **_numbers(training))


def _import_torch(name: str, data: Dataset) -> Module:
    """Run a creator's own PyTorch code and import the module it makes."""
    from delea.importers.torch import from_module, make_example, seed  # noqa: PLC0415 - an extra

    seed(0)  # the same command gives the same first weights
    return from_module(_call(name), make_example(*data.field("inputs")))


def _import_onnx(path: Path, data: Dataset, loss: Loss, training: Training) -> Module:
    return from_bytes(
        read_bounded(path, MAX_FILE),
        output=training.output,
        row=data.field("inputs")[1],
        frozen=training.frozen,
        logits=isinstance(loss, CrossEntropyLoss | BCEWithLogitsLoss),
    )


def _call(name: str) -> Any:
    """Return what `MODULE:CLASS` gives when it is called, or what it is if that is no class.

    Raises:
        UsageError: no such module or class, or its own code fails: with the line.
    """
    module_name, _, kind_name = name.partition(":")
    if not module_name or not kind_name.isidentifier():
        raise UsageError(f"MODULE:CLASS expected, such as net:Net, got {name!r:.60}")
    with importing_from(Path.cwd()):
        try:
            module = importlib.import_module(module_name)
            kind: Any = getattr(module, kind_name, None)
            made = kind() if inspect.isclass(kind) or inspect.isfunction(kind) else kind
        except (Exception, SystemExit) as fault:  # the creator's own code: it may raise anything
            if isinstance(fault, DeleaError):
                raise
            raise blame(fault, Path(module_name.replace(".", "/") + ".py")) from fault
    if kind is None:
        raise UsageError(f"{module_name} with {kind_name} expected, it has none")
    return made
