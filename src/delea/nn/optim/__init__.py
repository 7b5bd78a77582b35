"""Optimizers and learning-rate schedules: they become part of the graph."""

from delea.nn.optim.adam import Adam, AdamW, RMSprop
from delea.nn.optim.optimizer import Optimizer
from delea.nn.optim.schedule import Constant, CosineWarmup, Schedule, StepDecay, StepLR
from delea.nn.optim.sgd import SGD, Lion

__all__ = [
    "SGD",
    "Adam",
    "AdamW",
    "Constant",
    "CosineWarmup",
    "Lion",
    "Optimizer",
    "RMSprop",
    "Schedule",
    "StepDecay",
    "StepLR",
]
