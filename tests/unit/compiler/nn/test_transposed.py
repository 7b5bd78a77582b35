"""A product of transposed operands is one kernel: nothing moves before it or after it."""

from math import prod

import pytest

from delea.compiler.fuse import fuse
from delea.compiler.kernel import Buffer, Matmul
from delea.compiler.simplify import simplify


def left(x, y):
    return x.transpose(-1, -2) @ y


def right(x, y):
    return x @ y.transpose(-1, -2)


def both(x, y):
    return x.transpose(-1, -2) @ y.transpose(-1, -2)


def heads(x, y):
    """(batch, length, heads, width) twice -> (batch, heads, length, length)."""
    return x.permute(0, 2, 1, 3) @ y.permute(0, 2, 3, 1)


PRODUCTS = {
    "left": (left, (7, 5), (7, 3)),
    "right": (right, (5, 7), (3, 7)),
    "both": (both, (7, 5), (3, 7)),
    "left of batches": (left, (2, 7, 5), (2, 7, 3)),
    "right of batches": (right, (2, 5, 7), (2, 3, 7)),
    "both of batches": (both, (2, 7, 5), (2, 3, 7)),
    "left broadcast": (left, (7, 5), (2, 7, 3)),
    "right broadcast": (right, (3, 2, 5, 7), (2, 3, 7)),
    "heads": (heads, (2, 5, 3, 7), (2, 4, 3, 7)),
}


@pytest.mark.parametrize("name", PRODUCTS)
def test_a_product_of_transposed_operands_is_one_kernel(traced, name):
    function, *shapes = PRODUCTS[name]
    found = traced(function, shapes, slopes=False)
    graph = simplify(found.graph)
    leaves = {leaf: Buffer(leaf, prod(node.shape)) for leaf, node in graph.leaves("state")}
    kernels = fuse(graph, {**leaves, "y": Buffer("y", prod(found.shape))}, leaves)
    assert [type(kernel) for kernel in kernels] == [Matmul]


@pytest.mark.parametrize("name", PRODUCTS)
def test_the_gradients_of_a_product_of_transposed_operands_are_products(check, name):
    function, *shapes = PRODUCTS[name]
    check(function, *shapes)
