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
    from collections.abc import Collection, Iterator, Mapping

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
    nodes: list[Node], initializers: Mapping[str, Array], source: str, frozen: Collection[str]
) -> Weights:
    """Return the parameters and buffers of the nodes' constants; `source` is the input."""
    constants = _with_copies(nodes, initializers)
    _check_frozen(frozen, constants)
    nodes = _separate(nodes, constants, frozen)
    weights = Weights(nodes, constants)
    for node in nodes:
        for index in STATISTICS.get(node.op, ()):
            if node.inputs[index] in constants:
                weights.parts[node.inputs[index]] = _buffer(constants[node.inputs[index]])
    search = _Search(constants, {name: node for node in nodes for name in node.outputs}, {source})
    for node in nodes:
        if not search.live.isdisjoint(node.inputs):
            search.live.update(node.outputs)
    for node in nodes:
        for name in search.trained(node):
            if name not in weights.parts and name not in frozen:
                weights.parts[name] = _parameter(constants[name])
    weights.parts = {name: weights.parts[name] for name in constants if name in weights.parts}
    _tie(weights)
    return weights


@dataclass(slots=True)
class _Search:
    """Constants, who makes each value, and the values that depend on the input."""

    constants: Mapping[str, Array]
    makers: Mapping[str, Node]
    live: set[str]

    def trained(self, node: Node) -> Iterator[str]:
        """Yield the constants that a node's weights are made of, if they are weights."""
        if node.op == "InstanceNormalization" and self._is_plain(node):
            return
        for index in WEIGHTS.get(node.op, ()):
            for name in self._origins(node, index):
                if self._is_weight(node, index, self.constants[name]):
                    yield name

    def _origins(self, node: Node, index: int) -> list[str]:
        """Return the constants that an input is made of.

        By moves alone; a factor of a product also by any arithmetic among constants, as a weight
        that is normalized.
        """
        found: list[str] = []
        waiting, seen = list(node.inputs[index : index + 1]), set()
        while waiting:
            at = waiting.pop()
            maker = self.makers.get(at)
            if at in seen:
                continue
            seen.add(at)
            if at in self.constants:
                found.append(at)
            elif maker is not None and maker.op in MOVES:
                waiting += maker.inputs if maker.op == "Concat" else maker.inputs[:1]
            elif maker is not None and node.op in PRODUCTS and at not in self.live:
                waiting += maker.inputs
        return found[::-1]

    def _is_weight(self, node: Node, index: int, values: Array) -> bool:
        """Return whether a constant in the place of a weight is one."""
        if values.dtype.kind != "f" or not values.size or not values.ndim:
            return False
        if not np.isfinite(values).all():
            return False
        if node.op == "Gather":
            return values.ndim >= 2
        if node.op not in ("Add", "Mul"):
            return True
        other = node.inputs[1 - index]
        fits = values.size > 1 or (node.op == "Add" and self._is_product(other))
        return fits and other in self.live and bool(np.abs(values).max() < MASKED)

    def _is_product(self, name: str) -> bool:
        """Return whether a value is a product, moved or not: what is added to it is a bias."""
        maker = self.makers.get(name)
        while maker is not None and maker.op in MOVES:
            maker = self.makers.get(maker.inputs[0])
        return maker is not None and maker.op in PRODUCTS

    def _is_plain(self, node: Node) -> bool:
        """Return whether an instance normalization scales by 1 and adds 0: no weights."""
        scale, bias = (self.constants.get(name) for name in node.inputs[1:3])
        if scale is None or bias is None:
            return False
        return bool((scale == 1).all() and (bias == 0).all())


def _with_copies(nodes: list[Node], initializers: Mapping[str, Array]) -> dict[str, Array]:
    """Return the constants, copies as their own: a weight with another's numbers is written so."""
    constants = dict(initializers)
    for node in nodes:
        if node.op == "Identity" and node.inputs[0] in initializers:
            constants[node.outputs[0]] = initializers[node.inputs[0]]
    return constants


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
