"""Networks in PyTorch's words: they are recorded, compiled and trained bit for bit."""

from delea.nn.data import Dataset
from delea.nn.functional import (
    attention,
    conv2d,
    embedding,
    exp,
    gelu,
    layer_norm,
    linear,
    log,
    log_softmax,
    max_pool2d,
    one_hot,
    relu,
    softmax,
    sqrt,
    tanh,
)
from delea.nn.layers import (
    Conv2d,
    Embedding,
    Flatten,
    LayerNorm,
    Linear,
    MaxPool2d,
    ReLU,
    Sequential,
    Tanh,
)
from delea.nn.losses import CrossEntropyLoss, Loss, MSELoss
from delea.nn.module import Module, Parameter
from delea.nn.optim import SGD, Adam, AdamW, Optimizer
from delea.nn.program import Program
from delea.nn.tensor import Tensor, recording

__all__ = [
    "SGD",
    "Adam",
    "AdamW",
    "Conv2d",
    "CrossEntropyLoss",
    "Dataset",
    "Embedding",
    "Flatten",
    "LayerNorm",
    "Linear",
    "Loss",
    "MSELoss",
    "MaxPool2d",
    "Module",
    "Optimizer",
    "Parameter",
    "Program",
    "ReLU",
    "Sequential",
    "Tanh",
    "Tensor",
    "attention",
    "conv2d",
    "embedding",
    "exp",
    "gelu",
    "layer_norm",
    "linear",
    "log",
    "log_softmax",
    "max_pool2d",
    "one_hot",
    "recording",
    "relu",
    "softmax",
    "sqrt",
    "tanh",
]
