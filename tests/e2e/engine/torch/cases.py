"""What is trained both by PyTorch and by Delea, from the same weights on the same rows."""

STEPS, ROWS = 3, 6
SEQUENCE, IMAGE = (4, 3), (2, 5, 5)

# name: (module, arguments, options, shape of one row)
LAYERS = {
    "Linear": ("Linear", (3, 4), {}, (3,)),
    "Conv1d": ("Conv1d", (4, 6, 2), {"groups": 2, "padding": 1}, SEQUENCE),
    "Conv2d": ("Conv2d", (2, 3, 3), {"stride": 2, "padding": 1}, IMAGE),
    "Conv2d groups": ("Conv2d", (2, 4, (3, 2)), {"groups": 2, "dilation": (1, 2)}, IMAGE),
    "ConvTranspose2d": (
        "ConvTranspose2d",
        (2, 3, 3),
        {"stride": 2, "padding": 1, "output_padding": 1},
        IMAGE,
    ),
    "LayerNorm": ("LayerNorm", ((4, 3),), {}, SEQUENCE),
    "RMSNorm": ("RMSNorm", (3,), {}, SEQUENCE),
    "GroupNorm": ("GroupNorm", (2, 4), {}, SEQUENCE),
    "BatchNorm1d": ("BatchNorm1d", (4,), {}, SEQUENCE),
    "BatchNorm2d": ("BatchNorm2d", (2,), {"momentum": 0.3}, IMAGE),
    "LSTM": ("LSTM", (3, 2, 2), {"batch_first": True}, SEQUENCE),
    "GRU": ("GRU", (3, 5), {"batch_first": True}, SEQUENCE),
}
ACTIVATIONS = ("ReLU", "LeakyReLU", "ELU", "Tanh", "Sigmoid", "SiLU", "Softplus", "GELU")
LOSSES = {
    "MSELoss": {},
    "L1Loss": {},
    "SmoothL1Loss": {"beta": 0.3},
    "HuberLoss": {"delta": 0.4},
    "BCEWithLogitsLoss": {},
}
OPTIMIZERS = {
    "SGD": ("SGD", {"lr": 0.1}),
    "SGD momentum": ("SGD", {"lr": 0.1, "momentum": 0.9, "weight_decay": 0.05}),
    "SGD nesterov": ("SGD", {"lr": 0.1, "momentum": 0.9, "nesterov": True}),
    "Adam": ("Adam", {"lr": 0.05, "betas": (0.8, 0.95)}),
    "AdamW": ("AdamW", {"lr": 0.05, "weight_decay": 0.2}),
    "RMSprop": ("RMSprop", {"lr": 0.05, "alpha": 0.9}),
    "RMSprop momentum": ("RMSprop", {"lr": 0.05, "momentum": 0.5, "weight_decay": 0.1}),
}
CLIP = 0.05
