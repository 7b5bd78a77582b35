"""ONNX files, written message by message: nodes, constants, an input and an output.

Field numbers are those of onnx.proto3.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from delea.importers.onnx.wire import FIXED32, field_bytes, varint_bytes

Array = NDArray[Any]

IR_VERSION, OPSET = 8, 17
ROWS = "rows"
KINDS = {"f32": 1, "i32": 6}
_NUMPY = {"float32": 1, "int32": 6, "int64": 7, "bool": 9}
_FLOAT, _INT, _STRING, _INTS = 1, 2, 3, 7
Attribute = float | int | str | tuple[int, ...]


@dataclass(slots=True)
class Writer:
    """Collects nodes and constants; values go by their names."""

    taken: set[str] = field(default_factory=set)
    _nodes: list[bytes] = field(default_factory=list)
    _constants: list[bytes] = field(default_factory=list)
    _known: dict[tuple[str, tuple[int, ...], bytes], str] = field(default_factory=dict)
    _count: int = 0

    def add(self, op: str, *inputs: str, name: str = "", **attributes: Attribute) -> str:
        """Add a node and return the name of its output."""
        output = name or self.fresh()
        fields = [field_bytes(1, value) for value in inputs] + [field_bytes(2, output)]
        fields += [field_bytes(3, f"{op} {output}"), field_bytes(4, op)]
        fields += [field_bytes(5, _attribute(*pair)) for pair in sorted(attributes.items())]
        self._nodes.append(b"".join(fields))
        return output

    def constant(self, values: Array) -> str:
        """Return the name of a constant; equal ones are one."""
        key = (str(values.dtype), values.shape, values.tobytes())
        if key not in self._known:
            self._known[key] = self.fresh()
            self.tensor(self._known[key], values)
        return self._known[key]

    def tensor(self, name: str, values: Array) -> None:
        """Add a constant by name."""
        sizes = b"".join(field_bytes(1, size) for size in values.shape)
        kind = field_bytes(2, _NUMPY[str(values.dtype)])
        data = np.ascontiguousarray(values).astype(values.dtype.newbyteorder("<")).tobytes()
        self._constants.append(sizes + kind + field_bytes(8, name) + field_bytes(9, data))

    def fresh(self) -> str:
        """Return a name that no tensor of the state has."""
        while (name := f"v{self._count}") in self.taken:
            self._count += 1
        self._count += 1
        return name

    def model(self, source: bytes, result: bytes, metadata: Mapping[str, str]) -> bytes:
        """Return the file, given its input and its output."""
        graph = b"".join(
            [
                *(field_bytes(1, node) for node in self._nodes),
                field_bytes(2, "delea"),
                *(field_bytes(5, constant) for constant in self._constants),
                field_bytes(11, source),
                field_bytes(12, result),
            ]
        )
        notes = [
            field_bytes(14, field_bytes(1, key) + field_bytes(2, metadata[key]))
            for key in sorted(metadata)
        ]
        head = field_bytes(1, IR_VERSION) + field_bytes(2, "delea")
        opset = field_bytes(8, field_bytes(1, "") + field_bytes(2, OPSET))
        return b"".join([head, field_bytes(7, graph), opset, *notes])


def end(name: str, dtype: str, shape: tuple[int, ...], axis: int | None) -> bytes:
    """Return an input or an output; the axis that counts the rows has no number."""
    sizes = [
        field_bytes(1, field_bytes(2, ROWS) if i == axis else field_bytes(1, size))
        for i, size in enumerate(shape)
    ]
    tensor = field_bytes(1, KINDS[dtype]) + field_bytes(2, b"".join(sizes))
    return field_bytes(1, name) + field_bytes(2, field_bytes(1, tensor))


def _attribute(name: str, value: Attribute) -> bytes:
    if isinstance(value, tuple):
        fields, kind = b"".join(field_bytes(8, number) for number in value), _INTS
    elif isinstance(value, float):
        fields, kind = varint_bytes(2 << 3 | FIXED32) + np.float32(value).tobytes(), _FLOAT
    elif isinstance(value, str):
        fields, kind = field_bytes(4, value), _STRING
    else:
        fields, kind = field_bytes(3, value), _INT
    return field_bytes(1, name) + fields + field_bytes(20, kind)
