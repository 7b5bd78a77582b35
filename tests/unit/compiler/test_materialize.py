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
