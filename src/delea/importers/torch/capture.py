"""From a PyTorch module to plain values; this file and `calls` alone know PyTorch.

The module is exported twice, in training mode and in evaluation mode, so that whatever it does
differently is as it was written: batch statistics, dropout, an `if self.training`. Operations that
Delea has are kept, the others decomposed into PyTorch's core ones.
"""

from __future__ import annotations

import copy
import logging
import warnings
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from io import StringIO
from typing import TYPE_CHECKING, Any

import numpy as np

import torch
from delea.errors import DtypeError, GraphError, ShapeError
from delea.importers.torch.calls import call_of, name_of, place_of
from delea.importers.torch.recorded import Captured, Held, Run, Source

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

LEAST_ROWS = 2
"""PyTorch takes an example of one row for a module of one row alone."""

_DTYPES = {"float32", "int64", "int32", "uint8", "bool"}
_CONSTANT = "constant:"  # no name of a module has a colon
_COUNT = "num_batches_tracked"
_STOPS = {"aten.detach.default", "aten.detach_.default"}
_NO_GRADIENT = "wrap_with_set_grad_enabled"


def capture(module: Any, example: Any, kept: Iterable[str]) -> Captured:
    """Return what a module does with an example's rows, `kept` operations not decomposed.

    Raises:
        DtypeError, ShapeError: the example is no tensor of rows.
        GraphError: torch.export refuses the module, or it has other inputs or outputs than one.
    """
    example = _check_example(module, example)
    module = copy.deepcopy(module)  # export touches it
    runs, problems = {}, []
    with _quiet():
        for training in (True, False):
            exported = _export(module.train(training), example)
            if training:
                problems = list(_stopped(exported))
            runs[training] = exported.run_decompositions(_decompositions(kept))
    tensors = _Tensors(module)
    recorded = {training: _Recorder(run, tensors).run() for training, run in runs.items()}
    return Captured(tensors.held, recorded[True], recorded[False], tuple(problems))


def seed(number: int) -> None:
    """Make the weights that PyTorch draws from now on those of this number."""
    torch.manual_seed(number)


def make_example(dtype: str, row: tuple[int, ...]) -> Any:
    """Return rows of zeros as a dataset has them: of `f32`, `i32` or `u8`."""
    kinds = {"f32": torch.float32, "i32": torch.int64, "u8": torch.uint8}
    return torch.zeros((LEAST_ROWS, *row), dtype=kinds[dtype])


def _check_example(module: Any, example: Any) -> Any:
    if not isinstance(module, torch.nn.Module):
        raise DtypeError(f"a torch.nn.Module expected, got {type(module).__name__}")
    if not isinstance(example, torch.Tensor):
        raise DtypeError(f"an example as one torch.Tensor expected, got {type(example).__name__}")
    if name_of(example.dtype) not in _DTYPES - {"bool"}:
        raise DtypeError(f"an example of float32, uint8 or integers expected, got {example.dtype}")
    if not example.shape or not len(example):
        raise ShapeError(f"an example of at least one row expected, got {tuple(example.shape)}")
    rows = max(LEAST_ROWS, len(example))
    return example.detach()[torch.arange(rows) % len(example)]


def _export(module: Any, example: Any) -> Any:
    rows = torch.export.Dim("rows")
    try:
        return torch.export.export(module, (example,), dynamic_shapes=(({0: rows}),), strict=False)
    except (Exception, SystemExit) as fault:  # the creator's own code: it may raise anything
        raise GraphError(
            f"a module that torch.export takes with any number of rows expected: {_reason(fault)}"
        ) from fault


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep PyTorch's warnings and logs, and graphs it prints when it gives up, to itself."""
    before = logging.root.manager.disable
    logging.disable()
    try:
        nowhere = StringIO()
        with warnings.catch_warnings(), redirect_stdout(nowhere), redirect_stderr(nowhere):
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)


def _reason(fault: BaseException) -> str:
    """Return what torch.export says, or of its many lines the one that names the reason."""
    lines = [line.strip(" -") for line in str(fault).splitlines() if line.strip()]
    told = [line for line in lines if "specialized" in line] or lines
    return told[0][:300] if told else type(fault).__name__


def _decompositions(kept: Iterable[str]) -> Any:
    """Return PyTorch's table of decompositions without what is kept, if this version has it."""
    table = torch.export.default_decompositions()
    for name in kept:
        if not name.startswith("aten."):
            continue
        _, packet, overload = name.split(".")
        found = getattr(getattr(torch.ops.aten, packet, None), overload, None)
        if found is not None:
            table.pop(found, None)
    return table


class _Tensors:
    """The module's tensors under their first names: tied ones have one."""

    def __init__(self, module: Any) -> None:
        self.held: dict[str, Held] = {}
        self._first: dict[int, str] = {}
        self._names: dict[str, str] = {}
        self._constants: list[Any] = []
        self.values = dict(module.named_parameters(remove_duplicate=False))
        for name, value in self.values.items():
            first = self._first.setdefault(id(value), name)
            self._names[name] = first
            if first == name:
                self.held[name] = Held(_array(name, value), bool(value.requires_grad))

    def parameter(self, name: str) -> Source:
        """Return a parameter by any of its names."""
        first = self._names[name]
        return Source(first, name_of(self.values[first].dtype))

    def buffer(self, name: str, value: Any) -> Source:
        """Return a buffer, and hold it."""
        first = self._first.setdefault(id(value), name)
        if first not in self.held:
            self.held[first] = Held(_array(first, value), is_trained=False)
        return Source(first, name_of(value.dtype))

    def constant(self, value: Any) -> Source:
        """Return a constant of the module's code, and hold it: equal ones once."""
        for at, known in enumerate(self._constants):
            if known.dtype == value.dtype and torch.equal(known, value):
                return Source(f"{_CONSTANT}{at}", name_of(value.dtype))
        self._constants.append(value)
        return self.buffer(f"{_CONSTANT}{len(self._constants) - 1}", value)


class _Recorder:
    """Turns an exported program into a run: what leads to its output and its buffers."""

    def __init__(self, exported: Any, tensors: _Tensors) -> None:
        self.exported = exported
        self.tensors = tensors
        self.nodes = {node.name: node for node in exported.graph.nodes}

    def run(self) -> Run:
        outputs, changes = self._outputs()
        needed = self._needed(outputs + [now for _, now in changes])
        sources, inputs = self._sources(needed)
        if len(outputs) != 1 or len(inputs) != 1:
            raise GraphError(
                f"a module of one input and one output expected, got {len(inputs)} and "
                f"{len(outputs)}: wrap it in one that has"
            )
        calls = tuple(
            call_of(node)
            for node in self.exported.graph.nodes
            if node.op in ("call_function", "get_attr") and node.name in needed
        )
        return Run(inputs[0], tuple(sources), calls, outputs[0], tuple(changes))

    def _outputs(self) -> tuple[list[Any], list[tuple[Any, Any]]]:
        outputs, changes = [], []
        for spec in self.exported.graph_signature.output_specs:
            name = getattr(spec.arg, "name", None)
            if spec.kind.name == "BUFFER_MUTATION":
                if not spec.target.endswith(_COUNT):
                    changes.append((spec.target, name))
            else:
                outputs.append(name if spec.kind.name == "USER_OUTPUT" else None)
        if not all(outputs):
            raise GraphError("a module whose output is a tensor expected, got another")
        return outputs, changes

    def _needed(self, names: list[str]) -> set[str]:
        """Return the names of what leads to these."""
        found, todo = set(names), [self.nodes[name] for name in names]
        while todo:
            for node in todo.pop().all_input_nodes:
                if node.name not in found:
                    found.add(node.name)
                    todo.append(node)
        return found

    def _sources(self, needed: set[str]) -> tuple[list[tuple[str, Source]], list[str]]:
        sources, inputs = [], []
        for spec in self.exported.graph_signature.input_specs:
            name, kind = spec.arg.name, spec.kind.name
            if kind == "USER_INPUT":
                inputs.append(name)
            elif name in needed:
                sources.append((name, self._source(spec, kind)))
        return sources, inputs

    def _source(self, spec: Any, kind: str) -> Source:
        if kind == "PARAMETER":
            return self.tensors.parameter(spec.target)
        known = (self.exported.state_dict, self.exported.constants)
        value = next((each[spec.target] for each in known if spec.target in each), None)
        if not isinstance(value, torch.Tensor):
            raise GraphError(f"{spec.target}: a tensor expected, got {type(value).__name__}")
        if kind == "BUFFER":
            return self.tensors.buffer(spec.target, value)
        return self.tensors.constant(value)


def _stopped(exported: Any) -> Iterator[tuple[str, str]]:
    """Yield where the gradient of a parameter is stopped: decomposed, a program forgets that."""
    kinds = {spec.arg.name: spec.kind.name for spec in exported.graph_signature.input_specs}
    trained: set[str] = set()
    for node in exported.graph.nodes:
        if kinds.get(node.name) == "PARAMETER" or any(
            each.name in trained for each in node.all_input_nodes
        ):
            trained.add(node.name)
        is_off = _NO_GRADIENT in str(node.target) and node.args[0] is False
        if node.name in trained and (str(node.target) in _STOPS or is_off):
            what = "torch.no_grad" if is_off else "detach"
            yield f"{what} at {place_of(node)}", "no gradient can be stopped: leave it out"


def _array(name: str, value: Any) -> Any:
    array = value.detach().cpu()
    if array.dtype not in (torch.float32, torch.float64) and array.dtype.is_floating_point:
        raise DtypeError(f"{name}: float32 expected (module.float()), got {array.dtype}")
    return np.asarray(array.numpy())
