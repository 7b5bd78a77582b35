"""Every layer of `delea.nn`, drawn at random for the shape of a row."""

import random

from delea import nn
from delea.errors import ShapeError

LONGEST = 7
"""Places of a sequence that a recurrent layer reads: there is code for each."""
SIZES = (1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17)


class Choices:
    """What is drawn for one network; equal numbers, equal choices."""

    def __init__(self, number):
        self.random = random.Random(number)

    def of(self, *items):
        return self.random.choice(items)

    def flag(self):
        return self.within(0, 1) == 1

    def within(self, least, most):
        return self.random.randint(least, most)

    def size(self):
        return self.of(*SIZES)

    def pair(self, least=1):
        """One number for both axes of an image, or one for each."""
        first, second = self.within(least, 3), self.within(least, 3)
        return self.of(first, (first, second))

    def divisor(self, number):
        return self.of(*(n for n in range(1, number + 1) if number % n == 0))


class Function(nn.Module):
    """A function as a layer."""

    def __init__(self, name):
        super().__init__()
        self.name = name

    def forward(self, x):
        return FUNCTIONS[self.name](x)


class Branches(nn.Module):
    """Layers beside each other, their outputs joined along the channels."""

    def __init__(self, *branches):
        super().__init__()
        self.branches = nn.ModuleList(branches)

    def forward(self, x):
        return nn.cat([branch(x) for branch in self.branches], 1)


class Shortcut(nn.Module):
    """x + layer(x)."""

    def __init__(self, layer):
        super().__init__()
        self.layer = layer

    def forward(self, x):
        return x + self.layer(x)


class Turned(nn.Module):
    """A layer for (length, batch, features) where the batch comes first."""

    def __init__(self, layer):
        super().__init__()
        self.layer = layer

    def forward(self, x):
        return self.layer(x.transpose(0, 1)).transpose(0, 1)


class Reader(nn.Module):
    """A recurrent layer: its outputs, or of every layer the last states."""

    def __init__(self, layer, *, last):
        super().__init__()
        self.layer, self.last = layer, last

    def forward(self, x):
        outputs, state = self.layer(x)
        if not self.last:
            return outputs
        states = state if isinstance(state, tuple) else (state,)
        joined = nn.cat(states, 2)  # (layers, batch, hidden features)
        return joined.transpose(0, 1) if self.layer.batch_first else joined


class Attending(nn.Module):
    """Attention to something else than what asks; what it mixed, or the weights."""

    def __init__(self, layer, *, weights, causal):
        super().__init__()
        self.layer, self.weights, self.causal = layer, weights, causal

    def forward(self, x):
        found = self.layer(x, x * 0.5, nn.sin(x), need_weights=True, is_causal=self.causal)
        return found[1] if self.weights and self.layer.batch_first else found[0]


def pad_front(x):
    axes = len(x.shape) - 1
    return nn.pad(x, (0,) * axes + (1,), (0,) * axes + (2,), 0.5)


FUNCTIONS = {
    "sin": nn.sin,
    "cos": nn.cos,
    "erf": nn.erf,
    "exp": lambda x: nn.exp(-nn.abs(x)),
    "log": lambda x: nn.log(nn.abs(x) + 0.5),
    "sqrt": lambda x: nn.sqrt(x * x + 0.25),
    "rsqrt": lambda x: nn.rsqrt(nn.abs(x) + 0.25),
    "power": lambda x: nn.pow(nn.abs(x) + 0.5, 1.7),
    "quotient": lambda x: x / (nn.abs(x) + 1.0),
    "clip": lambda x: nn.clip(x, -0.4, 0.6),
    "less the largest": lambda x: x - x.amax(1, keepdim=True),
    "place of the largest": lambda x: x + x.argmax(1, keepdim=True).float() * 0.125,
    "larger": lambda x: nn.maximum(x, nn.neg(x) * 0.5),
    "where": lambda x: nn.where(nn.logical_and(x > 0.1, nn.not_equal(x, 0.5)), x * 3.0, -x),
    "pad": pad_front,
    "turn": lambda x: x.transpose(1, -1),
    "every other": lambda x: x[:, ::2],
    "backwards in parts": lambda x: nn.cat(x.split(2, -1)[::-1], -1),
    "times the sum": lambda x: x.sum(-1, keepdim=True) * x,
}


def convolution(c, kind, channels, spans):
    groups = c.divisor(channels)
    outputs = groups * c.within(1, 3)
    kernel, stride, padding, dilation = spans(1), spans(1), spans(0), spans(1)
    return kind(channels, outputs, kernel, stride, padding, dilation, groups, bias=c.flag())


def transposed(c, channels):
    groups, stride = c.divisor(channels), c.within(1, 3)
    more = c.within(0, stride - 1)
    outputs = groups * c.within(1, 2)
    options = {"bias": c.flag(), "dilation": c.pair()}
    padding = c.pair(0)
    return nn.ConvTranspose2d(channels, outputs, c.pair(), stride, padding, more, groups, **options)


def recurrent(c, kind, shape):
    if shape[0] > LONGEST:
        raise ShapeError(f"a sequence of at most {LONGEST} expected, got {shape[0]}")
    options = {"bias": c.flag(), "batch_first": c.flag(), "bidirectional": c.within(0, 3) == 0}
    layers = c.of(1, 2)
    options["dropout"] = c.of(0.0, 0.5) if layers > 1 else 0.0
    layer = Reader(kind(shape[-1], c.of(1, 3, 5), layers, **options), last=c.within(0, 3) == 0)
    return layer if options["batch_first"] else Turned(layer)


def attending(c, width):
    options = {"bias": c.flag(), "batch_first": c.flag()}
    layer = nn.MultiheadAttention(width, c.divisor(width), c.of(0.0, 0.5), **options)
    layer = Attending(layer, weights=c.within(0, 3) == 0, causal=c.flag())
    return layer if options["batch_first"] else Turned(layer)


def encoder_layer(c, width, *, batch_first):
    options = {"norm_first": c.flag(), "bias": c.flag(), "batch_first": batch_first}
    sizes = width, c.divisor(width), c.size()
    return nn.TransformerEncoderLayer(*sizes, c.of(0.0, 0.5), c.of("relu", "gelu"), **options)


def encoder(c, width):
    layer = nn.TransformerEncoder(encoder_layer(c, width, batch_first=False), c.of(1, 2))
    return Turned(layer)


LAYERS = {
    "Linear": lambda c, s: nn.Linear(s[-1], c.size(), bias=c.flag()),
    "Embedding": lambda c, _: nn.Embedding(c.size(), c.size()),
    "Flatten": lambda *_: nn.Flatten(),
    "Sequential": lambda c, s: nn.Sequential(draw_layer(c, s), Function(c.of(*FUNCTIONS))),
    "ModuleList": lambda c, s: Branches(draw_layer(c, s), draw_layer(c, s)),
    "Shortcut": lambda c, s: Shortcut(draw_layer(c, s)),
    "Function": lambda c, _: Function(c.of(*FUNCTIONS)),
    "Conv1d": lambda c, s: convolution(c, nn.Conv1d, s[0], lambda least: c.within(least, 3)),
    "Conv2d": lambda c, s: convolution(c, nn.Conv2d, s[0], c.pair),
    "ConvTranspose2d": lambda c, s: transposed(c, s[0]),
    "MaxPool2d": lambda c, _: nn.MaxPool2d(c.pair(), c.of(None, 1, 2), c.of(0, 1), c.pair()),
    "AvgPool2d": lambda c, _: nn.AvgPool2d(c.pair(), c.of(None, 1, (2, 1)), c.of(0, 1)),
    "AdaptiveAvgPool2d": lambda c, s: nn.AdaptiveAvgPool2d(tuple(map(c.divisor, s[1:]))),
    "BatchNorm1d": lambda c, s: nn.BatchNorm1d(s[0], momentum=c.of(0.1, 1.0), affine=c.flag()),
    "BatchNorm2d": lambda c, s: nn.BatchNorm2d(s[0], momentum=c.of(0.1, 0.5), affine=c.flag()),
    "GroupNorm": lambda c, s: nn.GroupNorm(c.divisor(s[0]), s[0], affine=c.flag()),
    "LayerNorm": lambda c, s: nn.LayerNorm(s[c.of(0, -1) :], elementwise_affine=c.flag()),
    "RMSNorm": lambda c, s: nn.RMSNorm(s[-1], elementwise_affine=c.flag()),
    "Dropout": lambda c, _: nn.Dropout(c.of(0.25, 0.5, 1.0)),
    "CausalSelfAttention": lambda c, s: nn.CausalSelfAttention(
        s[-1], c.divisor(s[-1]), c.of(0.0, 0.5), bias=c.flag()
    ),
    "LSTM": lambda c, s: recurrent(c, nn.LSTM, s),
    "GRU": lambda c, s: recurrent(c, nn.GRU, s),
    "RNN": lambda c, s: recurrent(c, nn.RNN, s),
    "MultiheadAttention": lambda c, s: attending(c, s[-1]),
    "TransformerEncoderLayer": lambda c, s: encoder_layer(c, s[-1], batch_first=True),
    "TransformerEncoder": lambda c, s: encoder(c, s[-1]),
    "AdaptiveMaxPool2d": lambda c, s: nn.AdaptiveMaxPool2d(tuple(map(c.divisor, s[1:]))),
    "Identity": lambda *_: nn.Identity(),
    "ReLU": lambda *_: nn.ReLU(),
    "LeakyReLU": lambda c, _: nn.LeakyReLU(c.of(0.01, 0.3)),
    "ELU": lambda c, _: nn.ELU(c.of(1.0, 0.7)),
    "GELU": lambda c, _: nn.GELU(c.of("none", "tanh")),
    "SiLU": lambda *_: nn.SiLU(),
    "Sigmoid": lambda *_: nn.Sigmoid(),
    "Softplus": lambda *_: nn.Softplus(),
    "Tanh": lambda *_: nn.Tanh(),
    "Softmax": lambda c, _: nn.Softmax(c.of(1, -1)),
    "LogSoftmax": lambda c, _: nn.LogSoftmax(c.of(1, -1)),
}
"""(choices, shape of a row) -> a layer; one that does not fit raises a ShapeError or DtypeError."""


OFTEN = ("Linear", "Conv1d", "Conv2d", "ConvTranspose2d", "MaxPool2d", "Function")
"""Drawn three times as often: what the compiler has most ways to lower."""


def draw_layer(choices, shape, name=None):
    """Return a layer for rows of `shape`, of any kind unless `name` says which."""
    return LAYERS[name or choices.of(*LAYERS, *OFTEN, *OFTEN)](choices, shape)


def kinds(module):
    """Return the class names of a module and of every module inside it."""
    parts = [part for _, part in module.children() if isinstance(part, nn.Module)]
    return [type(module).__name__, *(name for part in parts for name in kinds(part))]
