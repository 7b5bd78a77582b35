"""PyTorch modules become networks: exported twice, replayed on Delea's tensors.

Needs PyTorch (`pip install 'delea[torch]'`). The module's own code is run.
"""

from __future__ import annotations

from collections import Counter
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import numpy as np

from delea.errors import GraphError, UsageError
from delea.graph import F32, I32
from delea.importers.network import ImportedNetwork
from delea.importers.torch.ops import OPERATIONS
from delea.importers.torch.replay import INFINITE, problems, replay
from delea.nn import Buffer, Parameter, Tensor
from delea.nn.record import current

if TYPE_CHECKING:
    from delea.importers.torch.recorded import Captured, Held
    from delea.nn.module import Stored

__all__ = ["from_module", "make_example", "seed"]

_SHOWN = 12


def from_module(module: Any, example: Any) -> ImportedNetwork:
    """Return a `torch.nn.Module` as a network for a `Program`.

    `example` is a tensor of rows such as the data has: (rows, ...) of float32, uint8 or integers;
    the network then takes any number of rows. Parameters keep their names and first values, and
    buffers, such as running statistics, are state. In training the network does what the module
    does after `train()`, else what it does after `eval()`; the module itself stays as it is.

    Raises:
        UsageError: PyTorch is not installed.
        DtypeError, ShapeError: the example is no tensor of rows, or a parameter is not float32.
        GraphError: the module cannot be exported, or holds operations that Delea lacks: all of
            them, each with where it stands and what to use instead.
    """
    captured = _door().capture(module, example, OPERATIONS)
    parts: dict[str, Stored] = {}
    for name, held in captured.tensors.items():
        parts |= _store(name, held)
    network = ImportedNetwork(parts, lambda x: _record(captured, x, parts))
    for name, part in network.named_tensors():
        part.name = name
    dtype = F32 if example.is_floating_point() else I32
    found = list(captured.problems)
    for run, training in ((captured.train, True), (captured.evaluate, False)):
        found += problems(run, tuple(example.shape[1:]), dtype, parts, training=training)
    _refuse(found)
    return network


def make_example(dtype: str, row: tuple[int, ...]) -> Any:
    """Return an example for `from_module`: rows as a dataset has them, of `f32`, `i32` or `u8`.

    Raises:
        UsageError: PyTorch is not installed.
    """
    return _door().make_example(dtype, row)


def seed(number: int) -> None:
    """Make the weights that PyTorch draws from now on those of this number.

    Raises:
        UsageError: PyTorch is not installed.
    """
    _door().seed(number)


def _door() -> Any:
    """Return the file that knows PyTorch, if PyTorch is there."""
    if find_spec("torch") is None:
        raise UsageError("PyTorch 2.6 or newer expected (pip install 'delea[torch]'), got none")
    from delea.importers.torch import capture  # noqa: PLC0415 - PyTorch is an extra

    return capture


def _record(captured: Captured, x: Tensor, parts: dict[str, Stored]) -> Tensor:
    return replay(captured.train if current().training else captured.evaluate, x, parts)


def _store(name: str, held: Held) -> dict[str, Stored]:
    """Return a module's tensor as a parameter or a buffer; infinities get a buffer of their own."""
    if held.is_trained:
        parameter = Parameter(held.value.shape)
        parameter.name = name
        parameter.set(held.value)
        return {name: parameter}
    value = held.value
    if value.dtype.kind != "f" or not np.isinf(value).any():
        return {name: _buffer(value)}
    infinite = np.isinf(value)
    signs = np.where(infinite, np.sign(value), 0.0)
    return {name: _buffer(np.where(infinite, 0.0, value)), name + INFINITE: _buffer(signs)}


def _buffer(value: Any) -> Buffer:
    buffer = Buffer(value.shape)
    buffer.set(value)
    return buffer


def _refuse(found: list[tuple[str, str]]) -> None:
    """Raise GraphError if there are problems: each once, the first ones by name."""
    counts = Counter(found)
    if not counts:
        return
    told = "; ".join(f"{where}: {what}" for where, what in list(counts)[:_SHOWN])
    more = len(counts) - _SHOWN
    end = f"; and {more} more" if more > 0 else ""
    noun = "operation" if len(counts) == 1 else "operations"
    raise GraphError(f"{len(counts)} {noun} that Delea lacks: {told}{end}")
