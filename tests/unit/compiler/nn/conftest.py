"""A function of `delea.nn` checked whole: its bits compiled, its numbers, its gradients."""

from collections.abc import Callable
from math import erf, prod
from unittest import mock

import numpy as np
import pytest

from delea.compiler.differentiate import differentiate
from delea.compiler.simplify import simplify
from delea.graph import F32, I32, Builder, check_graph, interpret
from delea.graph.programs import PROGRAMS
from delea.nn.tensor import Tensor, recording

STEP = 1e-5
ERF = np.vectorize(erf, otypes=[float])


def _exactly(function):
    return lambda _, *operands: function(*operands)


EXACT = {name: _exactly(getattr(np, name)) for name in ("exp", "log", "tanh", "sin", "cos")}
EXACT |= {"erf": _exactly(ERF), "pow": _exactly(np.power)}
SPECIAL = np.float32([0.0, -0.0, 1.0, -1.0, np.inf, -np.inf, np.nan, 1e-40, 3e38, -3e38, 100.0])


def in_float64(graph, leaves):
    """Run a graph in float64, with NumPy's own functions for the programs."""
    with mock.patch.dict(PROGRAMS, EXACT):
        return interpret(graph, leaves)


class Case:
    """A function of some tensors, with an output and the gradients of a weighted sum of it."""

    def __init__(self, function, shapes, *, slopes=True, **leaves):
        self.b = Builder()
        self.shapes = {f"x{i}": shape for i, shape in enumerate(shapes)}
        self.index = {name: value for name, value in leaves.items() if value is not None}
        with recording(self.b, training=True) as self.scope:
            states = [Tensor(self.b.leaf("state", n, s, F32)) for n, s in self.shapes.items()]
            rest = [Tensor(self.b.leaf("input", n, v.shape, I32)) for n, v in self.index.items()]
            y = function(*states, *rest)
            self.shape, outputs = y.shape, {"y": y.node}
            if y.dtype == F32 and slopes:
                weights = Tensor(self.b.leaf("input", "weights", y.shape, F32))
                total = (y * weights).sum()
                outputs["loss"] = total.node
                found = differentiate(self.b, total.node, [s.node for s in states])
                outputs |= {f"d{name}": g for name, g in zip(self.shapes, found, strict=True)}
        self.graph = self.b.graph(outputs)
        check_graph(self.graph)

    def leaves(self, source, low, high):
        found = {name: source.uniform(low, high, shape) for name, shape in self.shapes.items()}
        found["weights"] = source.uniform(0.5, 1.5, self.shape)
        return {**{name: value.astype(np.float32) for name, value in found.items()}, **self.index}

    def slopes(self, leaves, name):
        """Central differences of the loss in float64, at a few elements."""
        wide = {k: v.astype(np.float64) if v.dtype == np.float32 else v for k, v in leaves.items()}
        source = np.random.default_rng(1)
        places = source.permutation(prod(self.shapes[name]))[:12]
        slopes = {}
        for place in places:
            at = np.unravel_index(place, self.shapes[name])
            ends = []
            for sign in (1, -1):
                moved = {**wide, name: wide[name].copy()}
                moved[name][at] += sign * STEP
                ends.append(float(in_float64(self.graph, moved)["loss"]))
            slopes[at] = (ends[0] - ends[1]) / (2 * STEP)
        return slopes


@pytest.fixture(scope="session")
def traced() -> type[Case]:
    return Case


@pytest.fixture(scope="session")
def check(differences) -> Callable:
    """Check a function on tensors of some shapes; `expected` is a formula in NumPy float64."""

    def run(function, *shapes, expected=None, low=-2.0, high=2.0, special=True, **options):
        index = options.pop("index", {})
        gradient, rtol = options.pop("gradient", True), options.pop("rtol", 2e-5)
        case = Case(function, shapes, **index)
        source = np.random.default_rng(0)
        leaves = case.leaves(source, low, high)
        sets = [leaves]
        if special:
            mixed = {n: source.choice(SPECIAL, s) for n, s in case.shapes.items()}
            sets.append({**leaves, **mixed})
        simple = simplify(case.graph)
        check_graph(simple)
        for graph in (case.graph, simple):
            for numbers in sets:
                assert differences(graph, numbers) == []
        ours = interpret(case.graph, leaves)
        if expected is not None:
            wide = [leaves[name].astype(np.float64) for name in case.shapes]
            truth = expected(*wide, *index.values())
            np.testing.assert_allclose(ours["y"], truth, rtol=rtol, atol=2e-5)
            assert ours["y"].shape == np.shape(truth)
        if gradient:
            for name in case.shapes:
                for at, slope in case.slopes(leaves, name).items():
                    np.testing.assert_allclose(ours[f"d{name}"][at], slope, rtol=1e-3, atol=1e-4)
        return ours

    return run
