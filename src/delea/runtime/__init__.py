"""Runtime, the door to foreign modules: check one, run it in a sandbox, get the same bits."""

from delea.runtime.limits import DEFAULT_LIMITS, Limits
from delea.runtime.policy import check_module
from delea.runtime.run import evaluate, infer, replay, train
from delea.runtime.sandbox import Sandbox, Trained, check_finite

__all__ = [
    "DEFAULT_LIMITS",
    "Limits",
    "Sandbox",
    "Trained",
    "check_finite",
    "check_module",
    "evaluate",
    "infer",
    "replay",
    "train",
]
