"""Runtime, the door to foreign modules: check one, run it in a sandbox, get the same bits."""

from delea.runtime.limits import DEFAULT_LIMITS, Limits
from delea.runtime.policy import check_module
from delea.runtime.pool import Pool
from delea.runtime.process import Child
from delea.runtime.run import evaluate, infer, replay, train
from delea.runtime.sandbox import Sandbox, Trained, check_finite
from delea.runtime.timing import Timed, time_parts

__all__ = [
    "DEFAULT_LIMITS",
    "Child",
    "Limits",
    "Pool",
    "Sandbox",
    "Timed",
    "Trained",
    "check_finite",
    "check_module",
    "evaluate",
    "infer",
    "replay",
    "time_parts",
    "train",
]
