"""An ONNX file becomes a network: its nodes are recorded one by one, by the rule of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from delea.errors import (
    DtypeError,
    GraphError,
    MalformedError,
    ShapeError,
    UsageError,
)
from delea.graph import F32, I32, Builder
from delea.importers.network import ImportedNetwork
from delea.importers.onnx.call import Call, Scope, Value
from delea.importers.onnx.dense import Dense
from delea.importers.onnx.model import MAX_FILE, SYMBOLIC, Input, Node, OnnxModel, read_model
from delea.importers.onnx.rules import FOLDS, RULES, check_supported
from delea.importers.onnx.tensors import DTYPES
from delea.importers.onnx.trained import Weights, find_weights
from delea.nn import Tensor, recording
from delea.nn.record import builder
from delea.nn.tensor import lift

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

    from delea.nn.module import Stored

TRIAL_ROWS = 2
ENDS = {"Softmax": "softmax", "Sigmoid": "sigmoid"}
COPIES = ("Identity", "Cast", "Reshape")
MAX_REASON = 300
MAX_RECORDED = 1 << 16
"""Nodes of a graph that is recorded; an artifact has no more."""


def from_file(
    path: Path,
    *,
    output: str | None = None,
    row: tuple[int, ...] | None = None,
    frozen: Collection[str] = (),
    logits: bool = False,
) -> ImportedNetwork:
    """Read an ONNX file of at most 1 GiB; see `from_bytes`. No other file is opened."""
    try:
        length = path.stat().st_size if path.is_file() else -1  # a pipe or a device never ends
        data = path.read_bytes() if 0 <= length <= MAX_FILE else b""
    except OSError as fault:
        raise UsageError(f"an ONNX file expected, got {path}: {fault.strerror}") from None
    if length < 0:
        raise UsageError(f"an ONNX file expected, got {path}")
    if length > MAX_FILE:
        raise MalformedError(f"an ONNX file of at most {MAX_FILE} bytes expected, got {length}")
    return from_bytes(data, output=output, row=row, frozen=frozen, logits=logits)


def from_bytes(
    data: bytes,
    *,
    output: str | None = None,
    row: tuple[int, ...] | None = None,
    frozen: Collection[str] = (),
    logits: bool = False,
) -> ImportedNetwork:
    """Return the network of an ONNX file, opset 13 to 21, to be trained as any other.

    Args:
        data: the file. Its first axis is the rows, however many it says.
        output: the value that is the network's output; by default the first one of numbers.
        row: the shape of one row of the input, if the file leaves sizes open.
        frozen: names of constants that are not to be trained.
        logits: whether the loss takes what comes before a softmax: one at the end is refused then.

    Raises:
        MalformedError: no such file, or one that refers to others.
        GraphError, ShapeError, DtypeError: operations that are not supported, all of them named,
            or shapes that do not fit.
    """
    model = read_model(data)
    source = _input(model)
    wanted = _output(model, output)
    nodes = _needed(model, wanted)
    check_supported(nodes)
    if logits:
        _check_logits(nodes, wanted)
    weights = find_weights(nodes, model.initializers, source.name, frozen)
    names = _names(weights.parts)
    for value, part in weights.parts.items():
        part.name = names[value]
    player = Player(model.opset, weights, wanted)
    shape = _row(source, row)
    buffers = player.rehearse(source, shape)
    parts = {names[value]: part for value, part in weights.parts.items()} | buffers
    return ImportedNetwork(parts, player.play)


@dataclass(slots=True)
class Player:
    """Records the nodes of a file, given the input."""

    opset: int
    weights: Weights
    wanted: str
    source: str = ""
    kind: str = F32
    dense: Dense | None = None

    def rehearse(self, source: Input, row: tuple[int, ...]) -> dict[str, Stored]:
        """Record once to see that it can be; return the buffers that it takes."""
        self.source = source.name
        constants, parts = self.weights.constants, self.weights.parts
        names = {_plain(name): v for name, v in constants.items() if name not in parts}
        self.dense = Dense(names)
        self.kind = F32 if DTYPES[source.kind].kind == "f" else I32
        trial = Builder()
        with recording(trial, training=True):
            leaf = trial.leaf("input", "input", (TRIAL_ROWS, *row), self.kind)
            result = self.play(Tensor(leaf))
            shape = result.shape
        if shape[:1] != (TRIAL_ROWS,):
            raise ShapeError(
                f"an output with a row per row of the input expected, got {shape} for {TRIAL_ROWS}"
                " rows: export the network with a dynamic first axis"
            )
        self.dense.closed = True
        return dict(self.dense.buffers)

    def play(self, x: Tensor) -> Tensor:
        """Record every node: (rows, ...) -> (rows, ...)."""
        assert self.dense is not None, "a file is rehearsed before it is played"
        if x.dtype != self.kind:
            raise DtypeError(
                f"an input '{self.source[:60]}' of {self.kind} expected, got one of {x.dtype}"
            )
        scope = Scope(self.opset, self.weights.parts, self.dense)
        values: dict[str, Value] = {**self.weights.constants, self.source: x}
        for name, part in self.weights.parts.items():
            values[name] = lift(part)
        for name, other in self.weights.tied.items():
            values[name] = lift(self.weights.parts[other]).transpose(0, 1)
        for node in self.weights.nodes:
            if node.outputs[0] in self.weights.constants:  # a copy of a constant: it is there
                continue
            if len(builder().nodes) > MAX_RECORDED:
                raise GraphError(f"at most {MAX_RECORDED} operations expected, got more")
            values |= zip(node.outputs, self._run(node, values, scope), strict=False)
        result = values[self.wanted]
        if not isinstance(result, Tensor):
            raise GraphError(f"an output that depends on the input expected, got '{self.wanted}'")
        return result

    def _run(self, node: Node, values: dict[str, Value], scope: Scope) -> tuple[Value, ...]:
        """Return what a node gives; a refusal names it."""
        lost = [name for name in node.inputs if name and name not in values]
        if lost:  # such as the running mean that a batch normalization gives in training
            raise GraphError(f"{node.place}: '{lost[0][:60]}' is an output that Delea has not")
        inputs = [values[name] if name else None for name in node.inputs]
        call = Call(node, inputs, scope)
        known = all(isinstance(value, np.ndarray) for value in inputs if value is not None)
        rule = (FOLDS.get(node.op) if known else None) or RULES.get(node.op)
        if rule is None:
            raise GraphError(f"{node.place}: inputs known at the build expected, got computed ones")
        try:
            found = rule(call)
        except (GraphError, MalformedError) as fault:
            raise type(fault)(f"{node.place}: {str(fault)[:MAX_REASON]}") from None
        return found if isinstance(found, tuple) else (found,)


def _input(model: OnnxModel) -> Input:
    """Return the one input of a file."""
    if len(model.inputs) != 1:
        names = ", ".join(end.name[:40] for end in model.inputs[:4]) or "none"
        raise GraphError(f"a network with one input expected, got {names}")
    source = model.inputs[0]
    if source.kind not in DTYPES or DTYPES[source.kind].kind not in "fiu":
        raise DtypeError(f"an input of numbers expected, got element type {source.kind}")
    return source


def _row(source: Input, row: tuple[int, ...] | None) -> tuple[int, ...]:
    """Return the shape of one row of the input."""
    own = source.shape[1:]
    if row is None:
        if SYMBOLIC in own or not source.shape:
            raise ShapeError(
                f"sizes for the open axes of input '{source.name[:60]}' {source.shape} expected, "
                "got none: give the shape of one row"
            )
        return own
    if source.shape and (
        len(own) != len(row) or any(a not in (SYMBOLIC, b) for a, b in zip(own, row, strict=True))
    ):
        raise ShapeError(f"rows of shape {own} expected (0: any size), got {row}")
    return tuple(row)


def _output(model: OnnxModel, name: str | None) -> str:
    """Return the value that is the network's output."""
    if name is None:
        for end, kind in model.outputs:
            if kind in DTYPES and DTYPES[kind].kind == "f":
                return end
        raise GraphError("an output of numbers expected, the file has none")
    if not any(name in node.outputs for node in model.nodes):
        known = ", ".join(end[:40] for end, _ in model.outputs[:4])
        raise GraphError(f"the name of a value such as {known} expected, got '{name[:60]}'")
    return name


def _check_logits(nodes: list[Node], wanted: str) -> None:
    """Raise GraphError if the output is a softmax or a sigmoid."""
    makers = {name: node for node in nodes for name in node.outputs}
    last = makers.get(wanted)
    while last is not None and last.op in COPIES:
        last = makers.get(last.inputs[0])
    if last is not None and last.op in ENDS:
        raise GraphError(
            f"an output that is no {ENDS[last.op]} expected by the loss, got '{wanted[:60]}': "
            f"choose '{last.inputs[0][:60]}', from which {last.place} makes it"
        )


def _needed(model: OnnxModel, wanted: str) -> list[Node]:
    """Return the nodes that a value is made of, in order."""
    needed, found = {wanted}, []
    for node in reversed(model.nodes):
        if needed.intersection(node.outputs):
            needed.update(node.inputs)
            found.append(node)
    return found[::-1]


def _names(parts: Mapping[str, Stored]) -> dict[str, str]:
    """Return each tensor's name in the state: the file's own, without paths."""
    names: dict[str, str] = {}
    taken: set[str] = set()
    for value in parts:
        name = plain = _plain(value)
        count = 1
        while name in taken:
            count += 1
            name = f"{plain}.{count}"
        taken.add(name)
        names[value] = name
    return names


def _plain(name: str) -> str:
    """Return a value's name as a tensor of the state may have it."""
    letters = "".join(c if c.isprintable() and c not in "/\\" else "." for c in name)
    while ".." in letters:
        letters = letters.replace("..", ".")
    return letters.strip(".")[-200:] or "weight"
