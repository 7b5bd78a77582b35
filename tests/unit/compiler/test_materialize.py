"""What lies in memory: dear values that are read again later; cheap ones are computed again."""

import pytest

from delea.compiler.materialize import materialize
from delea.graph import F32, Builder


@pytest.mark.parametrize(("op", "is_stored"), [("exp", True), ("tanh", True), ("neg", False)])
def test_a_value_read_before_and_after_a_matmul_is_stored_if_it_is_dear(op, is_stored):
    b = Builder()
    x, w = b.leaf("input", "x", (8, 8), F32), b.leaf("input", "w", (8, 8), F32)
    value = b.add(op, x)
    doubled = b.add("add", value, value)
    product = b.add("matmul", doubled, w, ta=False, tb=False)
    graph = b.graph({"o": b.add("mul", product, value)})
    assert (value in materialize(graph)) == is_stored


def test_a_dear_value_that_one_kernel_reads_is_not_stored():
    b = Builder()
    x = b.leaf("input", "x", (8, 8), F32)
    value = b.add("exp", x)
    graph = b.graph({"o": b.add("mul", value, value), "p": b.add("neg", value)})
    assert value not in materialize(graph)


def test_what_a_fold_adds_up_is_computed_place_by_place():
    b = Builder()
    x, w = b.leaf("input", "x", (9, 8, 1), F32), b.leaf("state", "w", (8, 3), F32)
    product = b.add("mul", x, w)  # (9, 8, 3): windows of 3 along the first axis
    spans = {"axes": (0,), "sizes": (3,), "steps": (1,), "dilations": (1,)}
    graph = b.graph({"o": b.add("fold", product, shape=(11, 8), **spans)})
    assert product not in materialize(graph)


@pytest.mark.parametrize(("rows", "is_copied"), [(64, True), (63, False)])
@pytest.mark.parametrize("order", [(1, 0), (0, 1)])
def test_a_transposed_value_that_is_read_64_times_is_copied(rows, is_copied, order):
    b = Builder()
    x, w = b.leaf("input", "x", (rows, 4, 4), F32), b.leaf("state", "w", (4, 4), F32)
    turned = b.add("transpose", w, axes=order)
    graph = b.graph({"o": b.add("mul", x, turned)})
    assert (turned in materialize(graph)) == (is_copied and order == (1, 0))


@pytest.mark.parametrize(("op", "is_stored"), [("add", False), ("div", True)])
def test_what_is_little_work_from_a_stored_value_is_not_stored(op, is_stored):
    b = Builder()
    x, w = b.leaf("input", "x", (8, 8), F32), b.leaf("input", "w", (8, 8), F32)
    dear = b.add("exp", x)
    follows = b.add(op, dear, b.constant(3.0))
    product = b.add("matmul", b.add("mul", dear, follows), w, ta=False, tb=False)
    graph = b.graph({"o": b.add("mul", product, b.add("add", dear, follows))})
    stored = materialize(graph)
    assert dear in stored
    assert (follows in stored) == is_stored
