"""The files that other libraries wrote, and small files made by hand, message by message."""

import json
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import helper, numpy_helper

FILES = Path(__file__).with_name("files")


@pytest.fixture(scope="session")
def cases():
    """Return, by name: optimizer, its numbers, PyTorch's losses, and the output to train on."""
    return json.loads((FILES / "cases.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def batch():
    """Return a function of a case's name: its inputs and targets."""
    arrays = np.load(FILES / "batches.npz")
    return lambda name: (arrays[f"{name}.x"], arrays[f"{name}.y"])


@pytest.fixture(scope="session")
def read():
    """Return a function of a case's name: the bytes of its file."""
    return lambda name: (FILES / f"{name}.onnx").read_bytes()


@pytest.fixture
def model():
    """Return a function that writes a file of nodes: (op, inputs, outputs, attributes).

    The input is `x` (rows, *row), the output is `y`.
    """

    def make(nodes, constants=None, *, row=(4,), kind=onnx.TensorProto.FLOAT, opset=17, out="y"):
        made = [helper.make_node(op, i, o, name=o[0], **more) for op, i, o, more in nodes]
        graph = helper.make_graph(
            made,
            "network",
            [helper.make_tensor_value_info("x", kind, ["rows", *row])],
            [helper.make_tensor_value_info(out, onnx.TensorProto.FLOAT, None)],
            [numpy_helper.from_array(np.asarray(v), k) for k, v in (constants or {}).items()],
        )
        opsets = [helper.make_opsetid("", opset)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=8).SerializeToString()

    return make
