"""What an ONNX file says, as plain values: nodes, constants, inputs and outputs; nothing is run.

Field numbers are those of onnx.proto3. Only bytes are read: data kept in other files is refused.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from delea.errors import MalformedError
from delea.importers.onnx.tensors import FLOATS, read_tensor
from delea.importers.onnx.wire import (
    Budget,
    Message,
    Value,
    read_message,
    read_name,
    read_varints,
    signed,
)

Array = NDArray[Any]

MAX_FILE = 1 << 30  # bytes
MAX_NODES = 1 << 14
OPSETS = range(13, 22)
LEAST = {
    "Identity": 1,
    "Softmax": 1,
    "Sigmoid": 1,
    "Cast": 1,
    "Reshape": 1,
    "Add": 2,
    "Mul": 2,
    "BatchNormalization": 5,
    "InstanceNormalization": 3,
}
"""Inputs that a node has, where they are looked at before it is recorded."""

MODULE = b"pkg.torch.onnx.name_scopes"
SYMBOLIC = 0
"""A size that the file names or leaves open."""


@dataclass(frozen=True, slots=True)
class Subgraph:
    """A graph inside an attribute: of a loop or a branch. It is not read."""


Attribute: TypeAlias = "int | float | str | bytes | tuple[Any, ...] | Array | Subgraph"


@dataclass(frozen=True, slots=True)
class Node:
    """One operation: values by name in, values by name out; an empty name is one left out."""

    number: int
    name: str
    op: str
    domain: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: Mapping[str, Attribute]
    module: bytes = b""  # whose node it is, if the exporter says so

    @property
    def place(self) -> str:
        """How a message calls it."""
        named = f" '{self.name[:60]}'" if self.name else ""
        return f"node {self.number}{named} ({self.op[:40]})"


@dataclass(frozen=True, slots=True)
class Input:
    """What the network is given: an ONNX element type, and sizes with `SYMBOLIC` for open ones."""

    name: str
    kind: int
    shape: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class OnnxModel:
    """A graph: nodes in an order in which they can run, each value made once."""

    opset: int
    nodes: tuple[Node, ...]
    initializers: Mapping[str, Array]
    inputs: tuple[Input, ...]
    outputs: tuple[tuple[str, int], ...]  # name, ONNX element type: 0 for what is no tensor


def read_model(data: bytes) -> OnnxModel:
    """Read an ONNX file of opset 13 to 21.

    Raises:
        MalformedError: not an ONNX file, too large, another opset, data in other files, a tensor
            that does not fit its bytes, a value made twice or used before it is made (a cycle).
    """
    if len(data) > MAX_FILE:
        raise MalformedError(f"an ONNX file of at most {MAX_FILE} bytes expected, got {len(data)}")
    budget = Budget()
    try:
        message = read_message(memoryview(data), budget)
    except MalformedError as fault:
        raise MalformedError(f"an ONNX file expected, got other bytes: {fault}") from None
    graph = _only(message, 7, "an ONNX file with a graph")
    opset = _opset(message, budget)
    body = read_message(graph, budget)
    if len(body.get(1, ())) > MAX_NODES:
        raise MalformedError(f"at most {MAX_NODES} nodes expected, got {len(body[1])}")
    if body.get(15):
        raise MalformedError("dense initializers expected, got a sparse one")
    found = [read_tensor(_part(value), budget) for value in body.get(5, ())]
    initializers = dict(found)
    if len(initializers) != len(found):
        raise MalformedError("initializers of different names expected, one comes twice")
    nodes = tuple(_node(i, _part(value), budget) for i, value in enumerate(body.get(1, ())))
    ends = [_value(_part(value), budget) for value in body.get(11, ())]
    inputs = tuple(end for end in ends if end.name not in initializers)
    outputs = tuple(_value(_part(value), budget) for value in body.get(12, ()))
    model = OnnxModel(opset, nodes, initializers, inputs, tuple((o.name, o.kind) for o in outputs))
    _check_order(model)
    return model


def _opset(message: Message, budget: Budget) -> int:
    """Return the version of ONNX's own operations."""
    versions = []
    for value in message.get(8, ()):
        entry = read_message(_part(value), budget)
        if _text(entry, 1) in ("", "ai.onnx"):
            versions.append(_integer(entry, 2))
    if len(versions) != 1 or versions[0] not in OPSETS:
        got = ", ".join(map(str, versions[:4])) or "none"
        raise MalformedError(f"one opset from 13 to 21 expected, got {got}")
    return versions[0]


def _node(number: int, data: memoryview, budget: Budget) -> Node:
    message = read_message(data, budget)
    attributes: dict[str, Attribute] = {}
    for value in message.get(5, ()):
        name, attribute = _attribute(_part(value), budget)
        if name in attributes:
            raise MalformedError(f"node {number}: attribute '{name[:40]}' expected once")
        attributes[name] = attribute
    node = Node(
        number=number,
        name=_text(message, 3),
        op=_text(message, 4),
        domain=_text(message, 7),
        inputs=tuple(read_name(value) for value in message.get(1, ())),
        outputs=tuple(read_name(value) for value in message.get(2, ())),
        attributes=attributes,
        module=_module(message, budget),
    )
    if len(node.inputs) < LEAST.get(node.op, 0):
        raise MalformedError(
            f"{node.place}: at least {LEAST[node.op]} inputs expected, got {len(node.inputs)}"
        )
    return node


def _module(message: Message, budget: Budget) -> bytes:
    """Return the path of the module that a node comes from, as torch.onnx tells it."""
    for value in message.get(9, ()):
        entry = read_message(_part(value), budget)
        if entry.get(1, [b""])[-1] == MODULE and entry.get(2):
            return bytes(_part(entry[2][-1])).rpartition(b",")[
                0
            ]  # without the operation's own name
    return b""


def _attribute(data: memoryview, budget: Budget) -> tuple[str, Attribute]:
    """Return an attribute by the type it says it has."""
    message = read_message(data, budget)
    name, kind = _text(message, 1), _integer(message, 20)
    return name, _typed(name, kind, message, budget)


def _typed(name: str, kind: int, message: Message, budget: Budget) -> Attribute:
    value: Attribute
    match kind:
        case 1:
            value = _floats(message.get(2, ()))[0] if message.get(2) else 0.0
        case 2:
            value = _integer(message, 3)
        case 3:
            value = bytes(_part(message[4][-1])) if message.get(4) else b""
        case 4:
            value = read_tensor(_only(message, 5, f"attribute '{name[:40]}' with a tensor"), budget)
            value = value[1]
        case 5 | 10:
            value = Subgraph()
        case 6:
            value = _floats(message.get(7, ()))
        case 7:
            value = tuple(read_varints(message.get(8, ()), budget))
        case 8:
            value = tuple(bytes(_part(text)) for text in message.get(9, ()))
        case _:
            raise MalformedError(f"attribute '{name[:40]}' of a known type expected, got {kind}")
    return value


def _value(data: memoryview, budget: Budget) -> Input:
    """Return an input or an output: its name, element type and shape."""
    message = read_message(data, budget)
    name = _text(message, 1)
    kinds = read_message(_part(message[2][-1]), budget) if message.get(2) else {}
    if not kinds.get(1):  # a sequence or a map: no tensor
        return Input(name, 0, ())
    tensor = read_message(_part(kinds[1][-1]), budget)
    sizes = []
    if tensor.get(2):
        for value in read_message(_part(tensor[2][-1]), budget).get(1, ()):
            size = _integer(read_message(_part(value), budget), 1)
            sizes.append(size if size > 0 else SYMBOLIC)
    return Input(name, _integer(tensor, 1), tuple(sizes))


def _check_order(model: OnnxModel) -> None:
    """Raise unless every value is made once, and before it is used: so there is no cycle."""
    made = set(model.initializers)
    for end in model.inputs:
        if end.name in made or not end.name:
            raise MalformedError(f"inputs of different names expected, got '{end.name[:60]}' twice")
        made.add(end.name)
    for node in model.nodes:
        if not any(node.outputs):
            raise MalformedError(f"{node.place}: an output expected, got none")
        lost = [name for name in node.inputs if name and name not in made]
        if lost:
            raise MalformedError(
                f"{node.place}: its input '{lost[0][:60]}' made before it expected, got none: "
                "a cycle, or nodes out of order"
            )
        fresh = [name for name in node.outputs if name]
        if len(set(fresh)) != len(fresh) or not made.isdisjoint(fresh):
            raise MalformedError(f"{node.place}: outputs of different names expected, got others")
        made.update(fresh)
    for name, _ in model.outputs:
        if name not in made:
            raise MalformedError(f"output '{name[:60]}' made by a node expected, got none")


def _part(value: Value) -> memoryview:
    if isinstance(value, int):
        raise MalformedError(f"bytes expected, got the number {value}")
    return value


def _only(message: Message, field: int, what: str) -> memoryview:
    values = message.get(field, [])
    if len(values) != 1:
        raise MalformedError(f"{what} expected, got {len(values)} of them")
    return _part(values[0])


def _integer(message: Message, field: int) -> int:
    """Return an integer field, 0 if it is not there."""
    value = message.get(field, [0])[-1]
    if not isinstance(value, int):
        raise MalformedError(f"a number expected in field {field}, got bytes")
    return signed(value)


def _text(message: Message, field: int) -> str:
    """Return a text field, empty if it is not there."""
    return read_name(message[field][-1]) if message.get(field) else ""


def _floats(values: "list[Value] | tuple[()]") -> Any:
    """Return float32 numbers of a field, packed or not."""
    parts = b"".join(bytes(_part(value)) for value in values)
    if len(parts) % 4:
        raise MalformedError(f"float32 numbers expected, got {len(parts)} bytes")
    return tuple(np.frombuffer(parts, FLOATS).tolist())
