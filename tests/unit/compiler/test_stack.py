"""A sum of products becomes one product of stacked operands, where that moves fewer numbers."""

import numpy as np
import pytest

from delea.compiler.simplify import simplify
from delea.compiler.stack import stack_products
from delea.graph import F32, Builder, check_graph, interpret

ROWS, COLUMNS = 24, 20


@pytest.fixture
def b():
    return Builder()


def turned(b, name):
    left, right = ((3, ROWS), (COLUMNS, 3))
    sides = [b.leaf("input", f"{name}.{s}", size, F32) for s, size in (("l", left), ("r", right))]
    return b.add("matmul", *sides, ta=True, tb=True)


def product(b, name, inner=3, rows=ROWS, *, ta=True):
    sizes = (inner, rows) if ta else (rows, inner)
    left = b.leaf("input", f"{name}.left", sizes, F32)
    right = b.leaf("input", f"{name}.right", (inner, COLUMNS), F32)
    return b.add("matmul", left, right, ta=ta, tb=False)


def leaves_of(graph):
    draw = np.random.default_rng(0)
    leaves = graph.leaves("input")
    return {name: draw.standard_normal(node.shape).astype(np.float32) for name, node in leaves}


def test_it_is_the_product_of_the_operands_below_one_another(b, differences, differing):
    first, second, third = product(b, "a"), product(b, "b", 5), product(b, "c")
    graph = b.graph({"o": b.add("add", b.add("add", second, first), third)})
    stacked = stack_products(graph)
    check_graph(stacked)
    leaves = leaves_of(graph)
    whole = Builder()
    sides = [whole.leaf("input", s, (11, n), F32) for s, n in (("l", ROWS), ("r", COLUMNS))]
    expected = whole.graph({"o": whole.add("matmul", *sides, ta=True, tb=False)})
    below = {s[0]: np.concatenate([leaves[f"{n}.{s}"] for n in "bac"]) for s in ("left", "right")}
    assert differing(interpret(stacked, leaves), interpret(expected, below)) == []
    assert differences(stacked, leaves) == []
    assert [node.op for node in simplify(stacked).nodes].count("matmul") == 1


def test_it_is_close_to_the_sum_of_the_products(b):
    graph = b.graph({"o": b.add("add", product(b, "a"), product(b, "b"))})
    leaves = leaves_of(graph)
    found, known = (interpret(g, leaves)["o"] for g in (stack_products(graph), graph))
    np.testing.assert_allclose(found, known, rtol=1e-4, atol=1e-5)
    assert stack_products(graph) != graph


UNTOUCHED = {
    "one product": lambda b: product(b, "a"),
    "a product and another value": lambda b: b.add(
        "add", product(b, "a"), b.leaf("input", "x", (ROWS, COLUMNS), F32)
    ),
    "a product that is read twice": lambda b: b.add("add", *[product(b, "a")] * 2),
    "long operands": lambda b: b.add("add", product(b, "a", 90), product(b, "b", 90)),
    "rows that are not turned": lambda b: b.add(
        "add", product(b, "a", ta=False), product(b, "b", ta=False)
    ),
    "right sides that are turned": lambda b: b.add("add", turned(b, "a"), turned(b, "b")),
    "a product that is widened": lambda b: b.add("add", product(b, "a"), product(b, "b", 1, 1)),
    "a difference": lambda b: b.add("sub", product(b, "a"), product(b, "b")),
}


@pytest.mark.parametrize("kind", UNTOUCHED)
def test_other_sums_stay_as_they_are(b, kind):
    graph = b.graph({"o": UNTOUCHED[kind](b)})
    assert stack_products(graph) is graph
