"""Each of PyTorch's operations gives its answers and its gradients."""
# ruff: noqa: E501 - tables of calls

import numpy as np
import pytest
from torch.nn import functional as F  # noqa: N812 - its usual name

import torch
from torch import nn


class After(nn.Module):
    """A linear layer, for a gradient to go to, and then a function."""

    def __init__(self, function, width, shape=None):
        super().__init__()
        self.fc = nn.Linear(width, width)
        self.function, self.shape = function, shape

    def forward(self, x):
        y = self.fc(x.flatten(1)).reshape(x.shape)
        return self.function(y).flatten(1)


def unary(x):
    positive = x * x + 0.5
    return torch.cat(
        [
            torch.exp(x * 0.3), torch.log(positive), torch.sqrt(positive), torch.rsqrt(positive),
            torch.sin(x), torch.cos(x), torch.tanh(x), torch.sigmoid(x), torch.erf(x), -x, x.abs(),
            torch.reciprocal(positive), torch.expm1(x), torch.log1p(positive), torch.log2(positive),
            torch.log10(positive), torch.sign(x) * x, x.square(), x**3, positive**0.5, positive**-1.5,
            2.0**x, positive.pow(x.sigmoid()), torch.tan(x * 0.1),
        ],
        1,
    )  # fmt: skip


def activations(x):
    return torch.cat(
        [
            F.relu(x), F.relu6(x * 4), F.leaky_relu(x, 0.2), F.elu(x, 0.7), F.selu(x), F.celu(x, 0.5),
            F.gelu(x), F.gelu(x, approximate="tanh"), F.silu(x), F.mish(x), F.softplus(x),
            F.softplus(x, beta=2.0), F.hardswish(x * 2), F.hardsigmoid(x), F.hardtanh(x), F.softsign(x),
            F.logsigmoid(x), F.softmax(x, 1), F.log_softmax(x, -1), F.glu(x, 1), F.normalize(x, dim=1),
            F.tanhshrink(x), F.softmin(x, 1), F.threshold(x, 0.1, 0.3),
        ],
        1,
    )  # fmt: skip


def binary(x):
    a, b = x.chunk(2, 1)
    return torch.cat(
        [
            a + b, a - b, a * b, a / (b * b + 1), torch.add(a, b, alpha=2), torch.rsub(a, b), 3 - a, 1 / (a * a + 1),
            torch.maximum(a, b), torch.minimum(a, b), a.clamp(-0.3, 0.4), a.clamp(min=0.1), torch.clamp(a, max=b),
            torch.where(a > b, a, b * 2), torch.where(a < 0.1, 1.5, b), a.masked_fill(b > 0, 0.5),
            a * (a >= b) + b * (a <= b), a * ((a > 0) & (b > 0)),
            a * ((a > 0) * (b > 0)),
            a * ((a > 0) + (b > 0)), a * ((a > 0) | ~(b > 0)), a * (a != 0), torch.lerp(a, b, 0.3),
            torch.addcmul(a, a, b, value=0.5), torch.addcdiv(a, b, a * a + 1),
        ],
        1,
    )  # fmt: skip


def reductions(x):
    y = x.reshape(-1, 3, 4)
    parts = [
        y.sum(1), y.mean(2), y.sum((1, 2), keepdim=True), y.amax(1), y.amin(2), y.max(1).values, y.min(2)[0],
        y.var(1), y.var(2, unbiased=False), y.std(1), y.cumsum(1), y.cumsum(-1), torch.linalg.vector_norm(y, dim=1),
        y.norm(dim=2), y.logsumexp(1), (y > 0).any(1) * y[:, 0], (y > -9).all(2) * y[:, :, 0],
        y.argmax(1).float() * y[:, 0], y.argmin(2).float() * y[:, :, 0], y.mean((1, 2), keepdim=True),
    ]  # fmt: skip
    return torch.cat([part.flatten(1) for part in parts], 1)


def shapes(x):
    y = x.reshape(-1, 3, 4)
    parts = [
        y.permute(0, 2, 1), y.transpose(1, 2), y.unsqueeze(1), y.unsqueeze(-1).squeeze(-1), y[:, 1], y[:, :, 1::2], y[:, -1],
        y[..., :-1], y.flip(1), y.roll(1, 2), y.roll((1, 2), (1, 2)), y.repeat(1, 2, 1), y.repeat_interleave(2, 2), y.tile((1, 1, 2)),
        torch.stack([y, y * 2], 1), torch.cat([y, y], 2), y.split(2, 2)[1], y.chunk(2, 2)[0], torch.unbind(y, 1)[2],
        F.pad(y, (1, 2)), F.pad(y, (0, 0, 1, 0), value=0.5), F.pad(y, (-1, 1)), y.expand(-1, 3, 4), y[:, :1].expand(-1, 5, -1),
        y.narrow(2, 1, 2), y.unflatten(2, (2, 2)), y.movedim(1, 2), y[:, [2, 0]],
        y[:, :, [-1, 0, -4]], y.index_select(2, torch.tensor([3, 1])),
        y[:, None], torch.zeros_like(y) + y, torch.ones(3, 4) * y, torch.full((4,), 2.0) * y, y.new_zeros(3, 1) + y,
        torch.arange(4) * y, torch.arange(0.5, 4) * y, torch.linspace(0, 1, 4) * y, torch.eye(4)[1:] * y, torch.tril(y), torch.triu(y, 1),
        torch.tensor([1.0, -2.0, 0.5, 4.0]) * y, F.one_hot(torch.arange(4), 4)[:3].float() * y,
    ]  # fmt: skip
    return torch.cat([part.flatten(1) for part in parts], 1)


def products(x):
    y = x.reshape(-1, 3, 4)
    parts = [
        y @ y.transpose(1, 2), torch.bmm(y, y.transpose(1, 2)), torch.einsum("bij,bkj->bik", y, y), y @ torch.ones(4, 2),
        y @ torch.ones(4), torch.ones(2, 3) @ y, torch.matmul(y.unsqueeze(1), y.transpose(1, 2).unsqueeze(1)),
        torch.baddbmm(torch.ones(3, 3), y, y.transpose(1, 2)), torch.einsum("bij,bij->b", y, y).unsqueeze(1), torch.addmm(torch.ones(1), x, torch.ones(12, 2), beta=2.0, alpha=0.5),
        F.scaled_dot_product_attention(y, y, y), F.scaled_dot_product_attention(y, y, y, is_causal=True, scale=0.7),
        F.scaled_dot_product_attention(y, y, y, attn_mask=torch.ones(3, 3).tril().bool()), F.cosine_similarity(y, y * 2 + 1, dim=2),
        F.scaled_dot_product_attention(y, y, y, attn_mask=torch.ones(3, 3)),
    ]  # fmt: skip
    return torch.cat([part.flatten(1) for part in parts], 1)


def pools(x):
    y, z = x.reshape(-1, 2, 6, 6), x.reshape(-1, 6, 12)
    parts = [
        F.max_pool2d(y, 2), F.max_pool2d(y, 3, 2, 1), F.max_pool2d(y, (2, 3), (1, 2)), F.max_pool2d(y, 2, 1, 0, 2), F.avg_pool2d(y, 2),
        F.avg_pool2d(y, 3, 2, 1), F.adaptive_avg_pool2d(y, 1), F.adaptive_avg_pool2d(y, (2, 3)), F.max_pool1d(z, 2), F.avg_pool1d(z, 3, 2, 1),
        F.adaptive_avg_pool1d(z, 4), F.interpolate(y, scale_factor=2), F.interpolate(z, size=24), F.pixel_shuffle(x.reshape(-1, 8, 3, 3), 2),
        F.pixel_unshuffle(y, 2),
    ]  # fmt: skip
    return torch.cat([part.flatten(1) for part in parts], 1)


FUNCTIONS = {
    "unary": (unary, 6), "activations": (activations, 6), "binary": (binary, 6), "reductions": (reductions, 12), "shapes": (shapes, 12),
    "products": (products, 12), "pools": (pools, 72),
}  # fmt: skip


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_give_their_answers_and_gradients(twins, name):
    torch.manual_seed(1)
    function, width = FUNCTIONS[name]
    agree(twins(After(function, width), (width,)))


class Layers(nn.Module):
    """Layers one after the other on one input, their outputs side by side."""

    def __init__(self, *layers):
        super().__init__()
        self.layers = nn.ModuleList(layers)

    def forward(self, x):
        return torch.cat([layer(x).flatten(1) for layer in self.layers], 1)


class First(nn.Module):
    """What a layer gives first."""

    def __init__(self, layer):
        super().__init__()
        self.layer = layer

    def forward(self, x):
        return self.layer(x)[0]


LAYERS = {
    "images": ((4, 7, 6), lambda: Layers(
        nn.Conv2d(4, 3, 3), nn.Conv2d(4, 6, (3, 2), (2, 1), (1, 0), (1, 2), groups=2), nn.Conv2d(4, 8, 3, groups=4, padding=1),
        nn.Conv2d(4, 2, 3, padding="same", bias=False), nn.Conv2d(4, 1, 1),
        nn.ConvTranspose2d(4, 2, 3, 2, 1, output_padding=1), nn.ConvTranspose2d(4, 4, 2, groups=2, bias=False), nn.ConvTranspose2d(4, 2, 3, dilation=2),
        nn.BatchNorm2d(4), nn.InstanceNorm2d(4, affine=True), nn.GroupNorm(2, 4), nn.LayerNorm((7, 6)), nn.PReLU(4),
    )),
    "signals": ((4, 9), lambda: Layers(
        nn.Conv1d(4, 3, 3), nn.Conv1d(4, 6, 3, 2, 1, 2, groups=2), nn.ConvTranspose1d(4, 2, 3, 2, 1, output_padding=1), nn.BatchNorm1d(4),
        nn.LayerNorm(9), nn.LayerNorm(9, elementwise_affine=False), nn.RMSNorm(9), nn.Linear(9, 2), nn.MaxPool1d(3), nn.AvgPool1d(3), nn.Flatten(),
        nn.Linear(9, 3, bias=False),
    )),
    "sequences": ((3, 4), lambda: Layers(
        First(nn.LSTM(4, 3, batch_first=True)), First(nn.LSTM(4, 3, 2, bidirectional=True, batch_first=True)), First(nn.LSTM(4, 3, bias=False, batch_first=True)),
    )),
    "gated sequences": ((3, 4), lambda: Layers(
        First(nn.GRU(4, 3, 2, batch_first=True)), First(nn.RNN(4, 3, batch_first=True)), First(nn.RNN(4, 3, nonlinearity="relu", batch_first=True)),
    )),
}  # fmt: skip


@pytest.mark.parametrize("name", LAYERS)
def test_layers_give_their_answers_and_gradients(twins, name):
    torch.manual_seed(2)
    row, make = LAYERS[name]
    agree(twins(make(), row))


def agree(both):
    """Compare answers, three losses, and what was trained."""
    both.build()
    np.testing.assert_allclose(both.infer(), both.answers.numpy(), rtol=1e-4, atol=2e-5)
    losses, tensors = both.train(3)
    expected, state = both.train_torch(3)
    np.testing.assert_allclose(losses, expected, rtol=1e-4)
    for name, values in tensors.items():
        if name in state:
            np.testing.assert_allclose(values, state[name], rtol=1e-3, atol=1e-4, err_msg=name)
