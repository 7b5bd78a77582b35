"""Networks of torch.onnx (both exporters) and skl2onnx: the same answers, the same training."""

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import helper

from delea import compiler, nn, runtime
from delea.importers.onnx import from_bytes

TORCH = (
    "resnet-13",
    "resnet-21",
    "depthwise-17",
    "depthwise-18",
    "batchnorm-13",
    "batchnorm-18",
    "batchnorm-21",
    "autoencoder-13",
    "autoencoder-21",
    "gpt-13",
    "gpt-17",
    "gpt-18",
    "gpt-21",
    "lstm-13",
    "lstm-17",
    "lstm-18",
    "gru-17",
    "gru-21",
    "rnn-13",
    "encoder-17",
    "encoder-21",
)
SKLEARN = ("sklearn-mlp-13", "sklearn-classifier-17")
KERAS = ("keras-cnn-17", "keras-lstm-18", "keras-attention-13")
STEPS = 20
OPTIMIZERS = {"sgd": nn.SGD, "adam": nn.Adam, "adamw": nn.AdamW}


def _program(network, case, x, y):
    loss = nn.MSELoss() if y.dtype == np.float32 else nn.CrossEntropyLoss()
    numbers = {"lr": 0.05} if case is None else case["numbers"]
    optimizer = nn.SGD if case is None else OPTIMIZERS[case["optimizer"]]
    return nn.Program(network, loss, optimizer(**numbers), nn.Dataset(x, y), infer_batch=4)


def _answers(data, x, output):
    """Return onnxruntime's answers, of the network as it is after training."""
    model = onnx.load_from_string(data)
    for node in model.graph.node:
        if node.op_type == "BatchNormalization":
            del node.output[1:]
        for attribute in node.attribute:
            if attribute.name == "training_mode":
                attribute.i = 0
    if output is not None:
        model.graph.output.append(helper.make_empty_tensor_value_info(output))
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    session = onnxruntime.InferenceSession(model.SerializeToString(), options)
    source = session.get_inputs()[0]
    x = x.astype(np.int64) if "int64" in source.type else x
    return session.run(output and [output], {source.name: x})[0]


@pytest.mark.parametrize("name", TORCH + SKLEARN)
def test_an_imported_network_answers_as_onnxruntime_does(name, cases, batch, read):
    x, y = batch(name)
    output = cases[name]["output"]
    network = from_bytes(read(name), output=output)
    artifact = compiler.build(_program(network, cases[name], x, y))
    answers = runtime.infer(artifact.module, artifact.genesis, x.tobytes())
    expected = _answers(read(name), x, output)
    found = np.frombuffer(answers, np.float32).reshape(expected.shape)
    assert np.abs(found - expected).max() <= 1e-5


@pytest.mark.parametrize("name", TORCH + SKLEARN)
def test_an_imported_network_trains_as_pytorch_does(name, cases, batch, read):
    x, y = batch(name)
    network = from_bytes(read(name), output=cases[name]["output"])
    artifact = compiler.build(_program(network, cases[name], x, y))
    work = (artifact.module, artifact.dataset, artifact.genesis, bytes(32), STEPS)
    losses = np.array(runtime.train(*work).losses)
    expected = np.array(cases[name]["losses"])
    assert np.abs(losses / expected - 1).max() <= 1e-4
    assert losses[-1] < losses[0]


@pytest.mark.parametrize("name", KERAS)
def test_a_network_of_keras_answers_as_onnxruntime_does_and_trains(name, read):
    generator = np.random.default_rng(7)
    shape = {"keras-cnn-17": (8, 8, 3), "keras-lstm-18": (5, 6), "keras-attention-13": (5, 8)}[name]
    x = generator.standard_normal((8, *shape)).astype(np.float32)
    expected = _answers(read(name), x, None)
    y = np.eye(expected.shape[1], dtype=np.float32)[np.arange(8) % expected.shape[1]]
    artifact = compiler.build(_program(from_bytes(read(name)), None, x, y))
    answers = np.frombuffer(
        runtime.infer(artifact.module, artifact.genesis, x.tobytes()), np.float32
    )
    assert np.abs(answers.reshape(expected.shape) - expected).max() <= 1e-5
    work = (artifact.module, artifact.dataset, artifact.genesis, bytes(32), STEPS)
    losses = runtime.train(*work).losses
    assert losses[-1] < losses[0]


def test_equal_biases_that_a_file_has_once_are_trained_apart(read):
    names = [name for name, _ in from_bytes(read("gpt-18")).named_parameters()]
    gains = [name for name in names if name.startswith("layers.0.norm1.weight")]
    assert len(gains) == 9  # two in each of four layers, and the last
    assert len(names) == len(set(names)) == 4 * 12 + 5


def test_the_parameters_keep_the_names_that_they_have_in_the_file(read):
    network = from_bytes(read("lstm-17"))
    assert [name for name, _ in network.named_parameters()] == [
        "table.weight",
        "cell.weight_ih_l0",
        "cell.weight_hh_l0",
        "cell.bias_ih_l0",
        "cell.bias_hh_l0",
        "cell.weight_ih_l0_reverse",
        "cell.weight_hh_l0_reverse",
        "cell.bias_ih_l0_reverse",
        "cell.bias_hh_l0_reverse",
        "head.weight",
        "head.bias",
    ]


def test_running_statistics_are_buffers(read):
    network = from_bytes(read("batchnorm-13"))
    assert [name for name, _ in network.named_buffers()] == [
        "1.running_mean",
        "1.running_var",
        "5.running_mean",
        "5.running_var",
    ]


def test_a_tied_table_is_one_parameter(read):
    names = [name for name, _ in from_bytes(read("gpt-21")).named_parameters()]
    assert len([name for name in names if "tokens" in name or "head" in name]) == 1
