"""Networks as people write them in PyTorch, and how both train them on the same batches."""

import numpy as np
import onnxruntime
import pytest
from safetensors.torch import load
from torch.nn import functional as F  # noqa: N812 - its usual name

import delea.nn as dn
import torch
from delea import compiler, runtime
from delea.artifact import read_manifest
from delea.importers.torch import from_module
from delea.roles.exports import Export, to_onnx, to_safetensors
from torch import nn


class Block(nn.Module):
    """Two convolutions and a way around them; an activation in place."""

    def __init__(self, inputs, outputs, stride=1):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.relu = nn.ReLU(inplace=True)
        self.short = nn.Identity()
        if stride != 1 or inputs != outputs:
            narrow = nn.Conv2d(inputs, outputs, 1, stride, bias=False)
            self.short = nn.Sequential(narrow, nn.BatchNorm2d(outputs))

    def forward(self, x):
        y = self.relu(self.bn1(self.conv1(x)))
        y = self.bn2(self.conv2(y))
        y += self.short(x)
        return self.relu(y)


class ResNet8(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 3, 1, 1, bias=False)
        self.bn = nn.BatchNorm2d(8)
        self.layer1, self.layer2, self.layer3 = Block(8, 8), Block(8, 16, 2), Block(16, 32, 2)
        self.fc = nn.Linear(32, 10)

    def forward(self, x):
        x = F.relu(self.bn(self.stem(x)))
        x = self.layer3(self.layer2(self.layer1(x)))
        return self.fc(torch.flatten(F.adaptive_avg_pool2d(x, 1), 1))


def separable():
    return nn.Sequential(
        nn.Conv2d(3, 8, 3, 2, 1),
        nn.ReLU6(),
        nn.Conv2d(8, 8, 3, 1, 1, groups=8, bias=False),
        nn.BatchNorm2d(8),
        nn.Hardswish(),
        nn.Conv2d(8, 16, 1),
        nn.SiLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(64, 5),
    )


class Attention(nn.Module):
    """Heads whose mask is a buffer, as in many a GPT."""

    def __init__(self, width, heads, length):
        super().__init__()
        self.heads = heads
        self.qkv, self.proj = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.register_buffer(
            "mask", torch.tril(torch.ones(length, length)).view(1, 1, length, length)
        )

    def forward(self, x):
        rows, length, width = x.size()
        q, k, v = (
            part.view(rows, length, self.heads, width // self.heads).transpose(1, 2)
            for part in self.qkv(x).split(width, dim=2)
        )
        scores = (q @ k.transpose(-2, -1)) * k.size(-1) ** -0.5
        scores = scores.masked_fill(self.mask[:, :, :length, :length] == 0, float("-inf"))
        y = F.softmax(scores, dim=-1) @ v
        return self.proj(y.transpose(1, 2).contiguous().view(rows, length, width))


class FusedAttention(Attention):
    def forward(self, x):
        rows, length, width = x.size()
        q, k, v = (
            part.view(rows, length, self.heads, width // self.heads).transpose(1, 2)
            for part in self.qkv(x).split(width, dim=2)
        )
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        return self.proj(y.transpose(1, 2).reshape(rows, length, width))


class GPT(nn.Module):
    """Four layers; the head shares the weights of the tokens."""

    def __init__(self, attention=Attention, tokens=17, length=8, width=16, layers=4):
        super().__init__()
        self.wte, self.wpe = nn.Embedding(tokens, width), nn.Embedding(length, width)
        nn.init.normal_(self.wte.weight, std=0.1)
        self.h = nn.ModuleList(
            nn.ModuleDict(
                {
                    "ln1": nn.LayerNorm(width),
                    "attn": attention(width, 2, length),
                    "ln2": nn.LayerNorm(width),
                    "fc": nn.Linear(width, 4 * width),
                    "proj": nn.Linear(4 * width, width),
                }
            )
            for _ in range(layers)
        )
        self.ln = nn.LayerNorm(width)
        self.head = nn.Linear(width, tokens, bias=False)
        self.head.weight = self.wte.weight

    def forward(self, index):
        places = torch.arange(index.shape[1], dtype=torch.long, device=index.device)
        x = self.wte(index) + self.wpe(places)
        for block in self.h:
            x = x + block["attn"](block["ln1"](x))
            x = x + block["proj"](F.gelu(block["fc"](block["ln2"](x))))
        return self.head(self.ln(x))


class Sequences(nn.Module):
    """A classifier of sequences that reads the last hidden state."""

    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(11, 6)
        self.lstm = nn.LSTM(6, 7, 2, batch_first=True)
        self.fc = nn.Linear(7, 3)

    def forward(self, x):
        _, (hidden, _) = self.lstm(self.emb(x))
        return self.fc(hidden[-1])


class BothWays(nn.Module):
    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(6, 5, 2, bidirectional=True)
        self.fc = nn.Linear(10, 3)

    def forward(self, x):
        y, _ = self.gru(x.transpose(0, 1))  # (length, rows, ...), PyTorch's own order
        return self.fc(y[-1])


def autoencoder():
    return nn.Sequential(
        nn.Conv2d(1, 8, 3, 2, 1),
        nn.ReLU(),
        nn.Conv2d(8, 16, 3, 2, 1),
        nn.ReLU(),
        nn.ConvTranspose2d(16, 8, 3, 2, 1, output_padding=1),
        nn.ReLU(),
        nn.ConvTranspose2d(8, 1, 2, 2),
        nn.Sigmoid(),
    )


def normalized():
    return nn.Sequential(
        nn.Conv1d(2, 4, 3, padding=1),
        nn.BatchNorm1d(4, momentum=0.3),
        nn.LeakyReLU(),
        nn.GroupNorm(2, 4),
        nn.Flatten(),
        nn.Linear(24, 8),
        nn.BatchNorm1d(8, affine=False),
        nn.ELU(),
        nn.Linear(8, 2),
    )


class Masked(nn.Module):
    """PyTorch's own attention and encoder, under a mask made on the way."""

    def __init__(self):
        super().__init__()
        self.attention = nn.MultiheadAttention(16, 2, batch_first=True)
        layer = nn.TransformerEncoderLayer(16, 2, 32, dropout=0.0, batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, 1)
        self.fc = nn.Linear(16, 3)

    def forward(self, x):
        mask = torch.triu(torch.ones(x.size(1), x.size(1)), 1).bool()
        y, _ = self.attention(x, x, x, attn_mask=mask, need_weights=False)
        return self.fc(self.encoder(y).mean(1))


class Pixels(nn.Module):
    """Bytes in, scaled inside, as images are kept."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 4, 3)
        self.fc = nn.Linear(16, 3)

    def forward(self, x):
        x = F.max_pool2d(F.gelu(self.conv(x.float() / 255)), 2, padding=1)
        return self.fc(x.flatten(1)[:, :16])


# name: (how it is made, shape of a row, what a row holds, its loss)
NETWORKS = {
    "mlp": (lambda: nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 2)), (4,), "f", "ce"),
    "resnet8": (ResNet8, (3, 16, 16), "f", "ce"),
    "separable": (separable, (3, 8, 8), "f", "ce"),
    "gpt": (GPT, (8,), "i", "tokens"),
    "gpt fused": (lambda: GPT(FusedAttention), (8,), "i", "tokens"),
    "lstm": (Sequences, (5,), "i", "ce"),
    "gru both ways": (BothWays, (5, 6), "f", "ce"),
    "autoencoder": (autoencoder, (1, 8, 8), "f", "self"),
    "batch norm": (normalized, (2, 6), "f", "ce"),
    "encoder": (Masked, (5, 16), "f", "ce"),
    "bytes": (Pixels, (1, 8, 8), "u", "ce"),
}
ROWS = 6


class Twins:
    """One module, as PyTorch has it and as Delea imported it, and rows for both."""

    def __init__(self, module, row, kind="f", loss="quarter", rows=ROWS):
        random = torch.Generator().manual_seed(7)
        shape = (rows, *row)
        if kind == "f":
            self.x = torch.randn(shape, generator=random)
        else:
            top = {"u": 256, "i": 11}[kind]
            self.x = torch.randint(0, top, shape, generator=random)
            self.x = self.x.to(torch.uint8) if kind == "u" else self.x
        self.module = module
        with torch.no_grad():
            self.answers = module.eval()(self.x)
        self.network = from_module(module, self.x[:1])
        self.criterion, self.targets, self.loss = self._loss(loss, random)

    def _loss(self, kind, random):
        shape = self.answers.shape
        if kind == "quarter":
            return F.mse_loss, torch.full(shape, 0.25), dn.MSELoss()
        if kind == "self":
            return F.mse_loss, self.x, dn.MSELoss()
        if kind == "tokens":
            labels = torch.randint(0, shape[-1], shape[:2], generator=random)
            return self._tokens, labels, dn.CrossEntropyLoss()
        labels = torch.randint(0, shape[1], shape[:1], generator=random)
        return F.cross_entropy, labels, dn.CrossEntropyLoss()

    @staticmethod
    def _tokens(output, labels):
        return F.cross_entropy(output.flatten(0, 1), labels.flatten())

    def program(self, optimizer):
        rows = self.x.numpy()
        data = dn.Dataset(
            rows.astype(np.int32) if rows.dtype == np.int64 else rows, self.targets.numpy()
        )
        return dn.Program(self.network, self.loss, optimizer, data, infer_batch=len(rows))

    def build(self, optimizer=None):
        self.artifact = compiler.build(self.program(optimizer or dn.SGD(0.05, momentum=0.9)))
        return self.artifact

    def infer(self, rows=None):
        """Return Delea's answers for the first rows, from the first state."""
        x = self.x.numpy()[:rows]
        x = x.astype(np.int32) if x.dtype == np.int64 else x
        found = runtime.infer(self.artifact.module, self.artifact.genesis, x.tobytes())
        return np.frombuffer(found, "<f4").reshape(len(x), *self.answers.shape[1:])

    def train(self, steps):
        """Return Delea's losses and its tensors by name."""
        a = self.artifact
        trained = runtime.train(a.module, a.dataset, a.genesis, bytes(32), steps)
        tensors = {
            t.name: np.frombuffer(trained.state, "<f4", int(np.prod(t.shape)), t.offset).reshape(
                t.shape
            )
            for t in read_manifest(a.module).tensors
            if not t.name.startswith("optimizer.")
        }
        return list(trained.losses), tensors

    def take_back(self, steps):
        """Train and export: PyTorch with the safetensors, and ONNX, give Delea's answers."""
        a, x = self.artifact, self.x.numpy()
        trained = runtime.train(a.module, a.dataset, a.genesis, bytes(32), steps).state
        exported = to_safetensors(Export(a.module, bytes(32), trained))
        state = self.module.state_dict() | load(exported)
        self.module.load_state_dict(state)
        x = x.astype(np.int32) if x.dtype == np.int64 else x
        found = np.frombuffer(runtime.infer(a.module, trained, x.tobytes()), "<f4")
        with torch.no_grad():
            expected = self.module.eval()(self.x).numpy()
        found = found.reshape(expected.shape)
        np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-4)
        file = to_onnx(Export(a.module, bytes(32), trained))
        session = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])
        rows = x if x.dtype == np.float32 else x.astype(np.int32)
        (answers,) = session.run(None, {"input": rows})
        np.testing.assert_allclose(answers, found, rtol=1e-5, atol=1e-5)

    def train_torch(self, steps, make=None):
        """Return PyTorch's losses and its tensors by name."""
        make = make or (lambda parameters: torch.optim.SGD(parameters, lr=0.05, momentum=0.9))
        optimizer, losses = make(self.module.train().parameters()), []
        for _ in range(steps):
            optimizer.zero_grad()
            loss = self.criterion(self.module(self.x), self.targets)
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        state = self.module.state_dict()
        return losses, {name: value.detach().numpy() for name, value in state.items()}


@pytest.fixture
def twins():
    """Return the maker of twins, for a module and the shape of a row."""
    return Twins


@pytest.fixture(params=NETWORKS)
def network(request):
    """Return each network with its rows and its loss."""
    torch.manual_seed(0)
    make, row, kind, loss = NETWORKS[request.param]
    return Twins(make(), row, kind, loss)
