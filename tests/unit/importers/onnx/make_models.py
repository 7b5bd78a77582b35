"""Write the ONNX files of these tests anew, by the libraries that people use.

Needs what the tests do not: torch, onnxscript and skl2onnx. For each network it writes the file,
a batch, and the losses that PyTorch gets in 20 steps on that batch.
"""

import io
import json
import warnings
from pathlib import Path

import numpy as np
import onnx
from skl2onnx import to_onnx
from sklearn.neural_network import MLPClassifier, MLPRegressor
from torch.nn import functional as f

import torch
from torch import nn

FILES = Path(__file__).with_name("files")
STEPS, ROWS, SEED = 20, 8, 7
SCOPES = "pkg.torch.onnx.name_scopes"  # the rest of what torch notes has paths of the machine


class Block(nn.Module):
    """Two convolutions beside a shortcut."""

    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.norm1, self.norm2 = nn.BatchNorm2d(outputs), nn.BatchNorm2d(outputs)
        self.shortcut = nn.Identity()
        if stride > 1:
            conv = nn.Conv2d(inputs, outputs, 1, stride, bias=False)
            self.shortcut = nn.Sequential(conv, nn.BatchNorm2d(outputs))

    def forward(self, x):
        y = self.norm2(self.conv2(f.relu(self.norm1(self.conv1(x)))))
        return f.relu(y + self.shortcut(x))


def resnet():
    stem = (nn.Conv2d(3, 4, 3, padding=1, bias=False), nn.BatchNorm2d(4), nn.ReLU())
    blocks = (Block(4, 4, 1), Block(4, 8, 2), Block(8, 16, 2))
    return nn.Sequential(*stem, *blocks, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(16, 10))


def depthwise():
    return nn.Sequential(
        nn.Conv2d(3, 8, 3, 2, 1),
        nn.ReLU6(),
        nn.Conv2d(8, 8, 3, 1, 1, groups=8),
        nn.BatchNorm2d(8),
        nn.Hardswish(),
        nn.Conv2d(8, 12, 1),
        nn.SiLU(),
        nn.MaxPool2d(3, 2, 1, ceil_mode=True),
        nn.AvgPool2d(2, 1, 1, count_include_pad=False),
        nn.Flatten(),
        nn.Linear(12 * 25, 5),
    )


def batchnorm():
    return nn.Sequential(
        nn.Conv1d(2, 6, 3, padding=1),
        nn.BatchNorm1d(6),
        nn.LeakyReLU(0.2),
        nn.GroupNorm(2, 6),
        nn.Conv1d(6, 4, 4, stride=2, dilation=2, groups=2),
        nn.BatchNorm1d(4, momentum=0.3),
        nn.ELU(),
        nn.Flatten(),
        nn.Linear(12, 3),
    )


def autoencoder():
    return nn.Sequential(
        nn.Conv2d(1, 6, 3, 2, 1),
        nn.ReLU(),
        nn.Conv2d(6, 10, 3, 2, 1),
        nn.GELU(approximate="tanh"),
        nn.ConvTranspose2d(10, 6, 3, 2, 1, output_padding=1),
        nn.PReLU(6),
        nn.ConvTranspose2d(6, 1, 2, 2),
        nn.Sigmoid(),
    )


class Attention(nn.Module):
    """Causal attention, by hand or by PyTorch's own function."""

    def __init__(self, width, heads, length, *, own):
        super().__init__()
        self.heads, self.own = heads, own
        self.qkv, self.project = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.register_buffer("mask", torch.tril(torch.ones(length, length)))

    def forward(self, x):
        batch, length, width = x.size()
        heads = (batch, length, self.heads, width // self.heads)
        q, k, v = (part.view(heads).transpose(1, 2) for part in self.qkv(x).split(width, 2))
        if self.own:
            mixed = f.scaled_dot_product_attention(q, k, v, is_causal=True)
        else:
            scores = q @ k.transpose(-2, -1) * (1.0 / k.size(-1) ** 0.5)
            scores = scores.masked_fill(self.mask[:length, :length] == 0, float("-inf"))
            mixed = f.softmax(scores, -1) @ v
        return self.project(mixed.transpose(1, 2).contiguous().view(batch, length, width))


class Layer(nn.Module):
    """One layer of a GPT."""

    def __init__(self, width, length, *, own):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.attention = Attention(width, 2, length, own=own)
        self.widen, self.narrow = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, x):
        x = x + self.attention(self.norm1(x))
        return x + self.narrow(f.gelu(self.widen(self.norm2(x))))


class GPT(nn.Module):
    """Four layers; with `tied` the last matrix is the table of the tokens."""

    def __init__(self, *, own=False, tied=False):
        super().__init__()
        self.tokens, self.positions = nn.Embedding(17, 8), nn.Embedding(6, 8)
        self.layers = nn.ModuleList(Layer(8, 6, own=own) for _ in range(4))
        self.norm, self.head = nn.LayerNorm(8), nn.Linear(8, 17, bias=False)
        if tied:
            self.head.weight = self.tokens.weight

    def forward(self, x):
        h = self.tokens(x) + self.positions(torch.arange(x.shape[1], device=x.device))
        for layer in self.layers:
            h = layer(h)
        return self.head(self.norm(h))


class Recurrent(nn.Module):
    """Classes from the last output of a recurrent layer."""

    def __init__(self, kind, layers, **options):
        super().__init__()
        self.table = nn.Embedding(11, 6)
        self.cell = kind(6, 7, layers, batch_first=True, **options)
        self.head = nn.Linear(14 if options.get("bidirectional") else 7, 3)

    def forward(self, x):
        return self.head(self.cell(self.table(x))[0][:, -1])


class Encoder(nn.Module):
    """A transformer's encoder over vectors, with a mask that is a constant."""

    def __init__(self):
        super().__init__()
        layer = nn.TransformerEncoderLayer(8, 2, 16, dropout=0.0, batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, 1, enable_nested_tensor=False)
        self.head = nn.Linear(8, 3)
        self.register_buffer("mask", torch.triu(torch.full((5, 5), float("-inf")), 1))

    def forward(self, x):
        return self.head(self.encoder(x, mask=self.mask, is_causal=False).mean(1))


def nudged(network):
    """Return a network that is not as it began: exporters drop biases that are 0."""
    with torch.no_grad():
        for part in network.parameters():
            part.add_(torch.randn(part.shape) * 0.1)
    return network


def images(channels, side, classes):
    def draw(generator):
        x = generator.standard_normal((ROWS, channels, side, side)).astype(np.float32)
        return x, (generator.integers(0, classes, ROWS) if classes else 1 / (1 + np.exp(-x)))

    return draw


def signals(channels, length, classes):
    def draw(generator):
        x = generator.standard_normal((ROWS, channels, length)).astype(np.float32)
        return x, generator.integers(0, classes, ROWS)

    return draw


def tokens(vocabulary, length, classes):
    def draw(generator):
        x = generator.integers(0, vocabulary, (ROWS, length))
        return x, generator.integers(0, classes, (ROWS,) if classes < 10 else (ROWS, length))

    return draw


SGD = ("sgd", {"lr": 0.01, "momentum": 0.9})
ADAM = ("adam", {"lr": 1e-2})
ADAMW = ("adamw", {"lr": 3e-3, "weight_decay": 0.1})
SCRIPT, EVAL, DYNAMO = "script", "script-eval", "dynamo"

CASES = {
    "resnet-13": (resnet, images(3, 8, 10), SGD, SCRIPT, 13),
    "resnet-21": (resnet, images(3, 8, 10), SGD, DYNAMO, 21),
    "depthwise-17": (depthwise, images(3, 12, 5), SGD, SCRIPT, 17),
    "depthwise-18": (depthwise, images(3, 12, 5), ADAM, DYNAMO, 18),
    "batchnorm-13": (batchnorm, signals(2, 12, 3), ADAM, SCRIPT, 13),
    "batchnorm-18": (batchnorm, signals(2, 12, 3), SGD, DYNAMO, 18),
    "batchnorm-21": (batchnorm, signals(2, 12, 3), SGD, DYNAMO, 21),
    "autoencoder-13": (autoencoder, images(1, 8, 0), ADAM, EVAL, 13),
    "autoencoder-21": (autoencoder, images(1, 8, 0), ADAM, DYNAMO, 21),
    "gpt-13": (GPT, tokens(17, 6, 17), ADAMW, EVAL, 13),
    "gpt-17": (lambda: GPT(own=True), tokens(17, 6, 17), SGD, SCRIPT, 17),
    "gpt-18": (lambda: GPT(own=True), tokens(17, 6, 17), ADAMW, DYNAMO, 18),
    "gpt-21": (lambda: GPT(tied=True), tokens(17, 6, 17), SGD, DYNAMO, 21),
    "lstm-13": (lambda: Recurrent(nn.LSTM, 2), tokens(11, 5, 3), SGD, EVAL, 13),
    "lstm-18": (lambda: Recurrent(nn.LSTM, 1), tokens(11, 5, 3), SGD, DYNAMO, 18),
    "lstm-17": (
        lambda: Recurrent(nn.LSTM, 1, bidirectional=True),
        tokens(11, 5, 3),
        ADAM,
        SCRIPT,
        17,
    ),
    "gru-17": (
        lambda: Recurrent(nn.GRU, 1, bidirectional=True),
        tokens(11, 5, 3),
        SGD,
        SCRIPT,
        17,
    ),
    "gru-21": (lambda: Recurrent(nn.GRU, 1), tokens(11, 5, 3), SGD, DYNAMO, 21),
    "rnn-13": (lambda: Recurrent(nn.RNN, 1), tokens(11, 5, 3), SGD, EVAL, 13),
    "encoder-17": (lambda: nudged(Encoder()), signals(5, 8, 3), SGD, SCRIPT, 17),
    "encoder-21": (lambda: nudged(Encoder()), signals(5, 8, 3), SGD, DYNAMO, 21),
}

OPTIMIZERS = {"sgd": torch.optim.SGD, "adam": torch.optim.Adam, "adamw": torch.optim.AdamW}


def main():
    warnings.simplefilter("ignore")
    batches, cases = {}, {}
    for name, (build, draw, optimizer, exporter, opset) in CASES.items():
        torch.manual_seed(SEED)
        network = build()
        x, y = draw(np.random.Generator(np.random.PCG64(SEED)))
        write(name, export(network, torch.from_numpy(x[:3]), exporter, opset))
        note(name, network, (x, y), optimizer, batches, cases)
    for name, classes, opset in (("sklearn-mlp-13", 0, 13), ("sklearn-classifier-17", 4, 17)):
        network, data, model, output = perceptron(classes, opset)
        write(name, model)
        note(name, network, data, ADAM, batches, cases)
        cases[name]["output"] = output
    np.savez_compressed(FILES / "batches.npz", **batches)
    text = json.dumps(cases, indent=1, sort_keys=True)
    (FILES / "cases.json").write_text(text + "\n", encoding="utf-8")


def note(name, network, batch, optimizer, batches, cases):
    """Keep a batch and the losses that PyTorch gets on it."""
    x, y = batch
    batches[f"{name}.x"] = x.astype(np.int32) if x.dtype.kind == "i" else x
    batches[f"{name}.y"] = y.astype(np.int32 if y.dtype.kind == "i" else np.float32)
    kind, numbers = optimizer
    losses = train(network, x, batches[f"{name}.y"], OPTIMIZERS[kind], numbers)
    cases[name] = {"optimizer": kind, "numbers": numbers, "losses": losses, "output": None}


def train(network, x, y, optimizer, numbers):
    network.train()
    chosen = optimizer(network.parameters(), **numbers)
    x, y = torch.from_numpy(x), torch.from_numpy(y)
    losses = []
    for _ in range(STEPS):
        chosen.zero_grad()
        output = network(x)
        if y.dtype == torch.float32:
            loss = f.mse_loss(output, y)
        else:
            loss = f.cross_entropy(output.reshape(-1, output.shape[-1]), y.reshape(-1).long())
        loss.backward()
        chosen.step()
        losses.append(loss.item())
    return losses


def export(network, x, exporter, opset):
    if exporter == DYNAMO:
        network.train()
        sizes = ({0: torch.export.Dim("batch")},)
        optimize = not any(
            isinstance(part, nn.BatchNorm1d | nn.BatchNorm2d) for part in network.modules()
        )
        made = torch.onnx.export(
            network,
            (x,),
            dynamo=True,
            opset_version=opset,
            dynamic_shapes=sizes,
            verbose=False,
            optimize=optimize,
        )
        return made.model_proto
    mode = torch.onnx.TrainingMode
    network.train(exporter == SCRIPT)
    file = io.BytesIO()
    torch.onnx.export(
        network,
        (x,),
        file,
        dynamo=False,
        opset_version=opset,
        input_names=["x"],
        dynamic_axes={"x": {0: "batch"}},
        training=mode.TRAINING if exporter == SCRIPT else mode.EVAL,
        do_constant_folding=exporter == EVAL,
    )
    return onnx.load_from_string(file.getvalue())


def perceptron(classes, opset):
    """Return scikit-learn's network, PyTorch's with its weights, and the value to train on."""
    generator = np.random.Generator(np.random.PCG64(SEED))
    x = generator.standard_normal((64, 4)).astype(np.float32)
    y = generator.integers(0, classes, 64) if classes else (x[:, :1] ** 2).astype(np.float32)
    kind = MLPClassifier if classes else MLPRegressor
    fitted = kind(hidden_layer_sizes=(9, 6), activation="tanh", max_iter=30, random_state=SEED).fit(
        x, y if classes else y.ravel()
    )
    options = {id(fitted): {"zipmap": False}} if classes else None
    model = to_onnx(fitted, x[:1], target_opset=opset, options=options)
    layers = []
    for weight, bias in zip(fitted.coefs_, fitted.intercepts_, strict=True):
        layer = nn.Linear(*weight.shape)
        layer.weight.data = torch.from_numpy(weight.T.astype(np.float32).copy())
        layer.bias.data = torch.from_numpy(bias.astype(np.float32))
        layers += [layer, nn.Tanh()]
    logits = next((node.input[0] for node in model.graph.node if node.op_type == "Softmax"), None)
    return nn.Sequential(*layers[:-1]), (x[:ROWS], y[:ROWS]), model, logits


def write(name, model):
    """Write a model without what it notes of the machine it was made on."""
    for node in model.graph.node:
        kept = [(entry.key, entry.value) for entry in node.metadata_props if entry.key == SCOPES]
        node.doc_string = ""
        del node.metadata_props[:]
        for key, value in kept:
            node.metadata_props.add(key=key, value=value)
    graph = model.graph
    for part in (model, graph, *graph.input, *graph.output, *graph.value_info, *graph.initializer):
        del part.metadata_props[:]
    onnx.save(model, FILES / f"{name}.onnx")


if __name__ == "__main__":
    main()
