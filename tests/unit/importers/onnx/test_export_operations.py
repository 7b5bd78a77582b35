"""Every operation that answers are made of goes out by itself, with the interpreter's numbers."""

import numpy as np
import onnx
import onnxruntime
import pytest

from delea.errors import GraphError
from delea.graph import F32, I32, Builder, float_bits, interpret
from delea.graph.ops import OPS
from delea.importers.onnx import to_onnx

ROWS = 3
WINDOW = {"axes": (1, 2), "sizes": (2, 3), "steps": (2, 1), "dilations": (1, 2)}
FOLD = {**WINDOW, "shape": (ROWS, 6, 9, 2)}
ONE = float_bits(1.5)


def elementwise(op, count):
    def build(b, x):
        half = b.add("mul", x, b.constant(0.5))
        return b.add(op, *(x, half)[:count])

    return build


def where(b, x):
    return b.add("where", b.add("less", x, b.constant(0.5)), x, b.constant(-2.0))


def equal(b, x):
    whole = b.add("cast", x)
    return b.add("where", b.add("equal", whole, b.iota((4,), 0)), x, b.constant(7.0, (ROWS, 4)))


def matmul(b, x, *, ta=False, tb=False, deep=False, bias=False):
    shape = (4, 5)[:: -1 if tb else 1]
    right = b.leaf("state", "w", (2, *shape) if deep else shape, F32)
    left = b.add("reshape", x, shape=(ROWS, 2, 6, 4)) if deep else x
    left = b.add("transpose", left, axes=(0, 1, 3, 2)) if deep and ta else left
    more = (b.leaf("state", "v", (5,), F32),) if bias else ()
    return b.add("matmul", left, right, *more, ta=ta, tb=tb)


def assembled(b, x, **changes):
    given = {"shape": (ROWS, 9), "starts": (0, 1), "steps": (1, 1), "bits": ONE} | changes
    parts = len(given["starts"]) // 2
    return b.add("assemble", *(x,) * parts, **given)


CASES = {
    **{op: (elementwise(op, 2), (4,)) for op in ("add", "sub", "mul", "div", "max", "min", "pow")},
    **{
        op: (elementwise(op, 1), (4,))
        for op in ("neg", "abs", "sqrt", "exp", "log", "tanh", "sin", "cos", "erf")
    },
    "where less": (where, (4,)),
    "equal cast iota": (equal, (4,)),
    "reshape transpose": (
        lambda b, x: b.add("transpose", b.add("reshape", x, shape=(ROWS, 2, 3)), axes=(0, 2, 1)),
        (6,),
    ),
    "slice": (
        lambda b, x: b.add("slice", x, starts=(0, 1), sizes=(ROWS, 3), steps=(1, 2)),
        (8,),
    ),
    "window": (lambda b, x: b.add("window", x, **WINDOW), (6, 9, 2)),
    "window of one": (
        lambda b, x: b.add("window", x, axes=(1, 2), sizes=(1, 1), steps=(2, 3), dilations=(1, 1)),
        (6, 9, 2),
    ),
    "fold": (lambda b, x: b.add("fold", b.add("window", x, **WINDOW), **FOLD), (6, 9, 2)),
    "fold with more": (
        lambda b, x: b.add(
            "fold", b.add("window", x, **WINDOW), **{**FOLD, "shape": (ROWS, 7, 10, 2)}
        ),
        (7, 10, 2),
    ),
    "sum": (lambda b, x: b.reduce("sum", x, (1,)), (4, 2)),
    "sum from": (
        lambda b, x: b.add("sum", x, b.constant(3.0), axes=(1, 2), order="sequential"),
        (4, 2),
    ),
    "maximum": (lambda b, x: b.reduce("maximum", x, (1, 2)), (4, 2)),
    "matmul": (matmul, (4,)),
    "matmul bias": (lambda b, x: matmul(b, x, bias=True), (4,)),
    "matmul turned": (lambda b, x: matmul(b, x, tb=True, bias=True), (4,)),
    "matmul deep": (lambda b, x: matmul(b, x, deep=True), (48,)),
    "matmul deep turned": (lambda b, x: matmul(b, x, deep=True, ta=True, tb=True), (48,)),
    "sparse_matmul": (
        lambda b, x: b.copy(b.nodes[matmul(b, x)], (x, len(b.nodes) - 2), op="sparse_matmul"),
        (4,),
    ),
    "assemble padded": (assembled, (4,)),
    "assemble joined": (
        lambda b, x: assembled(b, x, shape=(ROWS, 8), starts=(0, 4, 0, 0), steps=(1,) * 4),
        (4,),
    ),
    "assemble apart": (
        lambda b, x: assembled(b, x, starts=(0, 5, 0, 0), steps=(1,) * 4, bits=0),
        (4,),
    ),
    "constant": (
        lambda b, x: b.add(
            "add", b.constant(2.5, (ROWS, 3, 4)), b.add("reshape", x, shape=(ROWS, 1, 4))
        ),
        (4,),
    ),
    "iota": (lambda b, x: b.add("mul", x, b.add("cast", b.iota((ROWS, 4), 1))), (4,)),
}


def write(build, row, dtype=F32):
    """Return the pair of graphs of one operation."""
    graphs = []
    for rows in (ROWS, 1):
        builder = Builder()
        leaf = builder.leaf("input", "input", (rows, *row), dtype)
        if rows == ROWS:
            graphs.append(builder.graph({"output": build(builder, leaf)}))
    return graphs[0], graphs[0]


def run(data, x):
    onnx.checker.check_model(onnx.load_from_string(data), full_check=True)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    return onnxruntime.InferenceSession(data, options).run(None, {"input": x})[0]


def weights(graph):
    generator = np.random.default_rng(1)
    leaves = {name: node.shape for name, node in graph.leaves("state")}
    return {name: generator.uniform(0.1, 1, s).astype(np.float32) for name, s in leaves.items()}


@pytest.mark.parametrize("name", CASES)
def test_an_operation_goes_out(name):
    build, row = CASES[name]
    graphs = write(build, row)
    x = np.random.default_rng(0).uniform(0.1, 2, (ROWS, *row)).astype(np.float32)
    own = weights(graphs[0])
    expected = interpret(graphs[0], {"input": x, **own})["output"]
    data = to_onnx(graphs, own)
    found = run(data, x)
    assert found.shape == expected.shape
    assert np.abs(found - expected).max() <= 1e-5
    twice = run(data, np.concatenate([x, x]))  # any number of rows
    assert np.array_equal(twice[:ROWS], found)


def test_rows_of_a_table_go_out_and_indices_beyond_it_are_clipped():
    def build(b, x):
        return b.add("gather", b.leaf("state", "w", (5, 2), F32), x)

    graphs = write(build, (4,), I32)
    x = np.array([[-3, 0, 4, 9]] * ROWS, np.int32)
    own = weights(graphs[0])
    expected = interpret(graphs[0], {"input": x, **own})["output"]
    assert np.array_equal(run(to_onnx(graphs, own), x), expected)


def test_rows_moved_behind_another_axis_are_followed():
    def build(b, x):
        turned = b.add("transpose", x, axes=(1, 0, 2))  # (5, rows, 4)
        flat = b.add("reshape", turned, shape=(5 * ROWS, 4))
        wide = b.add("matmul", flat, b.leaf("state", "w", (4, 2), F32), ta=False, tb=False)
        apart = b.add("reshape", wide, shape=(5, ROWS, 2))
        return b.add("transpose", apart, axes=(1, 0, 2))

    graphs = write(build, (5, 4))
    x = np.random.default_rng(0).standard_normal((ROWS, 5, 4)).astype(np.float32)
    own = weights(graphs[0])
    expected = interpret(graphs[0], {"input": x, **own})["output"]
    more = run(to_onnx(graphs, own), np.concatenate([x, x, x]))
    assert np.abs(more[-ROWS:] - expected).max() <= 1e-5


def squares(b, x):
    """Return products of all rows with all others."""
    return b.add("matmul", x, x, ta=False, tb=True)


def weighed(b, x):
    """Return rows that each have a weight of their own."""
    return b.add("mul", x, b.leaf("state", "w", (b.shape(x)[0], 4), F32))


def first(b, x):
    """Return one row for each."""
    some = b.add("slice", x, starts=(0, 0), sizes=(1, 4), steps=(1, 1))
    return b.add("add", x, some)


def halves(b, x):
    """Return rows that are put together to others."""
    return b.add("reshape", x, shape=(4, b.shape(x)[0]))


@pytest.mark.parametrize("build", [squares, weighed, first, halves])
def test_rows_that_depend_on_each_other_are_written_for_one(build):
    graphs = []
    for rows in (ROWS, 1):
        builder = Builder()
        leaf = builder.leaf("input", "input", (rows, 4), F32)
        graphs.append(builder.graph({"output": build(builder, leaf)}))
    data = to_onnx((graphs[0], graphs[1]), weights(graphs[1]))
    shape = onnx.load_from_string(data).graph.input[0].type.tensor_type.shape
    assert [size.dim_value for size in shape.dim] == [1, 4]


def test_what_answers_are_not_made_of_is_refused():
    def random(b, x):
        header = b.leaf("input", "header", (10,), I32)
        return b.add("mul", x, b.add("random", header, draw=0, shape=(ROWS, 4)))

    with pytest.raises(GraphError, match="an operation that answers are made of expected"):
        to_onnx(write(random, (4,)), {})
    with pytest.raises(GraphError, match="parts without gaps expected"):
        to_onnx(write(lambda b, x: assembled(b, x, steps=(1, 2)), (4,)), {})
    gap = {"starts": (0, 5, 0, 0), "steps": (1,) * 4}
    with pytest.raises(GraphError, match="parts on zeros expected"):
        to_onnx(write(lambda b, x: assembled(b, x, **gap), (4,)), {})


def test_no_operation_is_forgotten():
    told = {word for name in CASES for word in name.split()} | {
        "gather",
        "input",
        "state",
        "constant",
    }
    training = {"scatter", "random"}
    assert OPS - told == training
