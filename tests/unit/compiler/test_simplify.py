"""A simpler graph gives the same bits, signs of zeros included; and what is simpler is simpler."""

import numpy as np
import pytest

from delea.compiler.simplify import simplify
from delea.graph import F32, Builder, check_graph, interpret

SPECIAL = np.array(
    [0.0, -0.0, 1.0, -1.0, np.inf, -np.inf, np.nan, 1e-45, -1e-45, 3.4e38, 0.1, -7.5], np.float32
)


@pytest.fixture
def b():
    return Builder()


def x_of(b, *shape):
    return b.leaf("input", "x", shape or SPECIAL.shape, F32)


def operations(graph):
    """The operations that are left, leaves aside."""
    leaves = {"input", "state", "constant", "iota"}
    return [node.op for node in simplify(graph).nodes if node.op not in leaves]


def check(differing, graph, leaves):
    simple = simplify(graph)
    check_graph(simple)
    assert differing(interpret(simple, leaves), interpret(graph, leaves)) == []


@pytest.mark.parametrize("op", ["add", "sub", "mul", "div", "max", "min"])
@pytest.mark.parametrize("constant", [0.0, -0.0, 1.0, -1.0, 2.0, np.inf])
@pytest.mark.parametrize("left", [False, True])
def test_an_operation_with_a_constant_keeps_its_bits(b, differing, op, constant, left):
    pair = [b.constant(constant), x_of(b)]
    graph = b.graph({"o": b.add(op, *(pair if left else pair[::-1]))})
    check(differing, graph, {"x": SPECIAL})


@pytest.mark.parametrize("op", ["add", "sub", "mul", "div", "max", "min"])
@pytest.mark.parametrize("signs", [(0, 1), (1, 0), (1, 1), (2, 0), (0, 2), (2, 2)])
def test_operations_on_negations_keep_their_bits(b, differing, op, signs):
    x, y = x_of(b), b.leaf("input", "y", SPECIAL.shape, F32)
    for _ in range(signs[0]):
        x = b.add("neg", x)
    for _ in range(signs[1]):
        y = b.add("neg", y)
    for turn in range(len(SPECIAL)):
        leaves = {"x": SPECIAL, "y": np.roll(SPECIAL, turn)}
        check(differing, b.graph({"o": b.add(op, x, y)}), leaves)


@pytest.mark.parametrize(
    ("op", "constant", "left"),
    [
        ("add", -0.0, False),
        ("add", -0.0, True),
        ("sub", 0.0, False),
        ("mul", 1.0, False),
        ("mul", 1.0, True),
        ("div", 1.0, False),
    ],
)
def test_an_operation_with_a_neutral_constant_goes(b, op, constant, left):
    pair = [b.constant(constant), x_of(b)]
    assert operations(b.graph({"o": b.add(op, *(pair if left else pair[::-1]))})) == []


def test_an_operation_that_a_constant_widens_stays(b, differing):
    wide = b.add("mul", x_of(b, 12), b.constant(1.0, (2, 12)))
    check(differing, b.graph({"o": wide}), {"x": SPECIAL})


def test_operations_on_constants_are_computed(b):
    value = b.add("sqrt", b.add("mul", b.constant(2.0), b.constant(8.0, (3,))))
    simple = simplify(b.graph({"o": value}))
    assert [(node.op, node["bits"], node.shape) for node in simple.nodes] == [
        ("constant", 0x40800000, (3,))
    ]


@pytest.mark.parametrize("op", ["exp", "log", "tanh", "sqrt", "neg", "abs"])
def test_a_function_of_a_constant_has_the_reference_s_bits(b, differing, op):
    outputs = {f"o{i}": b.add(op, b.constant(float(v))) for i, v in enumerate(SPECIAL)}
    check(differing, b.graph(outputs), {})


def test_a_sum_of_one_term_is_the_term(b):
    assert operations(b.graph({"o": b.reduce("sum", x_of(b, 3, 1), (1,))})) == []


def test_reshapes_become_one_and_a_reshape_to_the_same_goes(b):
    two = b.add("reshape", b.add("reshape", x_of(b, 12), shape=(3, 4)), shape=(2, 6))
    assert operations(b.graph({"o": two})) == ["reshape"]
    back = b.add("reshape", two, shape=(12,))
    assert operations(b.graph({"o": back})) == []


def test_what_no_output_reads_goes(b):
    x = x_of(b)
    b.add("exp", x)
    assert operations(b.graph({"o": b.add("neg", x)})) == ["neg"]


def test_equal_operations_are_one(b):
    x = x_of(b)
    graph = b.graph({"o": b.add("add", b.add("exp", x), b.add("exp", x))})
    assert operations(graph) == ["exp", "add"]


@pytest.mark.parametrize("ta", [False, True])
@pytest.mark.parametrize("tb", [False, True])
@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("sizes", [(1, 5, 3), (3, 5, 1), (1, 5, 1), (4, 1, 3), (1, 1, 1)])
def test_a_matmul_with_a_side_of_one_is_products_and_sums(b, differing, sizes, ta, tb, bias):
    m, k, n = sizes
    left = b.leaf("input", "left", (k, m) if ta else (m, k), F32)
    right = b.leaf("input", "right", (n, k) if tb else (k, n), F32)
    more = (b.leaf("input", "bias", (n,), F32),) if bias else ()
    graph = b.graph({"o": b.add("matmul", left, right, *more, ta=ta, tb=tb)})
    source = np.random.default_rng(0)
    leaves = {
        name: source.choice(SPECIAL[np.isfinite(SPECIAL)], node.shape)
        for name, node in graph.leaves("input")
    }
    assert "matmul" not in operations(graph)
    check(differing, graph, leaves)


def halves(b, bits=0):
    """Two parts (3, 2), "x" and "y", in columns 0-1 and 3-4 of (3, 5)."""
    x, y = (b.leaf("input", name, (3, 2), F32) for name in "xy")
    spans = {"starts": (0, 0, 0, 3), "steps": (1, 1, 1, 1)}
    return b.add("assemble", x, y, shape=(3, 5), bits=bits, **spans)


PARTS = {
    "the first part": ((0, 0), (3, 2), []),
    "the second part": ((0, 3), (3, 2), []),
    "a piece of a part": ((1, 4), (2, 1), ["slice"]),
    "what lies between": ((0, 2), (3, 1), []),
    "over an edge": ((0, 1), (3, 2), ["assemble", "slice"]),
    "over both edges": ((0, 1), (3, 3), ["assemble", "slice"]),
}


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("bits", [0, 0x80000000, 0x3F800000])
def test_a_slice_of_what_was_assembled_is_read_from_its_part(b, differing, part, bits):
    starts, sizes, left = PARTS[part]
    whole = halves(b, bits)
    graph = b.graph({"o": b.add("slice", whole, starts=starts, sizes=sizes, steps=(1, 1))})
    assert operations(graph) == left
    numbers = {
        name: np.arange(6, dtype=np.float32).reshape(3, 2) + i for i, name in enumerate("xy")
    }
    check(differing, graph, {name: numbers[name] for name, _ in graph.leaves("input")})


def test_a_slice_in_steps_of_what_was_assembled_stays(b, differing):
    whole = halves(b)
    graph = b.graph({"o": b.add("slice", whole, starts=(0, 0), sizes=(2, 2), steps=(2, 1))})
    assert operations(graph) == ["assemble", "slice"]
    check(differing, graph, {name: np.ones((3, 2), np.float32) for name in "xy"})
