"""What nobody reads is not computed; what is computed keeps its bits, zeros' signs included."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from delea.compiler.narrow import narrow
from delea.compiler.simplify import simplify
from delea.graph import F32, MINUS_ZERO, Builder, check_graph, interpret

SPECIAL = np.array([0.0, -0.0, 1.0, -2.5, np.inf, -np.inf, np.nan, 1e-45, 3e38], np.float32)


@pytest.fixture
def b():
    return Builder()


def shapes_of(graph, op):
    return [node.shape for node in graph.nodes if node.op == op]


def part(b, value, starts, sizes, steps):
    return b.add("slice", value, starts=starts, sizes=sizes, steps=steps)


def leaves_of(graph):
    generator = np.random.Generator(np.random.PCG64(5))
    drawn = {n: generator.standard_normal(node.shape) for n, node in graph.leaves("input")}
    for values in drawn.values():
        values[..., :1] = generator.choice(SPECIAL, values[..., :1].shape)
    return {name: values.astype(np.float32) for name, values in drawn.items()}


def check(differing, graph):
    """The graph as it was and as it is now have the same bits; return it as it is now."""
    less = simplify(narrow(simplify(graph)))
    check_graph(less)
    leaves = leaves_of(graph)
    with np.errstate(all="ignore"):
        assert differing(interpret(less, leaves), interpret(graph, leaves)) == []
    return less


def convolution(b, height, width, kernel=3, channels=2):
    """A convolution of `channels` to 5: (2, height, width, 5), before what follows it."""
    x = b.leaf("input", "x", (2, height, width, channels), F32)
    sizes = (kernel, kernel)
    windows = b.add("window", x, axes=(1, 2), sizes=sizes, steps=(1, 1), dilations=(1, 1))
    windows = b.add("transpose", windows, axes=(0, 1, 2, 4, 5, 3))
    batch, rows, columns, *inside = b.shape(windows)
    line = int(np.prod(inside))
    weight = b.leaf("input", "w", (5, line), F32)
    flat = b.add("reshape", windows, shape=(batch * rows * columns, line))
    product = b.add("matmul", flat, weight, b.leaf("input", "bias", (5,), F32), ta=False, tb=True)
    return b.add("reshape", product, shape=(batch, rows, columns, 5))


def pooled(b, value, window, step):
    """Max pooling as slices, the way `nn` writes it."""
    batch, height, width, channels = b.shape(value)
    sizes = (batch, (height - window) // step + 1, (width - window) // step + 1, channels)
    places = [(i, j) for i in range(window) for j in range(window)]
    slices = [part(b, value, (0, i, j, 0), sizes, (1, step, step, 1)) for i, j in places]
    largest = slices[0]
    for other in slices[1:]:
        largest = b.add("max", other, largest)
    return largest


def test_what_a_pooling_reads_is_computed_where_it_reads_it(b, differing):
    x = b.leaf("input", "x", (2, 6, 6, 3), F32)
    graph = b.graph({"y": pooled(b, b.add("max", x, b.constant(0.0)), 2, 2)})
    assert set(shapes_of(check(differing, graph), "max")) == {(2, 3, 3, 3)}


def test_rows_that_no_window_holds_are_left_out_of_a_convolution(b, differing):
    graph = b.graph({"y": pooled(b, b.add("max", convolution(b, 9, 8), b.constant(0.0)), 2, 2)})
    assert shapes_of(check(differing, graph), "matmul") == [(2 * 6 * 6, 5)]


def test_a_convolution_that_something_else_reads_is_whole(b, differing):
    made = convolution(b, 9, 8)
    graph = b.graph({"y": pooled(b, made, 2, 2), "z": b.reduce("sum", made, (0, 1, 2, 3))})
    assert shapes_of(check(differing, graph), "matmul") == [(2 * 7 * 6, 5)]


def test_a_convolution_that_is_a_result_is_whole(b, differing):
    made = convolution(b, 9, 8)
    graph = b.graph({"y": pooled(b, made, 2, 2), "z": made})
    assert shapes_of(check(differing, graph), "matmul") == [(2 * 7 * 6, 5)]


def spread(b, name="p", bits=MINUS_ZERO, shape=(2, 4)):
    """Two parts side by side in `shape`, and what lies between them."""
    parts = [b.leaf("input", f"{name}{i}", (2, 2), F32) for i in range(2)]
    return b.add(
        "assemble", *parts, shape=shape, starts=(0, 0, 0, 1), steps=(1, 2, 1, 2), bits=bits
    )


def test_what_follows_an_assembled_value_is_done_part_by_part(b, differing):
    y = b.leaf("input", "y", (2, 4), F32)
    graph = b.graph({"o": b.add("mul", spread(b), b.add("neg", y))})
    assert shapes_of(check(differing, graph), "mul") == [(2, 2), (2, 2)]


def test_what_lies_between_parts_is_computed_where_it_matters(b, differing):
    y = b.leaf("input", "y", (2, 5), F32)
    graph = b.graph({"o": b.add("mul", spread(b, shape=(2, 5)), y)})
    assert shapes_of(check(differing, graph), "mul") == [(2, 5)]


@pytest.mark.parametrize(("bits", "wheres"), [(MINUS_ZERO, (2, 2)), (0, (2, 5))])
def test_a_choice_between_a_gradient_and_none_is_made_part_by_part(b, differing, bits, wheres):
    mask = b.add("less", b.constant(0.0), b.leaf("input", "y", (2, 5), F32))
    gradient = spread(b, bits=bits, shape=(2, 5))
    graph = b.graph({"o": b.add("where", mask, gradient, b.constant(-0.0))})
    assert set(shapes_of(check(differing, graph), "where")) == {wheres}


def test_a_value_that_something_else_reads_is_computed_once(b, differing):
    positive = b.add("max", b.leaf("input", "x", (2, 6, 6, 3), F32), b.constant(0.0))
    total = b.reduce("sum", positive, (0, 1, 2, 3))
    graph = b.graph({"y": pooled(b, positive, 2, 2), "z": total})
    assert sorted(shapes_of(check(differing, graph), "max")) == [(2, 3, 3, 3)] * 3 + [(2, 6, 6, 3)]


def test_an_assembled_value_that_two_read_stays_whole(b, differing):
    whole, y = spread(b), b.leaf("input", "y", (2, 4), F32)
    graph = b.graph({"o": b.add("mul", whole, y), "p": b.add("add", whole, y)})
    assert shapes_of(check(differing, graph), "assemble") == [(2, 4)]


def test_rows_before_the_first_that_is_read_are_left_out(b, differing):
    made = convolution(b, 9, 8)
    first = part(b, made, (0, 2, 1, 0), (2, 4, 3, 5), (1, 1, 1, 1))
    second = part(b, made, (0, 3, 1, 0), (2, 4, 3, 5), (1, 1, 1, 1))
    graph = b.graph({"y": b.add("sub", first, second)})
    assert shapes_of(check(differing, graph), "matmul") == [(2 * 5 * 3, 5)]


def test_a_transposed_left_operand_has_its_rows_elsewhere(b, differing):
    x, y = b.leaf("input", "x", (2, 3, 6), F32), b.leaf("input", "y", (6, 5), F32)
    square = b.add("reshape", x, shape=(6, 6))
    product = b.add("matmul", square, y, ta=True, tb=False)
    rows = b.add("reshape", product, shape=(2, 3, 5))
    graph = b.graph({"o": part(b, rows, (0, 1, 0), (2, 2, 5), (1, 1, 1))})
    assert shapes_of(check(differing, graph), "matmul") == [(6, 5)]


@given(
    st.integers(5, 9), st.integers(5, 9), st.integers(1, 3), st.integers(1, 3), st.integers(1, 3)
)
def test_a_pooled_convolution_keeps_its_bits(differing, height, width, kernel, window, step):
    b = Builder()
    made = b.add("max", convolution(b, height, width, kernel), b.constant(0.0))
    largest = pooled(b, made, window, step)
    mask = b.add("less", b.constant(0.0), made)
    graph = b.graph(
        {"y": largest, "m": pooled(b, b.add("where", mask, made, b.constant(1.0)), 1, 1)}
    )
    check(differing, graph)


def test_a_long_chain_is_sliced_once_for_each_link(b):
    x = b.leaf("input", "x", (4, 8), F32)
    value = x
    for _ in range(1500):
        value = b.add("mul", value, value)
    graph = b.graph({"out": part(b, value, (0, 0), (4, 4), (1, 2))})
    less = narrow(graph)
    assert shapes_of(less, "slice") == [(4, 4)]
    assert shapes_of(less, "mul") == [(4, 4)] * 1500
