"""ONNX files of the three workloads' networks, written without a library: opset 20, float32.

Field numbers are those of onnx.proto3; the first axis of input and output is named `rows`.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from workloads import cnn, gpt, mlp

from delea.importers.onnx.wire import FIXED32, field_bytes, varint_bytes

Array = NDArray[Any]
KINDS = {"float32": 1, "int32": 6, "int64": 7}
IR_VERSION, OPSET, LEAST_GAP = 9, 20, 1e-5
FLOAT, INT, STRING, INTS = 1, 2, 3, 7


def _field(number: int, value: float | str | bytes) -> bytes:
    """Return one field of a message: an integer, a float32, or bytes with their length."""
    if isinstance(value, float):
        return varint_bytes(number << 3 | FIXED32) + np.float32(value).tobytes()
    return field_bytes(number, value)


def _attribute(name: str, value: Any) -> bytes:
    kinds = {float: (2, FLOAT), int: (3, INT), str: (4, STRING)}
    if isinstance(value, tuple):
        fields, kind = b"".join(_field(8, number) for number in value), INTS
    else:
        number, kind = kinds[type(value)]
        fields = _field(number, value)
    return _field(1, name) + fields + _field(20, kind)


def _tensor(name: str, array: Array) -> bytes:
    dims = b"".join(_field(1, size) for size in array.shape)
    kind = _field(2, KINDS[str(array.dtype)])
    return dims + kind + _field(8, name) + _field(9, np.ascontiguousarray(array).tobytes())


def _value(name: str, dtype: str, row: tuple[int, ...]) -> bytes:
    dims = [_field(2, "rows"), *(_field(1, size) for size in row)]
    shape = b"".join(_field(1, dim) for dim in dims)
    return _field(1, name) + _field(2, _field(1, _field(1, KINDS[dtype]) + _field(2, shape)))


class _Graph:
    """Nodes and constants, in order; `add` returns the name of a node's first result."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._count = 0

    def add(self, kind: str, *inputs: str | Array, outputs: int = 1, **attributes: Any) -> Any:
        """Add a node; arrays become constants."""
        names = [name if isinstance(name, str) else self._constant(name) for name in inputs]
        found = [self._name() for _ in range(outputs)]
        fields = [_field(1, name) for name in names] + [_field(2, name) for name in found]
        fields.append(_field(4, kind))
        fields += [_field(5, _attribute(key, value)) for key, value in attributes.items()]
        self._parts.append(_field(1, b"".join(fields)))
        return found[0] if outputs == 1 else found

    def model(
        self, dtype: str, row: tuple[int, ...], output: str, result: tuple[int, ...]
    ) -> bytes:
        """Return the file: input `input`, and `output`."""
        ends = _field(11, _value("input", dtype, row)) + _field(
            12, _value(output, "float32", result)
        )
        graph = b"".join(self._parts) + _field(2, "network") + ends
        return _field(1, IR_VERSION) + _field(7, graph) + _field(8, _field(2, OPSET))

    def _constant(self, array: Array) -> str:
        name = self._name()
        self._parts.append(_field(5, _tensor(name, array)))
        return name

    def _name(self) -> str:
        self._count += 1
        return f"t{self._count}"


def _mlp() -> bytes:
    graph, w = _Graph(), mlp.weights()
    hidden = graph.add("Gemm", "input", w["0.weight"], w["0.bias"], transB=1)
    output = graph.add("Gemm", graph.add("Relu", hidden), w["2.weight"], w["2.bias"], transB=1)
    return graph.model("float32", (1,), output, (1,))


def _cnn() -> bytes:
    graph, w = _Graph(), cnn.weights()
    h = "input"
    for layer in (0, 3):
        h = graph.add("Relu", graph.add("Conv", h, w[f"{layer}.weight"], w[f"{layer}.bias"]))
        h = graph.add("MaxPool", h, kernel_shape=(2, 2), strides=(2, 2))
    output = graph.add(
        "Gemm", graph.add("Flatten", h, axis=1), w["7.weight"], w["7.bias"], transB=1
    )
    return graph.model("float32", (1, cnn.SIDE, cnn.SIDE), output, (cnn.CLASSES,))


def _gpt() -> bytes:
    graph, w = _Graph(), gpt.weights()
    inner = gpt.WIDTH // gpt.HEADS
    mask = np.triu(np.full((gpt.LENGTH, gpt.LENGTH), -1e9, np.float32), 1)

    def linear(name: str, x: str) -> str:
        product = graph.add("MatMul", x, w[f"{name}.weight"].T)
        return str(graph.add("Add", product, w[f"{name}.bias"]))

    def norm(name: str, x: str) -> str:
        scale, bias = w[f"{name}.weight"], w[f"{name}.bias"]
        made = graph.add("LayerNormalization", x, scale, bias, axis=-1, epsilon=LEAST_GAP)
        return str(made)

    def attend(qkv: str) -> str:
        parts = graph.add("Reshape", qkv, np.array([0, gpt.LENGTH, 3, gpt.HEADS, inner]))
        turned = graph.add("Transpose", parts, perm=(2, 0, 3, 1, 4))
        pieces = graph.add("Split", turned, outputs=3, axis=0, num_outputs=3)
        q, k, v = (graph.add("Squeeze", piece, np.array([0])) for piece in pieces)
        scores = graph.add("MatMul", q, graph.add("Transpose", k, perm=(0, 1, 3, 2)))
        scaled = graph.add("Mul", scores, np.array(inner**-0.5, np.float32))
        weights = graph.add("Softmax", graph.add("Add", scaled, mask), axis=-1)
        mixed = graph.add("Transpose", graph.add("MatMul", weights, v), perm=(0, 2, 1, 3))
        return str(graph.add("Reshape", mixed, np.array([0, gpt.LENGTH, gpt.WIDTH])))

    h = graph.add("Gather", w["tokens.weight"], "input", axis=0)
    h = graph.add("Add", h, w["positions.weight"])
    for layer in range(gpt.LAYERS):
        at = f"blocks.{layer}"
        mixed = attend(linear(f"{at}.qkv", norm(f"{at}.norm1", h)))
        h = graph.add("Add", h, linear(f"{at}.project", mixed))
        wide = graph.add("Gelu", linear(f"{at}.widen", norm(f"{at}.norm2", h)), approximate="tanh")
        h = graph.add("Add", h, linear(f"{at}.narrow", wide))
    output = graph.add("MatMul", norm("norm", h), w["head.weight"].T)
    return graph.model("int32", (gpt.LENGTH,), output, (gpt.LENGTH, gpt.VOCABULARY))


MODELS: dict[str, Callable[[], bytes]] = {"mlp": _mlp, "cnn": _cnn, "gpt": _gpt}
