"""Each operation on its own, over odd shapes, compiled as interpreted; and faults found once."""

import numpy as np
import pytest

from delea.compiler.simplify import simplify
from delea.graph import F32, I32, Builder, interpret
from delea.graph.ops import HEADER_WORDS

ZEROS = np.array([0.0, -0.0, 1.0, -1.0, np.inf, -np.inf, np.nan, 1e-45, 0.4], np.float32)
SIZES = (1, 2, 3, 5, 7, 16, 17, 33)


@pytest.fixture
def b():
    return Builder()


def numbers(*shape, seed=0):
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float32)


@pytest.mark.parametrize("m", SIZES)
@pytest.mark.parametrize("n", SIZES)
def test_a_matmul_of_any_inner_size_and_transposition(differences, m, n):
    b, outputs = Builder(), {}
    bias = b.leaf("input", "bias", (n,), F32)
    for k in (1, 2, 4, 5, 19):
        for ta, tb, more in ((0, 0, (bias,)), (0, 1, ()), (1, 0, ()), (1, 1, (bias,))):
            x = b.leaf("input", f"x{k}{ta}", (k, m) if ta else (m, k), F32)
            y = b.leaf("input", f"y{k}{tb}", (n, k) if tb else (k, n), F32)
            outputs[f"{k} {ta} {tb}"] = b.add("matmul", x, y, *more, ta=bool(ta), tb=bool(tb))
    graph = b.graph(outputs)
    leaves = {name: numbers(*node.shape) for name, node in graph.leaves("input")}
    assert differences(graph, leaves) == []


@pytest.mark.parametrize(("ta", "tb"), [(False, False), (True, False), (False, True), (True, True)])
@pytest.mark.parametrize("m", [1, 2, 3, 17])
def test_a_batch_of_matmuls_reads_views_with_an_inner_size_of_1(b, differences, m, ta, tb):
    sides = []
    for name, inner_first in (("x", ta), ("y", not tb)):
        flat = b.leaf("input", name, (2, m, 3), F32)
        heads = b.add("reshape", flat, shape=(2, m, 3, 1))
        axes = (0, 2, 3, 1) if inner_first else (0, 2, 1, 3)
        sides.append(b.add("transpose", heads, axes=axes))
    graph = b.graph({"o": b.add("matmul", *sides, ta=ta, tb=tb)})
    assert differences(graph, {name: numbers(2, m, 3, seed=m) for name in "xy"}) == []


def test_a_matmul_adds_from_minus_zero(b, run):
    x, y = b.leaf("input", "x", (2, 3), F32), b.leaf("input", "y", (3, 2), F32)
    graph = b.graph({"o": b.add("matmul", x, y, ta=False, tb=False)})
    out = run(graph, {"x": np.full((2, 3), -0.0, "f4"), "y": np.ones((3, 2), "f4")})["o"]
    assert np.signbit(out).all()


def test_a_matmul_adds_in_ascending_order_and_rounds_each_product(b, run):
    x, y = b.leaf("input", "x", (2, 4), F32), b.leaf("input", "y", (4, 2), F32)
    graph = b.graph({"o": b.add("matmul", x, y, ta=False, tb=False)})
    row = np.array([1e8, 1.0, -1e8, 1.0], "f4")  # 1e8 + 1 is 1e8: the first 1 is lost, not both
    out = run(graph, {"x": np.stack([row, row]), "y": np.ones((4, 2), "f4")})["o"]
    assert out.tolist() == [[1.0, 1.0], [1.0, 1.0]]


def test_lanes4_puts_element_i_in_lane_i_mod_4_and_adds_pairs(b, run):
    x = b.leaf("input", "x", (9,), F32)
    graph = b.graph({"o": b.add("sum", x, axes=(0,), order="lanes4")})
    # lane 0: 1e8, then 1, then -1e8 = 0; lane 1: 1, 1; lane 2: 1e8, -1e8; lane 3: 2, 2
    values = np.array([1e8, 1, 1e8, 2, 1, 1, -1e8, 2, -1e8], "f4")
    assert run(graph, {"x": values})["o"].tolist() == [6.0]


def test_a_sequential_sum_starts_at_its_second_input(b, run):
    x, start = b.leaf("input", "x", (3, 2), F32), b.leaf("input", "s", (1, 2), F32)
    graph = b.graph({"o": b.add("sum", x, start, axes=(0,), order="sequential")})
    leaves = {"x": np.array([[1, 2], [1, 2], [-1e8, 2]], "f4"), "s": np.array([[1e8, 1]], "f4")}
    assert run(graph, leaves)["o"].tolist() == [[0.0, 7.0]]


@pytest.mark.parametrize("op", ["max", "min"])
def test_max_and_min_keep_a_nan_on_the_left_and_ignore_one_on_the_right(b, run, op):
    x, y = b.leaf("input", "x", (2,), F32), b.leaf("input", "y", (2,), F32)
    graph = b.graph({"o": b.add(op, x, y)})
    nan = np.float32(np.nan)
    out = run(graph, {"x": np.array([nan, 3], "f4"), "y": np.array([3, nan], "f4")})["o"]
    assert np.isnan(out[0])
    assert out[1] == 3


@pytest.mark.parametrize("op", ["max", "min"])
def test_max_and_min_of_equal_zeros_give_the_left_one(b, run, op):
    x, y = b.leaf("input", "x", (2,), F32), b.leaf("input", "y", (2,), F32)
    graph = b.graph({"o": b.add(op, x, y)})
    out = run(graph, {"x": np.array([0.0, -0.0], "f4"), "y": np.array([-0.0, 0.0], "f4")})["o"]
    assert np.signbit(out).tolist() == [False, True]


@pytest.mark.parametrize("order", ["lanes4", "sequential"])
@pytest.mark.parametrize("n", [1, 3, 4, 9])
def test_a_maximum_starts_at_minus_infinity_and_ignores_nans(b, run, n, order):
    x = b.leaf("input", "x", (2, n), F32)
    graph = b.graph({"o": b.add("maximum", x, axes=(1,), order=order)})
    values = np.full((2, n), -np.inf, "f4")
    values[1] = np.nan
    assert run(graph, {"x": values})["o"].tolist() == [[-np.inf], [-np.inf]]


@pytest.mark.parametrize("shape", [(1,), (1, 1), (5, 1), (3, 1, 7)])
@pytest.mark.parametrize("op", ["sum", "maximum"])
@pytest.mark.parametrize("order", ["lanes4", "sequential"])
def test_a_reduction_of_one_term_is_that_term(b, run, shape, op, order):
    axis = shape.index(1)
    x = b.leaf("input", "x", shape, F32)
    graph = b.graph({"o": b.add(op, x, axes=(axis,), order=order)})
    assert run(graph, {"x": numbers(*shape)})["o"].tolist() == numbers(*shape).tolist()


@pytest.mark.parametrize("shape", [(3, 5), (2, 3, 4), (3, 4, 5), (5, 1, 3), (4, 4), (2, 2, 2, 3)])
@pytest.mark.parametrize("op", ["sum", "maximum"])
def test_a_reduction_over_several_last_axes(b, differences, shape, op):
    for first in range(len(shape)):
        x = b.leaf("input", "x", shape, F32)
        axes = tuple(range(first, len(shape)))
        graph = b.graph({"o": b.add(op, b.add("exp", x), axes=axes, order="lanes4")})
        assert differences(graph, {"x": numbers(*shape)}) == []


@pytest.mark.parametrize("shape", [(3, 4, 5), (2, 3, 7), (1, 5, 3), (4, 2, 8)])
@pytest.mark.parametrize("op", ["sum", "maximum"])
def test_a_reduction_over_last_axes_that_do_not_lie_in_one_run(b, differences, shape, op):
    rows, inner, last = shape
    x, y = b.leaf("input", "x", (rows, 1, last), F32), b.leaf("input", "y", (rows, inner, 1), F32)
    turned = b.leaf("input", "z", (rows, last, inner), F32)
    outputs = {
        "product": b.add(op, b.add("mul", x, y), axes=(1, 2), order="lanes4"),
        "turned": b.add(
            op, b.add("transpose", turned, axes=(0, 2, 1)), axes=(1, 2), order="lanes4"
        ),
    }
    graph = b.graph(outputs)
    leaves = {name: numbers(*node.shape) for name, node in graph.leaves("input")}
    assert differences(graph, leaves) == []


@pytest.mark.parametrize("axes", [(2, 0, 1), (1, 2, 0), (0, 2, 1), (2, 1, 0)])
def test_a_transposition_of_three_axes_alone_and_in_a_sum(b, differences, axes):
    x = b.leaf("input", "x", (3, 5, 7), F32)
    turned = b.add("transpose", x, axes=axes)
    y = b.leaf("input", "y", b.shape(turned), F32)
    graph = b.graph({"o": turned, "p": b.add("mul", turned, y), "q": b.reduce("sum", turned, (2,))})
    leaves = {name: numbers(*node.shape) for name, node in graph.leaves("input")}
    assert differences(graph, leaves) == []


def test_an_output_can_be_an_input_a_constant_an_index_and_one_value_twice(b, run):
    x = b.leaf("input", "x", (3,), F32)
    double = b.add("add", x, x)
    outputs = {"x": x, "c": b.constant(2.5, (2,)), "i": b.iota((2, 3), 1), "d": double, "e": double}
    found = run(
        b.graph({**{f"o{k}": v for k, v in outputs.items()}}), {"x": np.arange(3.0).astype("f4")}
    )
    assert {name: value.tolist() for name, value in found.items()} == {
        "ox": [0, 1, 2],
        "oc": [2.5, 2.5],
        "oi": [[0, 1, 2], [0, 1, 2]],
        "od": [0, 2, 4],
        "oe": [0, 2, 4],
    }


@pytest.mark.parametrize("op", ["exp", "log", "tanh", "sqrt", "neg", "abs"])
def test_a_function_of_any_32_bits(b, differences, op):
    words = np.random.default_rng(3).integers(0, 1 << 32, 40_001, dtype=np.uint32)
    x = b.leaf("input", "x", words.shape, F32)
    assert differences(b.graph({"o": b.add(op, x)}), {"x": words.view(np.float32)}) == []


@pytest.mark.parametrize("op", ["add", "sub", "mul", "div", "max", "min"])
def test_arithmetic_of_any_32_bits(b, differences, op):
    words = np.random.default_rng(4).integers(0, 1 << 32, (2, 40_001), dtype=np.uint32)
    x, y = (b.leaf("input", name, words[0].shape, F32) for name in "xy")
    leaves = dict(zip("xy", words.view(np.float32), strict=True))
    assert differences(b.graph({"o": b.add(op, x, y)}), leaves) == []


@pytest.mark.parametrize("op", ["add", "sub", "mul", "div", "max", "min"])
@pytest.mark.parametrize("constant", [0.0, -0.0, 1.0, np.inf])
def test_arithmetic_with_a_constant_on_either_side(b, differences, op, constant):
    x, c = b.leaf("input", "x", ZEROS.shape, F32), b.constant(constant)
    graph = b.graph({"left": b.add(op, c, x), "right": b.add(op, x, c)})
    assert differences(graph, {"x": ZEROS}) == []


@pytest.mark.parametrize("constant", [0.0, -0.0, 1.0])
def test_a_choice_between_a_value_and_a_constant(b, differences, constant):
    x, c = b.leaf("input", "x", ZEROS.shape, F32), b.constant(constant)
    mask = b.add("less", x, b.constant(0.5))
    graph = b.graph({"yes": b.add("where", mask, c, x), "no": b.add("where", mask, x, c)})
    assert differences(graph, {"x": ZEROS}) == []


def test_a_deep_chain_of_operations_compiles(b, differences):
    x = b.leaf("input", "x", (5,), F32)
    value = x
    for _ in range(1500):
        value = b.add("add", b.add("mul", value, b.constant(0.5)), x)
    assert differences(b.graph({"o": value}), {"x": numbers(5)}) == []


def test_two_broadcasts_that_make_a_shape_together_keep_it(b):
    x, y = b.leaf("input", "x", (3, 1), F32), b.leaf("input", "y", (3, 1), F32)
    wide = [b.add("add", v, b.constant(-0.0, (3, 4))) for v in (x, y)]
    graph = b.graph({"o": b.add("mul", *wide)})
    leaves = {"x": numbers(3, 1), "y": numbers(3, 1, seed=1)}
    assert interpret(simplify(graph), leaves)["o"].shape == (3, 4)


def test_a_nan_made_of_constants_has_the_same_bits_on_every_machine(b):
    zero = b.constant(0.0)
    simple = simplify(b.graph({"o": b.add("div", zero, zero)}))
    assert [node["bits"] for node in simple.nodes] == [0x7FC00000]


@pytest.mark.parametrize("size", [1, 3, 4, 5, 19])
def test_random_numbers_go_to_where_they_are_read(b, differences, size):
    header = b.leaf("input", "header", (HEADER_WORDS,), I32)
    graph = b.graph({"o": b.add("random", header, shape=(size,), draw=2)})
    words = np.arange(1, HEADER_WORDS + 1, dtype=np.int32)
    assert differences(graph, {"header": words}) == []


@pytest.mark.parametrize("channels", [1, 3, 4, 9])
@pytest.mark.parametrize("kernel", [(1, 3), (2, 1), (3, 2), (7, 7)])
def test_a_fold_computes_what_it_adds_at_each_place(b, differences, channels, kernel):
    shape = (2, 3, 4, channels, *kernel)
    g = b.leaf("input", "g", (*shape[:4], 1, 1), F32)
    w = b.leaf("input", "w", (*kernel, channels), F32)
    weights = b.add("transpose", w, axes=(2, 0, 1))
    places = b.add("cast", b.iota(shape, 5))
    pixels = b.add("cast", b.iota((*shape[:4], 1, 1), 2))
    product = b.add("add", b.add("mul", g, weights), b.add("add", places, pixels))
    wanted = (2, 1 + 2 * kernel[0], 6 + kernel[1], channels)
    spans = {"axes": (1, 2), "sizes": kernel, "steps": (1, 2), "dilations": (2, 1)}
    graph = b.graph({"o": b.add("fold", product, shape=wanted, **spans)})
    leaves = {name: numbers(*node.shape) for name, node in graph.leaves("input")}
    assert differences(graph, leaves) == []


def test_a_fold_meets_its_places_in_order_whatever_layout_it_reads(b, differences):
    kernel = (2, 3)
    parts = [b.leaf("input", name, (2, 5, *kernel, 4, 6), F32) for name in "xyz"]
    total, *rest = (b.add("transpose", part, axes=(0, 4, 5, 1, 2, 3)) for part in parts)
    for part in rest:
        total = b.add("add", total, part)
    spans = {"axes": (1, 2), "sizes": kernel, "steps": (1, 1), "dilations": (1, 1)}
    graph = b.graph({"o": b.add("fold", total, shape=(2, 5, 8, 5), **spans)})
    leaves = {name: numbers(*node.shape, seed=ord(name)) for name, node in graph.leaves("input")}
    assert differences(graph, leaves) == []
