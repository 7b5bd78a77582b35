"""From a node of PyTorch's graph to a call: plain values, with the place they came from."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any

import torch
from delea.importers.torch.recorded import Call, Reference, Result, Spec

if TYPE_CHECKING:
    from delea.importers.torch.recorded import Argument

_DROPPED = {"layout", "device", "pin_memory", "memory_format", "non_blocking", "generator"}
_SQUEEZE = "aten.squeeze."


def call_of(node: Any) -> Call:
    """Return a node as a call."""
    options = [(key, _plain(value)) for key, value in node.kwargs.items() if key not in _DROPPED]
    op, arguments = _op(node), tuple(_plain(value) for value in node.args)
    if op.startswith(_SQUEEZE):
        op, arguments = f"{_SQUEEZE}dims", (arguments[0], _dropped_axes(node))
    return Call(
        node.name,
        op,
        arguments,
        tuple(options),
        place_of(node),
        _result(node.meta.get("val")),
    )


def _dropped_axes(node: Any) -> tuple[int, ...]:
    """Return which axes a squeeze drops: never that of the rows, though there may be one row."""
    shape = node.args[0].meta["val"].shape
    dims = node.args[1] if len(node.args) > 1 else range(len(shape))
    given = {dim % len(shape) for dim in ([dims] if isinstance(dims, int) else dims)}
    return tuple(
        axis for axis, size in enumerate(shape) if axis in given and type(size) is int and size == 1
    )


def _op(node: Any) -> str:
    """Return the operation's name: `aten.add.Tensor`, or Python's own as `operator.mul`."""
    target = node.target
    if getattr(target, "__module__", "") == operator.add.__module__:
        return f"operator.{target.__name__}"
    return str(target)


def _plain(value: Any) -> Argument:
    if isinstance(value, torch.fx.Node):
        return Reference(value.name)
    if isinstance(value, list | tuple):
        return tuple(_plain(part) for part in value)
    if value is None or isinstance(value, bool | int | float | str):
        return value
    return name_of(value) if isinstance(value, torch.dtype) else str(value)


def _result(value: Any) -> Result:
    if isinstance(value, torch.Tensor):
        return Spec(tuple(n if type(n) is int else None for n in value.shape), name_of(value.dtype))
    if isinstance(value, list | tuple):
        return tuple(_result(part) for part in value)
    return None


def place_of(node: Any) -> str:
    """Return the innermost module a node came from: `layer1.conv (Conv2d)`."""
    stack = [
        (path, kind if isinstance(kind, str) else kind.__qualname__)
        for path, kind in (node.meta.get("nn_module_stack") or {}).values()
    ]
    named = [(path, kind) for path, kind in stack if "metadata_hook" not in path]
    if not named:
        return "the module"
    path, kind = named[-1]
    return f"{path or 'the module'} ({kind.rpartition('.')[2]})"


def name_of(dtype: Any) -> str:
    """Return an element type's name: `float32` of `torch.float32`."""
    return str(dtype).removeprefix("torch.")
