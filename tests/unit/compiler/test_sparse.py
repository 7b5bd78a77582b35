"""Matmuls that skip zeros: which are chosen, and that they give the definition's bits."""

import numpy as np
import pytest

from delea.compiler.simplify import simplify
from delea.compiler.sparsify import densities, sparsify
from delea.graph import F32, Builder

SHAPES = [
    (1, 1, 1),
    (3, 5, 7),
    (2, 4, 16),
    (7, 31, 12),
    (5, 32, 9),
    (4, 33, 40),
    (6, 71, 5),
    (2, 96, 64),
]


def sparse_product(m, n, k, *, ta, tb, bias):
    b = Builder()
    left = b.leaf("input", "a", (k, m) if ta else (m, k), F32)
    right = b.leaf("input", "b", (n, k) if tb else (k, n), F32)
    more = (b.leaf("input", "c", (n,), F32),) if bias else ()
    return b.graph({"out": b.add("sparse_matmul", left, right, *more, ta=ta, tb=tb)})


def mostly_zero(rng, shape):
    values = rng.standard_normal(shape).astype(np.float32)
    values[rng.random(shape) < 0.7] = 0.0
    values[rng.random(shape) < 0.1] = -0.0
    return values


@pytest.mark.parametrize("sizes", SHAPES, ids=str)
@pytest.mark.parametrize("turned", [(False, False), (True, False), (False, True), (True, True)])
@pytest.mark.parametrize("bias", [False, True])
def test_skipping_zeros_gives_the_bits_of_the_definition(differences, sizes, turned, bias):
    m, n, k = sizes
    graph = sparse_product(m, n, k, ta=turned[0], tb=turned[1], bias=bias)
    rng = np.random.default_rng(m * n + k)
    shapes = {name: node.shape for name, node in graph.leaves("input")}
    leaves = {name: rng.standard_normal(shape).astype("<f4") for name, shape in shapes.items()}
    leaves["a"] = mostly_zero(rng, shapes["a"])
    assert differences(graph, leaves) == []


def test_a_skipped_zero_does_not_meet_an_infinity(run):
    graph = sparse_product(1, 4, 2, ta=False, tb=False, bias=False)
    right = np.array([[np.inf] * 4, [2.0] * 4], np.float32)
    out = run(graph, {"a": np.array([[0.0, 3.0]], np.float32), "b": right})["out"]
    assert out.tolist() == [[6.0] * 4]


@pytest.mark.parametrize("tiny", [1e-45, -1e-45, 1e-20])
def test_a_number_next_to_zero_is_not_skipped(run, tiny):
    graph = sparse_product(1, 33, 2, ta=False, tb=False, bias=False)
    right = np.ones((2, 33), np.float32)
    out = run(graph, {"a": np.array([[0.0, tiny]], np.float32), "b": right})["out"]
    assert out.tolist() == [[float(np.float32(tiny))] * 33]


def test_a_nan_is_not_skipped(run):
    graph = sparse_product(1, 5, 2, ta=False, tb=False, bias=False)
    out = run(
        graph,
        {"a": np.array([[np.nan, 0.0]], np.float32), "b": np.ones((2, 5), np.float32)},
    )["out"]
    assert np.isnan(out).all()


def test_a_row_of_zeros_leaves_minus_zero(run):
    graph = sparse_product(1, 33, 2, ta=False, tb=False, bias=False)
    out = run(graph, {"a": np.zeros((1, 2), np.float32), "b": np.ones((2, 33), np.float32)})["out"]
    assert np.signbit(out).all()
    assert not out.any()


def pooled_gradient():
    """Return the graph of a gradient behind a 2 x 2 max-pooling, times a matrix."""
    b = Builder()
    x = b.leaf("input", "x", (6, 8), F32)
    g = b.leaf("input", "g", (3, 4), F32)
    w = b.leaf("input", "w", (8, 5), F32)
    zero = b.constant(0.0)
    parts = [
        b.add("slice", x, starts=(y, z), sizes=(3, 4), steps=(2, 2)) for y in (0, 1) for z in (0, 1)
    ]
    rest, whole = g, None
    best = parts[0]
    bests = [best]
    for part in parts[1:]:
        best = b.add("max", part, best)
        bests.append(best)
    for number in (3, 2, 1):
        wins = b.add("less", bests[number - 1], parts[number])
        kept = b.add("where", wins, rest, zero)
        rest = b.add("where", wins, zero, rest)
        whole = place(b, kept, number, whole)
    whole = place(b, rest, 0, whole)
    return b.graph({"out": b.add("matmul", whole, w, ta=False, tb=False)})


def place(b, part, number, whole):
    held = b.add(
        "assemble",
        part,
        shape=(6, 8),
        starts=(number // 2, number % 2),
        steps=(2, 2),
        bits=0x80000000,
    )
    return held if whole is None else b.add("add", whole, held)


def test_a_matmul_behind_a_pooling_skips_zeros():
    graph = sparsify(simplify(pooled_gradient()))
    assert [node.op for node in graph.nodes].count("sparse_matmul") == 1


def test_the_parts_of_a_pooled_gradient_become_one_tensor():
    graph = simplify(pooled_gradient())
    assert [len(node.inputs) for node in graph.nodes if node.op == "assemble"] == [4]


def test_a_pooled_gradient_times_a_matrix_gives_the_bits_of_the_definition(differences):
    graph = sparsify(simplify(pooled_gradient()))
    rng = np.random.default_rng(1)
    leaves = {
        name: rng.standard_normal(node.shape).astype("<f4") for name, node in graph.leaves("input")
    }
    assert differences(graph, leaves) == []


def test_a_matmul_behind_a_relu_stays_dense():
    b = Builder()
    g, x, w = (b.leaf("input", name, (4, 4), F32) for name in "gxw")
    kept = b.add("where", b.add("less", b.constant(0.0), x), g, b.constant(0.0))
    graph = b.graph({"out": b.add("matmul", kept, w, ta=False, tb=False)})
    assert densities(graph)[kept] == 0.5
    assert sparsify(graph) == graph
