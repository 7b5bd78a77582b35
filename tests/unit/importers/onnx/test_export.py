"""What was trained goes out as ONNX: onnxruntime gives the same answers, for any number of rows."""

import numpy as np
import onnx
import onnxruntime
import pytest

from delea import compiler, nn, runtime
from delea.artifact import read_manifest
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
