"""Which of a file's constants are trained: ONNX does not say, so it follows from their use.

A constant is a parameter if it reaches the place of a weight: a factor of a product, a filter, a
table that is looked up, a scale or a bias; through moves such as a transposition, too. The running
statistics of a batch normalization are buffers. What else there is stays a constant.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from delea.errors import GraphError
from delea.nn import Buffer, Parameter

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from numpy.typing import NDArray

    from delea.importers.onnx.model import Node
    from delea.nn.module import Stored

    Array = NDArray[Any]

WEIGHTS: dict[str, tuple[int, ...]] = {
    "MatMul": (0, 1),
    "Gemm": (0, 1, 2),
    "Conv": (1, 2),
    "ConvTranspose": (1, 2),
    "BatchNormalization": (1, 2),
    "LayerNormalization": (1, 2),
    "GroupNormalization": (1, 2),
    "InstanceNormalization": (1, 2),
    "LSTM": (1, 2, 3),
    "GRU": (1, 2, 3),
    "RNN": (1, 2, 3),
    "PRelu": (1,),
    "Gather": (0,),
    "Add": (0, 1),
    "Mul": (0, 1),
}
"""The inputs that are weights, by operation."""

STATISTICS = {"BatchNormalization": (3, 4)}
MOVES = frozenset(
    (
        "Cast",
        "CastLike",
        "Concat",
        "Flatten",
        "Reshape",
        "Slice",
        "Split",
        "Squeeze",
        "Transpose",
        "Unsqueeze",
    )
)
PRODUCTS = frozenset(("MatMul", "Gemm", "Conv", "ConvTranspose"))
MASKED = 1e4
"""A constant that is added and holds numbers as large as this is a mask."""


@dataclass(slots=True)
class Weights:
    """What was found: tensors of the state by the value's name in the file.

    `nodes` are the file's, each reading weights of its own; `constants` is what they read. `tied`
    names the values that are another's transposition, number for number.
    """

    nodes: list[Node]
    constants: dict[str, Array]
    parts: dict[str, Stored] = field(default_factory=dict)
    tied: dict[str, str] = field(default_factory=dict)


def find_weights(
    nodes: list[Node], initializers: Mapping[str, Array], frozen: Collection[str]
) -> Weights:
    """Return the parameters and buffers of the nodes' constants."""
    constants = dict(initializers)
    for node in nodes:  # a copy is what an exporter makes of a weight with another's numbers
        if node.op == "Identity" and node.inputs[0] in initializers:
            constants[node.outputs[0]] = initializers[node.inputs[0]]
    _check_frozen(frozen, constants)
    nodes = _separate(nodes, constants, frozen)
    makers = {name: node for node in nodes for name in node.outputs}
    weights = Weights(nodes, constants)
    for node in nodes:
        for index in STATISTICS.get(node.op, ()):
            if node.inputs[index] in constants:
                weights.parts[node.inputs[index]] = _buffer(constants[node.inputs[index]])
    for node in nodes:
        for index in WEIGHTS.get(node.op, ())[: 0 if _is_plain(node, constants) else None]:
            for name in _origins(node.inputs[index : index + 1], makers, constants):
                fits = name not in weights.parts and name not in frozen
                if fits and _is_trained(node, index, constants[name], makers):
                    weights.parts[name] = _parameter(constants[name])
    weights.parts = {name: weights.parts[name] for name in constants if name in weights.parts}
    _tie(weights)
    return weights


def _check_frozen(frozen: Collection[str], constants: Mapping[str, Array]) -> None:
    unknown = sorted(name for name in frozen if name not in constants)
    if unknown:
        raise GraphError(f"names of the file's constants expected, got '{unknown[0][:60]}'")


def _separate(
    nodes: list[Node], constants: dict[str, Array], frozen: Collection[str]
) -> list[Node]:
    """Give each node a weight of its own where several read one that is the same number throughout.

    Exporters write equal tensors once, and so all the biases that begin as zeros. The nodes of one
    module read the same.
    """
    used: dict[tuple[str, bytes | int], str] = {}
    taken: set[str] = set()
    found = []
    for node in nodes:
        inputs = list(node.inputs)
        for index in WEIGHTS.get(node.op, ()):
            name = inputs[index] if index < len(inputs) else ""
            values = constants.get(name)
            if values is None or name in frozen or not _is_fresh(values):
                continue
            owner = (name, node.module or node.number)
            if owner not in used:
                used[owner] = _another(name, constants) if name in taken else name
                constants[used[owner]] = values
                taken.add(name)
            inputs[index] = used[owner]
        found.append(replace(node, inputs=tuple(inputs)))
    return found


def _is_fresh(values: Array) -> bool:
    """Return whether a tensor is one number throughout, as biases and gains begin."""
    return values.dtype.kind == "f" and values.ndim > 0 and bool((values == values.flat[:1]).all())


def _another(name: str, taken: Collection[str]) -> str:
    count = 2
    while f"{name}.{count}" in taken:
        count += 1
    return f"{name}.{count}"


def _origins(
    names: Sequence[str], makers: Mapping[str, Node], constants: Mapping[str, Array]
) -> list[str]:
    """Return the constants that values are made of by moves alone."""
    found, waiting, seen = [], list(names), set()
    while waiting:
        at = waiting.pop()
        if at in seen:
            continue
        seen.add(at)
        node = makers.get(at)
        if at in constants:
            found.append(at)
        elif node is not None and node.op in MOVES:
            waiting += node.inputs if node.op == "Concat" else node.inputs[:1]
    return found[::-1]


def _is_plain(node: Node, constants: Mapping[str, Array]) -> bool:
    """Return whether an instance normalization scales by 1 and adds 0: no weights of its own."""
    if node.op != "InstanceNormalization":
        return False
    scale, bias = (constants.get(name) for name in node.inputs[1:3])
    return scale is not None and bias is not None and bool((scale == 1).all() and (bias == 0).all())


def _is_trained(node: Node, index: int, values: Array, makers: Mapping[str, Node]) -> bool:
    """Return whether a constant in the place of a weight is one."""
    if values.dtype.kind != "f" or not values.ndim or not np.isfinite(values).all():
        return False
    if node.op == "Gather":
        return values.ndim >= 2
    if node.op in ("Add", "Mul"):
        other = makers.get(node.inputs[1 - index])
        after = node.op == "Add" and other is not None and other.op in PRODUCTS
        return (values.size > 1 or after) and bool(np.abs(values).max() < MASKED)
    return values.size > 0


def _parameter(values: Array) -> Parameter:
    part = Parameter(values.shape)
    part.set(values)
    return part


def _buffer(values: Array) -> Buffer:
    part = Buffer(values.shape)
    part.set(values)
    return part


def _tie(weights: Weights) -> None:
    """Make one tensor of two matrices that are each other's transposition, number for number.

    An exporter writes a table that is also the last layer's matrix twice. Matrices of one number
    are as they were drawn, not tied.
    """
    known: dict[tuple[tuple[int, ...], bytes], str] = {}
    for name, part in list(weights.parts.items()):
        values = part.value
        if not isinstance(part, Parameter) or values is None or values.ndim != 2:
            continue
        if min(values.shape) < 2 or (values == values.flat[0]).all():
            continue
        turned = np.ascontiguousarray(values.T)
        other = known.get((turned.shape, turned.tobytes()))
        if other is not None:
            weights.tied[name] = other
            del weights.parts[name]
        else:
            known[(values.shape, values.tobytes())] = name
