"""Networks in PyTorch's words: they are recorded, compiled and trained bit for bit."""

from delea.nn import functional, layers
from delea.nn.data import Dataset
from delea.nn.functional import *  # noqa: F403 - its names are ours, PyTorch's has them there
from delea.nn.layers import *  # noqa: F403 - so are theirs
from delea.nn.losses import (
    BCEWithLogitsLoss,
    CrossEntropyLoss,
    HuberLoss,
    L1Loss,
    Loss,
    MSELoss,
    SmoothL1Loss,
)
from delea.nn.module import Buffer, Module, Parameter
from delea.nn.optim import (
    SGD,
    Adam,
    AdamW,
    Constant,
    CosineWarmup,
    Lion,
    Optimizer,
    RMSprop,
    Schedule,
    StepDecay,
    StepLR,
)
from delea.nn.program import Program
from delea.nn.record import recording
from delea.nn.tensor import Tensor

__all__ = [
    "SGD",
    "Adam",
    "AdamW",
    "BCEWithLogitsLoss",
    "Buffer",
    "Constant",
    "CosineWarmup",
    "CrossEntropyLoss",
    "Dataset",
    "HuberLoss",
    "L1Loss",
    "Lion",
    "Loss",
    "MSELoss",
    "Module",
    "Optimizer",
    "Parameter",
    "Program",
    "RMSprop",
    "Schedule",
    "SmoothL1Loss",
    "StepDecay",
    "StepLR",
    "Tensor",
    "recording",
]
__all__ += functional.__all__
__all__ += layers.__all__
