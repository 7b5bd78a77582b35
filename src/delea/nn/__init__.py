"""Networks in PyTorch's words: they are recorded, compiled and trained bit for bit."""

from delea.nn.data import Dataset
from delea.nn.functional import exp, linear, log, log_softmax, one_hot, relu, sqrt, tanh
from delea.nn.layers import Flatten, Linear, ReLU, Sequential, Tanh
from delea.nn.losses import CrossEntropyLoss, Loss, MSELoss
from delea.nn.module import Module, Parameter
from delea.nn.optim import SGD, Adam, Optimizer
from delea.nn.program import Program
from delea.nn.tensor import Tensor, recording

__all__ = [
    "SGD",
    "Adam",
    "CrossEntropyLoss",
    "Dataset",
    "Flatten",
    "Linear",
    "Loss",
    "MSELoss",
    "Module",
    "Optimizer",
    "Parameter",
    "Program",
    "ReLU",
    "Sequential",
    "Tanh",
    "Tensor",
    "exp",
    "linear",
    "log",
    "log_softmax",
    "one_hot",
    "recording",
    "relu",
    "sqrt",
    "tanh",
]
