"""What is trained both by PyTorch and by Delea, from the same weights on the same rows.

`nn` is `torch.nn` or `delea.nn`, and `cat` joins tensors there: the same lines make both networks.
"""

STEPS, LONG, ROWS, TABLE = 3, 24, 6, 7
SEQUENCE, IMAGE = (4, 3), (2, 6, 6)
FIRST = {"batch_first": True}
BOTH = {"batch_first": True, "bidirectional": True}
CALM = {"batch_first": True, "dropout": 0.0}

# name: (module, arguments, options, shape of one row)
LAYERS = {
    "Linear": ("Linear", (3, 4), {}, (3,)),
    "Linear of sequences": ("Linear", (3, 4), {"bias": False}, SEQUENCE),
    "Embedding": ("Embedding", (TABLE, 3), {}, (4,)),
    "Conv1d": ("Conv1d", (4, 6, 2), {"groups": 2, "padding": 1}, SEQUENCE),
    "Conv2d": ("Conv2d", (2, 3, 3), {"stride": 2, "padding": 1}, IMAGE),
    "Conv2d groups": ("Conv2d", (2, 4, (3, 2)), {"groups": 2, "dilation": (1, 2)}, IMAGE),
    "ConvTranspose2d": (
        "ConvTranspose2d",
        (2, 3, 3),
        {"stride": 2, "padding": 1, "output_padding": 1},
        IMAGE,
    ),
    "ConvTranspose2d groups": (
        "ConvTranspose2d",
        (2, 4, (2, 3)),
        {"groups": 2, "dilation": (2, 1), "bias": False},
        IMAGE,
    ),
    "LayerNorm": ("LayerNorm", ((4, 3),), {}, SEQUENCE),
    "RMSNorm": ("RMSNorm", (3,), {}, SEQUENCE),
    "GroupNorm": ("GroupNorm", (2, 4), {}, SEQUENCE),
    "BatchNorm1d": ("BatchNorm1d", (4,), {}, SEQUENCE),
    "BatchNorm1d of rows": ("BatchNorm1d", (3,), {}, (3,)),
    "BatchNorm2d": ("BatchNorm2d", (2,), {"momentum": 0.3}, IMAGE),
    "LSTM": ("LSTM", (3, 2, 2), FIRST, SEQUENCE),
    "LSTM both ways": ("LSTM", (3, 2, 2), BOTH, SEQUENCE),
    "LSTM both ways without biases": ("LSTM", (3, 2), {**BOTH, "bias": False}, SEQUENCE),
    "GRU": ("GRU", (3, 5), FIRST, SEQUENCE),
    "GRU both ways": ("GRU", (3, 2, 2), BOTH, SEQUENCE),
    "RNN": ("RNN", (3, 5, 2), FIRST, SEQUENCE),
    "RNN both ways": ("RNN", (3, 2), {**BOTH, "bias": False}, SEQUENCE),
    "MultiheadAttention": ("MultiheadAttention", (6, 2), FIRST, (4, 6)),
    "MultiheadAttention without biases": (
        "MultiheadAttention",
        (6, 3),
        {**FIRST, "bias": False},
        (4, 6),
    ),
    "TransformerEncoderLayer": ("TransformerEncoderLayer", (6, 2, 5), CALM, (4, 6)),
    "TransformerEncoderLayer norm first": (
        "TransformerEncoderLayer",
        (6, 3, 5),
        {**CALM, "norm_first": True, "activation": "gelu"},
        (4, 6),
    ),
}
# what has no parameters stands between two layers that have some: (module, arguments, options)
BETWEEN = {
    "ReLU": ("ReLU", (), {}),
    "LeakyReLU": ("LeakyReLU", (0.3,), {}),
    "ELU": ("ELU", (0.7,), {}),
    "Tanh": ("Tanh", (), {}),
    "Sigmoid": ("Sigmoid", (), {}),
    "SiLU": ("SiLU", (), {}),
    "Softplus": ("Softplus", (), {}),
    "GELU": ("GELU", (), {}),
    "GELU tanh": ("GELU", ("tanh",), {}),
    "Softmax": ("Softmax", (1,), {}),
    "LogSoftmax": ("LogSoftmax", (1,), {}),
    "Identity": ("Identity", (), {}),
    "Dropout": ("Dropout", (0.0,), {}),
    "MaxPool2d": ("MaxPool2d", (3, 2, 1), {}),
    "MaxPool2d dilated": ("MaxPool2d", ((2, 3),), {"stride": 1, "dilation": 2}),
    "AvgPool2d": ("AvgPool2d", ((3, 2),), {"stride": (2, 1), "padding": 1}),
    "AdaptiveAvgPool2d": ("AdaptiveAvgPool2d", ((2, 3),), {}),
    "AdaptiveMaxPool2d": ("AdaptiveMaxPool2d", (1,), {}),
    "Flatten": ("Flatten", (2,), {}),
}
POOLS = ("MaxPool2d", "AvgPool2d", "AdaptiveAvgPool2d", "AdaptiveMaxPool2d", "Flatten")
# recurrent layers that begin with a given state and whose last state is used
STATES = {
    "LSTM given a state": ("LSTM", (3, 2), BOTH),
    "GRU given a state": ("GRU", (3, 4), FIRST),
    "RNN given a state": ("RNN", (3, 2, 2), FIRST),
    "LSTM along the first axis": ("LSTM", (3, 2), {}),
}
# large enough that the spread of the first weights shows: (arguments, options)
WIDE = {
    "Linear": ((200, 300), {}),
    "Embedding": ((100, 50), {}),
    "Conv1d": ((40, 90, 5), {"groups": 2}),
    "Conv2d": ((20, 300, 3), {}),
    "ConvTranspose2d": ((40, 300, 3), {"groups": 2}),
    "LayerNorm": ((300,), {}),
    "RMSNorm": ((300,), {}),
    "GroupNorm": ((2, 300), {}),
    "BatchNorm1d": ((300,), {}),
    "BatchNorm2d": ((300,), {}),
    "LSTM": ((50, 90), {"bidirectional": True}),
    "GRU": ((50, 90), {}),
    "RNN": ((50, 300), {}),
    "MultiheadAttention": ((120, 2), {}),
    "TransformerEncoderLayer": ((120, 2, 300), {}),
}
LOSSES = {
    "MSELoss": {},
    "L1Loss": {},
    "SmoothL1Loss": {"beta": 0.3},
    "HuberLoss": {"delta": 0.4},
    "BCEWithLogitsLoss": {},
    "CrossEntropyLoss": {},
}
OPTIMIZERS = {
    "SGD": ("SGD", {"lr": 0.1}),
    "SGD momentum": ("SGD", {"lr": 0.1, "momentum": 0.9, "weight_decay": 0.05}),
    "SGD nesterov": ("SGD", {"lr": 0.1, "momentum": 0.9, "nesterov": True, "weight_decay": 0.02}),
    "Adam": ("Adam", {"lr": 0.05, "betas": (0.8, 0.95)}),
    "Adam decay": ("Adam", {"lr": 0.02, "weight_decay": 0.3}),
    "AdamW": ("AdamW", {"lr": 0.05, "weight_decay": 0.2}),
    "RMSprop": ("RMSprop", {"lr": 0.02, "alpha": 0.9}),
    "RMSprop momentum": ("RMSprop", {"lr": 0.02, "momentum": 0.5, "weight_decay": 0.1}),
}
CLIP = 0.05
DECAY = 0.4
"""The weight decay of AdamW's matrices; the biases are a group without."""

RATE, WARMUP, TOTAL, FLOOR, STEP_SIZE, GAMMA = 0.2, 5, 20, 0.01, 7, 0.4


def alone(nn, kind, arguments, options):
    """Return a network of one layer, its first result if it has several."""

    class Alone(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = getattr(nn, kind)(*arguments, **options)

        def forward(self, x):
            found = self.layer(x, x, x) if kind == "MultiheadAttention" else self.layer(x)
            return found[0] if isinstance(found, tuple) else found

    return Alone()


def between(nn, kind, arguments, options):
    """Return a network with a layer inside, and the shape of its rows."""
    layer = getattr(nn, kind)(*arguments, **options)
    if kind in POOLS:
        return nn.Sequential(nn.Conv2d(2, 3, 1), layer), IMAGE
    return nn.Sequential(nn.Linear(3, 4), layer, nn.Linear(4, 2)), (3,)


def states(nn, cat, kind, arguments, options):
    """Return a network that runs a recurrent layer twice, the second time from the first's end."""

    class States(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = getattr(nn, kind)(*arguments, **options)

        def forward(self, x):
            x = x if options else x.transpose(0, 1)
            first, state = self.layer(x)
            second, last = self.layer(x * 0.5, state)
            ends = last if isinstance(last, tuple) else (last,)
            parts = [first, second] if options else [first.transpose(0, 1), second.transpose(0, 1)]
            parts += [end.transpose(0, 1) for end in ends]  # (layers, batch, ...) to (batch, ...)
            return cat([part.flatten(1) for part in parts], 1)

    return States()
