"""A recorded run is run again, on Delea's tensors, for as many rows as there are."""

from __future__ import annotations

import inspect
from functools import cache
from typing import TYPE_CHECKING, Any

from delea.errors import GraphError
from delea.graph import F32, I32, MASK, Builder
from delea.importers.torch.ops import OPERATIONS, advice
from delea.importers.torch.ops.values import KINDS, convert
from delea.importers.torch.recorded import Reference, Result, Run, Source, Spec
from delea.nn import Buffer, Tensor, recording, where
from delea.nn.record import current
from delea.nn.tensor import lift

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from delea.importers.torch.recorded import Argument, Call
    from delea.nn.module import Stored

INFINITE = ".infinite"
"""The suffix of the buffer that says where another one is infinite: no legal state is."""

_TRIAL_ROWS = 3


def replay(run: Run, x: Tensor, parts: Mapping[str, Stored]) -> Tensor:
    """Record a run on x, rows first; return its output.

    In training the buffers that the run changes are recorded, too.
    """
    values = _Values(run, x, parts)
    for call in run.calls:
        if (wrong := _moving_row(run, call, parts)) is not None:
            raise GraphError(f"{wrong} at {call.place}")
        values[call.name] = _take(call, values)
    _change(run, values, parts)
    output = values[run.output]
    assert isinstance(output, Tensor), "the output of a module is a tensor"
    return output


def problems(
    run: Run, row: tuple[int, ...], dtype: str, parts: Mapping[str, Stored], *, training: bool
) -> Iterator[tuple[str, str]]:
    """Yield (operation and place, what is wrong) of every call that Delea cannot take."""
    with recording(builder := Builder(), training=training):
        leaf = builder.leaf("input", "input", (_TRIAL_ROWS, *row), dtype)
        values = _Values(run, Tensor(leaf), parts)
        for call in run.calls:
            if (wrong := _moving_row(run, call, parts)) is not None:
                yield f"{_short(call.op)} at {call.place}", wrong
            try:
                values[call.name] = _take(call, values)
            except GraphError as fault:
                yield f"{_short(call.op)} at {call.place}", str(fault)
                values[call.name] = _stand_in(call.result)


def _moving_row(run: Run, call: Call, parts: Mapping[str, Stored]) -> str | None:
    """Return what is wrong with an embedding's padding row: it must be 0, for then it stays so."""
    table, padding = call.arguments[:1], call.arguments[2:3]
    if call.op != "aten.embedding.default" or not padding or not isinstance(padding[0], int):
        return None
    if padding[0] < 0 or not isinstance(table[0], Reference):
        return None
    source = dict(run.sources).get(table[0].name)
    value = None if source is None else parts[source.name].value
    if value is not None and not value[padding[0]].any():
        return None
    return f"a row {padding[0]} of zeros expected, as padding_idx makes it"


def _take(call: Call, values: Mapping[str, Any]) -> Any:
    operation = OPERATIONS.get(call.op)
    if operation is None:
        raise GraphError(advice(call.op))
    arguments = [_resolve(argument, values) for argument in call.arguments]
    options = {key: _resolve(argument, values) for key, argument in call.options}
    if not _takes(operation, len(arguments), *options):
        raise GraphError("other arguments expected: this version of PyTorch has more of them")
    found = operation(*arguments, **options)
    assert _fits(found, call.result), f"{call.op}: {_told(found)} is {call.result}"
    return found


@cache
def _takes(operation: Callable[..., Any], count: int, *options: str) -> bool:
    """Return whether an operation of ours takes so many arguments and these options."""
    if not inspect.isfunction(operation):  # Python's own
        return True
    try:
        inspect.signature(operation).bind(*(None,) * count, **dict.fromkeys(options))
    except TypeError:
        return False
    return True


def _resolve(argument: Argument, values: Mapping[str, Any]) -> Any:
    if isinstance(argument, Reference):
        return values[argument.name]
    if isinstance(argument, tuple):
        return tuple(_resolve(part, values) for part in argument)
    return argument


class _Values(dict[str, Any]):
    """What is known so far; a tensor of the module is recorded where it is used first."""

    def __init__(self, run: Run, x: Tensor, parts: Mapping[str, Stored]) -> None:
        super().__init__({run.input: x})
        self.sources, self.parts = dict(run.sources), parts

    def __missing__(self, name: str) -> Tensor:
        value = self[name] = _load(self.sources[name], self.parts)
        return value


def _load(source: Source, parts: Mapping[str, Stored]) -> Tensor:
    """Return a tensor of the module as the type that it had there."""
    value = lift(parts[source.name])
    signs = parts.get(source.name + INFINITE)
    if signs is not None:
        value = where(signs > 0.0, float("inf"), where(signs < 0.0, float("-inf"), value))
    return convert(value, KINDS.get(source.dtype, F32))


def _change(run: Run, values: Mapping[str, Any], parts: Mapping[str, Stored]) -> None:
    if not current().training:
        return
    for name, changed in run.changes:
        part = parts[name]
        assert isinstance(part, Buffer), "what a module changes is a buffer"
        part.record(convert(values[changed], F32))


def _fits(found: Any, result: Result) -> bool:
    """Return whether a result has the shape and the type that it had in PyTorch."""
    if not isinstance(result, Spec) or not isinstance(found, Tensor):
        return True
    sizes = zip(found.shape, result.shape, strict=False)
    same = len(found.shape) == len(result.shape) and all(b in (a, None) for a, b in sizes)
    return same and found.dtype == KINDS.get(result.dtype, F32)


def _told(found: Any) -> str:
    return f"{found.shape} {found.dtype}" if isinstance(found, Tensor) else repr(found)


def _stand_in(result: Result) -> Any:
    """Return zeros in place of what could not be computed, so that the next calls can be tried."""
    if isinstance(result, tuple):
        return tuple(_stand_in(part) for part in result)
    if result is None:
        return _TRIAL_ROWS
    shape = tuple(_TRIAL_ROWS if size is None else size for size in result.shape)
    kind = KINDS.get(result.dtype, F32)
    assert kind in (F32, I32, MASK), "one of the three element types"
    return convert(Tensor(current().builder.constant(0.0, shape)), kind)


def _short(op: str) -> str:
    """Return `aten.sort` of `aten.sort.default`."""
    return op.removesuffix(".default")
