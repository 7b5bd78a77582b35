"""The operations that are fixed programs, by name."""

from collections.abc import Callable
from typing import Any

from delea.graph.functions import erf, exp, log, tanh
from delea.graph.power import power
from delea.graph.trigonometry import cos, sin

PROGRAMS: dict[str, Callable[..., Any]] = {
    "exp": exp,
    "log": log,
    "tanh": tanh,
    "erf": erf,
    "sin": sin,
    "cos": cos,
    "pow": power,
}
"""Each takes `functions.Lanes` and then its operands."""
