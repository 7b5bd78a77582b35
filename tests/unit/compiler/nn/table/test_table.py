"""Every operation: compiled bits over drawn shapes, float64 slopes, and PyTorch's numbers."""

import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from table_cases import (
    ELEMENTWISE,
    REDUCTIONS,
    SHAPES,
    Choice,
    by_arithmetic,
    numbers,
    places,
)
from table_networks import NETWORKS

from delea import nn
from delea.compiler.simplify import simplify
from delea.compiler.sparsify import sparsify
from delea.graph import check_graph, interpret
from delea.graph.ops import OPS as GRAPH_OPS
from delea.nn import functional, losses
from delea.nn.tensor import Operators, Tensor

OPS = ELEMENTWISE | REDUCTIONS | SHAPES | NETWORKS
NUMBERS = json.loads((Path(__file__).with_name("numbers.json")).read_text(encoding="utf-8"))
WITHOUT_NUMBERS = {"dropout"}  # other random numbers: tests/e2e/engine says which
SIZES = (1, 2, 3, 4, 5, 7, 8, 17, 33)
table = settings(settings.get_profile("table"))


def recurrent(kind, x, state, own, *, sizes, **options):
    """Run a layer on tensors instead of its parameters."""
    layer = getattr(nn, kind)(*sizes, **options)
    names = [name for name, _ in layer.named_parameters()]
    vars(layer).update(zip(names, own, strict=True))
    return layer.forward(x, state)


FUNCTIONS = SimpleNamespace(
    **{name: getattr(nn, name) for name in functional.__all__ if name != "attention_weights"},
    argmax=lambda x, dim, keepdim: x.argmax(dim, keepdim=keepdim),
    attention_weights=lambda q, k, mask: nn.attention_weights(q, k, mask=mask),
    recurrent=recurrent,
    loss=lambda kind, x, t, **options: getattr(nn, kind)(**options)(x, t),
)


@pytest.fixture(scope="session")
def case(traced):
    """Return a function that traces an operation on drawn shapes, and its leaves."""

    def make(op, drawn):
        index = {name: places(*part) for name, part in drawn.index.items()}
        found = traced(
            lambda *x: op.call(FUNCTIONS, *x, **drawn.options),
            drawn.shapes,
            **index,
            slopes=op.smooth,
        )
        leaves = {
            f"x{n}": numbers(shape, op.low, op.high, n) for n, shape in enumerate(drawn.shapes)
        }
        return found, {**leaves, **index, "weights": numbers(found.shape, 0.5, 1.5, 9)}

    return make


@pytest.mark.parametrize("name", OPS)
@table
@given(data=st.data())
def test_compiled_it_gives_the_reference_s_bits(case, differences, name, data):
    drawn = OPS[name].draw(Choice(lambda items: data.draw(st.sampled_from(items)), SIZES))
    found, leaves = case(OPS[name], drawn)
    for graph in (found.graph, sparsify(simplify(found.graph))):
        check_graph(graph)
        assert differences(graph, leaves) == []


@pytest.mark.parametrize("name", [name for name, op in OPS.items() if op.smooth])
@pytest.mark.parametrize("seed", range(2))
def test_its_gradient_is_the_slope_in_float64(case, name, seed):
    found, leaves = case(OPS[name], OPS[name].draw(by_arithmetic(seed + 10)))
    ours = interpret(found.graph, leaves)
    for leaf in found.shapes:
        for at, slope in found.slopes(leaves, leaf).items():
            np.testing.assert_allclose(ours[f"d{leaf}"][at], slope, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("name", NUMBERS)
def test_it_gives_pytorch_s_numbers(case, name):
    op = OPS[name]
    for seed, expected in enumerate(NUMBERS[name]):
        drawn = op.draw(by_arithmetic(seed))
        assert [list(shape) for shape in drawn.shapes] == expected["shapes"], "run write.py"
        assert repr(drawn.options) == expected["options"], "run write.py"
        found, leaves = case(op, drawn)
        ours = interpret(found.graph, leaves)
        close(ours["y"], expected["y"])
        for number, gradient in enumerate(expected.get("gradients", ())):
            close(ours[f"dx{number}"], gradient)


def close(ours, expected):
    np.testing.assert_allclose(ours.reshape(-1), expected, rtol=1e-4, atol=2e-5)


def test_pytorch_s_numbers_are_kept_for_every_operation():
    assert set(NUMBERS) == set(OPS) - WITHOUT_NUMBERS
    for name, cases in NUMBERS.items():
        assert all(("gradients" in one) == OPS[name].smooth for one in cases), name


def test_every_public_function_is_in_the_table():
    covered = {id(getattr(nn, name)) for name in OPS if hasattr(nn, name)}
    missing = {name for name in functional.__all__ if id(getattr(nn, name)) not in covered}
    assert missing == set()


NO_OPERATION = {
    "shape",
    "size",
    "ndim",
    "dtype",
    "node",
    "__init__",
    "__slots__",
    "__array_ufunc__",
}
NO_OPERATION |= {"__bool__", "__len__", "__hash__"}
NO_OPERATION |= {"__module__", "__doc__", "__annotations__"}
NO_OPERATION |= {"__static_attributes__", "__firstlineno__"}  # Python 3.13's


def test_every_method_of_a_tensor_is_in_the_table():
    methods = {**vars(Operators), **vars(Tensor)}
    covered = {id(methods[name]) for name in OPS if name in methods}
    missing = {name for name, method in methods.items() if id(method) not in covered}
    assert missing == NO_OPERATION & set(methods)


def test_every_loss_is_in_the_table():
    names = {kind.name for kind in vars(losses).values() if isinstance(kind, type)
             and issubclass(kind, nn.Loss) and kind.name}  # fmt: skip
    assert names == names & set(OPS)


def test_every_operation_of_the_graph_is_in_the_table(case):
    seen = set()
    for op in OPS.values():
        for seed in range(6):
            graph = case(op, op.draw(by_arithmetic(seed)))[0].graph
            seen |= {node.op for each in (graph, sparsify(simplify(graph))) for node in each.nodes}
    assert seen == GRAPH_OPS
