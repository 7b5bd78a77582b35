"""Programs with parts from the command line: losses, data, weights."""

from dataclasses import replace

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper

from delea import nn
from delea.errors import GraphError, MissingError, UsageError
from delea.importers.safetensors import write_safetensors
from delea.roles.datasets import Wish, make_data, write_data
from delea.roles.imports import AS_IT_IS, Training, find_program, read_weights

MODEL = """
import numpy as np
from delea import nn

x = np.ones((4, 2), np.float32)
program = nn.Program(nn.Sequential(nn.Linear(2, 3)), nn.MSELoss(), nn.SGD(0.1), nn.Dataset(x, np.ones((4, 3))))
"""  # noqa: E501


@pytest.fixture
def model(tmp_path):
    path = tmp_path / "model.py"
    path.write_text(MODEL)
    return path


@pytest.fixture
def data(tmp_path):
    (tmp_path / "t.csv").write_text("a,b,kind\n1,2,0\n3,4,2\n5,6,1\n")
    write_data(tmp_path / "t.data", make_data(tmp_path / "t.csv", Wish(targets=("kind",))))
    return tmp_path / "t.data"


def test_a_file_alone_is_as_it_is(model):
    program = find_program(model, None, AS_IT_IS)
    assert isinstance(program.loss, nn.MSELoss)
    assert program.batch is None


def test_what_is_given_stands_in_place_of_the_files_own(model, data):
    training = Training("cross_entropy", "adam:lr=0.5", data, 2, 7, 3)
    program = find_program(model, None, training)
    assert program.loss.name == "cross_entropy"
    assert program.optimizer.lr == 0.5
    assert program.data.targets.tolist() == [0, 2, 1]
    assert (program.batch, program.steps_per_update, program.infer_batch) == (2, 7, 3)


def values():
    return {"0.weight": np.full((3, 2), 0.25), "0.bias": np.array([1.0, 2.0, 3.0])}


def test_weights_are_set_by_name(model, tmp_path):
    (tmp_path / "w.safetensors").write_bytes(write_safetensors(values().items()))
    program = find_program(model, None, Training(weights=tmp_path / "w.safetensors"))
    assert program.network.state_dict()["0.bias"].tolist() == [1, 2, 3]


def test_weights_may_be_a_npz(model, tmp_path):
    np.savez(tmp_path / "w.npz", **values())
    program = find_program(model, None, Training(weights=tmp_path / "w.npz"))
    assert program.network.state_dict()["0.weight"].tolist() == [[0.25, 0.25]] * 3


def test_weights_of_another_network_are_refused(model, tmp_path):
    (tmp_path / "w.safetensors").write_bytes(write_safetensors([("fc.bias", np.ones(3))]))
    with pytest.raises(GraphError, match=r"weights for 0\.weight, 0\.bias expected"):
        find_program(model, None, Training(weights=tmp_path / "w.safetensors"))


def test_another_kind_of_weights_is_refused(tmp_path):
    with pytest.raises(UsageError, match=r"\.safetensors, \.pt, \.pth, \.npz expected, got"):
        read_weights(tmp_path / "w.pkl")
    with pytest.raises(MissingError):
        read_weights(tmp_path / "w.pt")


@pytest.mark.parametrize(("source", "from_torch"), [(None, None), ("model.py", "net:Net")])
def test_one_source_is_expected(source, from_torch, tmp_path):
    path = None if source is None else tmp_path / source
    with pytest.raises(UsageError, match="a file or --from-torch MODULE:CLASS expected"):
        find_program(path, from_torch, AS_IT_IS)


def test_a_network_alone_needs_the_rest(data):
    for training in (AS_IT_IS, Training("mse", "adam"), Training("mse", data=data)):
        with pytest.raises(UsageError, match="--loss, --optimizer and --data expected"):
            find_program(None, "net:Net", training)


@pytest.fixture
def onnx(tmp_path):
    """Return an ONNX file of a linear layer and a softmax."""
    nodes = [
        helper.make_node("Gemm", ["x", "fc.weight", "fc.bias"], ["logits"], transB=1),
        helper.make_node("Softmax", ["logits"], ["y"]),
    ]
    ends = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, ["rows", size])
        for name, size in (("x", 2), ("y", 3))
    ]
    weights = {"fc.weight": np.ones((3, 2), np.float32), "fc.bias": np.ones(3, np.float32)}
    constants = [numpy_helper.from_array(v, k) for k, v in weights.items()]
    graph = helper.make_graph(nodes, "network", ends[:1], ends[1:], constants)
    opsets = [helper.make_opsetid("", 17)]
    (tmp_path / "m.onnx").write_bytes(
        helper.make_model(graph, opset_imports=opsets).SerializeToString()
    )
    return tmp_path / "m.onnx"


def test_an_onnx_file_is_cut_at_its_logits_and_keeps_what_is_frozen(onnx, data):
    training = Training("cross_entropy", "sgd", data)
    with pytest.raises(GraphError, match="choose 'logits'"):
        find_program(onnx, None, training)
    training = replace(training, output="logits", frozen=("fc.bias",))
    program = find_program(onnx, None, training)
    assert [name for name, _ in program.network.named_parameters()] == ["fc.weight"]
    assert [name for name, _ in program.network.named_buffers()] == []  # one number: no tensor


def test_an_output_beside_a_python_file_is_refused(model):
    with pytest.raises(UsageError, match="beside an ONNX file expected"):
        find_program(model, None, Training(output="logits"))
