"""What was trained goes out as ONNX: onnxruntime gives the same answers, for any number of rows."""

import numpy as np
import onnx
import onnxruntime
import pytest

from delea import compiler, nn, runtime
from delea.artifact import read_manifest
from delea.graph import F32, Builder
from delea.importers.onnx import from_bytes, to_onnx

STEPS = 3


def exported(artifact, state):
    """Return the ONNX file of a state."""
    graphs = compiler.read_definition(artifact.module).graphs
    manifest = read_manifest(artifact.module)
    weights = {
        tensor.name: np.frombuffer(state, "<f4", int(np.prod(tensor.shape)), tensor.offset)
        for tensor in manifest.tensors
    }
    return to_onnx((graphs["infer"], graphs["infer_one"]), weights)


def answers(data, x):
    onnx.checker.check_model(onnx.load_from_string(data), full_check=True)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    session = onnxruntime.InferenceSession(data, options)
    return session.run(None, {"input": x})[0]


def check(program, x):
    """Train a few steps, export, and compare the answers for several rows."""
    artifact = compiler.build(program)
    work = (artifact.module, artifact.dataset, artifact.genesis, bytes(32), STEPS)
    state = runtime.train(*work).state
    data = exported(artifact, state)
    for rows in (x[:1], x[:3], np.concatenate([x, x, x])):
        got = answers(data, rows if x.dtype == np.float32 else rows.astype(np.int32))
        wanted = np.frombuffer(
            runtime.infer(artifact.module, state, rows[:4].tobytes()), np.float32
        )
        assert np.abs(got[:4].reshape(-1) - wanted).max() <= 1e-5
        assert len(got) == len(rows)
    return data


@pytest.mark.parametrize(
    "name",
    [
        "resnet-13",
        "depthwise-17",
        "batchnorm-21",
        "autoencoder-13",
        "gpt-17",
        "gpt-21",
        "lstm-17",
        "gru-21",
        "rnn-13",
        "encoder-21",
        "sklearn-mlp-13",
    ],
)
def test_an_imported_network_goes_out_again_and_answers_the_same(name, batch, read):
    x, y = batch(name)
    loss = nn.MSELoss() if y.dtype == np.float32 else nn.CrossEntropyLoss()
    data = nn.Dataset(x, y)
    check(nn.Program(from_bytes(read(name)), loss, nn.SGD(0.01), data, infer_batch=4), x)


def test_a_network_of_layers_goes_out():
    x = np.random.default_rng(0).standard_normal((8, 2, 6, 6)).astype(np.float32)
    network = nn.Sequential(
        nn.Conv2d(2, 4, 3, padding=1),
        nn.BatchNorm2d(4),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.ConvTranspose2d(4, 2, 3, stride=2, padding=1, output_padding=1),
        nn.GELU(),
        nn.Flatten(),
        nn.Linear(72, 3),
        nn.Softmax(),
    )
    data = nn.Dataset(x, np.zeros((8, 3), np.float32))
    check(nn.Program(network, nn.MSELoss(), nn.SGD(0.01), data, infer_batch=4), x)


def test_a_convolution_goes_out_as_one_with_its_own_filters():
    x = np.random.default_rng(0).standard_normal((8, 4, 7, 6)).astype(np.float32)
    network = nn.Sequential(
        nn.Conv2d(4, 6, (3, 2), stride=2, padding=1),
        nn.Conv2d(6, 12, 3, dilation=1, groups=6),
        nn.Conv2d(12, 8, 1, groups=2, bias=False),
        nn.Conv2d(8, 8, 2, padding=1, groups=4),
        nn.Flatten(),
        nn.Linear(72, 3),
    )
    data = nn.Dataset(x, np.zeros((8, 3), np.float32))
    program = nn.Program(network, nn.MSELoss(), nn.SGD(0.01), data, infer_batch=4)
    nodes = onnx.load_from_string(check(program, x)).graph.node
    convolutions = [node for node in nodes if node.op_type == "Conv"]
    assert [node.input[1] for node in convolutions[:2]] == ["0.weight", "1.weight"]
    assert len(convolutions) == 2 + 2 + 4  # one for each group that has channels together
    assert "Gather" not in {node.op_type for node in nodes}


@pytest.mark.parametrize("name", ["gpt-17", "autoencoder-13", "rnn-13", "encoder-21"])
def test_what_went_out_comes_in_again_and_trains_on(name, batch, read):
    x, y = batch(name)
    loss = nn.MSELoss() if y.dtype == np.float32 else nn.CrossEntropyLoss()
    made = []
    first = from_bytes(read(name))
    for network in (first, None):
        again = network or from_bytes(made[0])
        program = nn.Program(again, loss, nn.SGD(0.01), nn.Dataset(x, y), infer_batch=4)
        artifact = compiler.build(program)
        made.append(exported(artifact, artifact.genesis))
        work = (artifact.module, artifact.dataset, artifact.genesis, bytes(32), STEPS)
        made.append(runtime.train(*work).losses)
    known = {name for name, _ in first.named_parameters()}
    assert known == {name for name, _ in again.named_parameters()}
    assert np.abs(np.array(made[3]) / np.array(made[1]) - 1).max() <= 1e-4


def test_a_graph_that_does_not_treat_rows_alike_is_written_for_one():
    graphs = []
    for rows in (4, 1):
        builder = Builder()
        leaf = builder.leaf("input", "input", (rows, 3), F32)
        total = builder.reduce("sum", leaf, (0,))
        graphs.append(builder.graph({"output": builder.add("add", leaf, total)}))
    model = to_onnx((graphs[0], graphs[1]), {})
    shape = onnx.load_from_string(model).graph.input[0].type.tensor_type.shape
    assert [size.dim_value for size in shape.dim] == [1, 3]
    assert answers(model, np.array([[1, 2, 3]], np.float32)).tolist() == [[2.0, 4.0, 6.0]]


def test_the_metadata_is_in_the_file(read):
    network = from_bytes(read("sklearn-mlp-13"))
    x = np.ones((8, 4), np.float32)
    data = nn.Dataset(x, np.zeros((8, 1), np.float32))
    artifact = compiler.build(nn.Program(network, nn.MSELoss(), nn.SGD(0.01), data))
    graphs = compiler.read_definition(artifact.module).graphs
    weights = network.state_dict()
    pair = (graphs["infer"], graphs["infer_one"])
    model = onnx.load_from_string(to_onnx(pair, weights, {"root": "00ff", "contract": "1:0x"}))
    kept = {entry.key: entry.value for entry in model.metadata_props}
    assert kept == {"root": "00ff", "contract": "1:0x"}
    assert to_onnx(pair, weights) == to_onnx(pair, weights)
