"""Every rule of the gradient table against central differences of the same graph in float64."""

import numpy as np
import pytest

from delea.compiler.differentiate import differentiate
from delea.graph import F32, Builder, gradient, interpret
from delea.graph.gradients import GRADIENTS
from delea.graph.ops import COMPARISONS, ELEMENTWISE

STEP = 1e-6


def in_float64(graph, leaves):
    """Run a graph in float64, operations in NumPy's own words."""
    values = []
    for node in graph.nodes:
        a = [values[source] for source in node.inputs]
        match node.op:
            case "input" | "state":
                value = leaves[node.text("name")]
            case "constant":
                bits = np.array(node["bits"], np.uint32)
                value = np.broadcast_to(np.float64(bits.view(np.float32)), node.shape)
            case "reshape":
                value = a[0].reshape(node.shape)
            case "transpose":
                value = a[0].transpose(node["axes"])
            case "sum" | "maximum":
                kind = np.sum if node.op == "sum" else np.max
                value = kind(a[0], axis=node["axes"], keepdims=True)
                value = value + (a[1] if len(a) > 1 else 0)
            case "matmul":
                value = (a[0].T if node["ta"] else a[0]) @ (a[1].T if node["tb"] else a[1])
                value = value + (a[2] if len(a) > 2 else 0)
            case "where":
                value = np.where(*a)
            case op:
                names = {"sub": "subtract", "mul": "multiply", "div": "divide", "max": "maximum"}
                names |= {"min": "minimum", "neg": "negative"}
                value = getattr(np, names.get(op, op))(*a)
        values.append(value)
    return {name: values[source] for name, source in graph.outputs}


def slopes(graph, leaves, name):
    """Return d loss / d leaf by central differences in float64."""
    found = np.zeros_like(leaves[name])
    for at in np.ndindex(*found.shape):
        ends = []
        for sign in (1, -1):
            moved = {key: value.copy() for key, value in leaves.items()}
            moved[name][at] += sign * STEP
            ends.append(float(in_float64(graph, moved)["loss"]))
        found[at] = (ends[0] - ends[1]) / (2 * STEP)
    return found


def weighted(b, value):
    """A scalar that gives each element of a value another weight."""
    index = b.leaf("input", "weight", b.shape(value), F32)
    product = b.add("mul", value, index)
    if b.shape(value):
        product = b.reduce("sum", product, tuple(range(len(b.shape(value)))))
    return b.add("reshape", product, shape=())


def check(b, value, *, seed=0, positive=False):
    """Assert that the gradients of all leaves agree with the slopes."""
    leaves = [n for n, node in enumerate(b.nodes) if node.op == "state"]
    loss = weighted(b, value)
    outputs = {"loss": loss}
    for leaf, found in zip(leaves, differentiate(b, loss, leaves), strict=True):
        outputs[b.nodes[leaf].text("name")] = found
    graph, source = b.graph(outputs), np.random.default_rng(seed)
    numbers = {}
    for op in ("state", "input"):
        for name, node in graph.leaves(op):
            numbers[name] = source.uniform(0.5, 1.5, node.shape)
            if not positive:
                numbers[name] *= source.choice([-1.0, 1.0], node.shape)
    numbers = {key: value.astype(np.float32).astype(np.float64) for key, value in numbers.items()}
    single = {key: value.astype(np.float32) for key, value in numbers.items()}
    ours = interpret(graph, single)
    for leaf in leaves:
        name = b.nodes[leaf].text("name")
        assert ours[name].shape == b.shape(leaf)
        np.testing.assert_allclose(ours[name], slopes(graph, numbers, name), rtol=2e-4, atol=2e-5)


@pytest.fixture
def b():
    return Builder()


def state(b, name, *shape):
    return b.leaf("state", name, shape, F32)


@pytest.mark.parametrize("op", ["add", "sub", "mul", "div", "max", "min"])
@pytest.mark.parametrize(
    "shapes", [((3,), (3,)), ((2, 3), (3,)), ((2, 1), (1, 3)), ((), (2, 2)), ((1,), (4,))]
)
def test_arithmetic_with_broadcasting(b, op, shapes):
    check(b, b.add(op, state(b, "x", *shapes[0]), state(b, "y", *shapes[1])))


@pytest.mark.parametrize("op", ["add", "sub", "mul", "div", "max", "min"])
def test_arithmetic_of_a_value_with_itself(b, op):
    x = state(b, "x", 3)
    check(b, b.add(op, x, x))


@pytest.mark.parametrize("op", ["neg", "abs", "exp", "tanh"])
def test_functions_of_any_number(b, op):
    check(b, b.add(op, state(b, "x", 5)))


@pytest.mark.parametrize("op", ["sqrt", "log"])
def test_functions_of_positive_numbers(b, op):
    check(b, b.add(op, state(b, "x", 5)), positive=True)


def test_where_sends_each_gradient_to_the_side_it_took(b):
    x, y = state(b, "x", 2, 3), state(b, "y", 3)
    check(b, b.add("where", b.add("less", x, y), x, y))


@pytest.mark.parametrize("axes", [(0, 1, 2), (2, 0, 1), (1, 2, 0), (2, 1, 0)])
def test_transpose(b, axes):
    check(b, b.add("transpose", state(b, "x", 2, 3, 4), axes=axes))


def test_reshape(b):
    check(b, b.add("reshape", state(b, "x", 2, 6), shape=(3, 4)))


@pytest.mark.parametrize("axes", [(0,), (1,), (2,), (0, 1), (1, 2), (0, 2), (0, 1, 2)])
def test_sum(b, axes):
    check(b, b.reduce("sum", state(b, "x", 2, 3, 2), axes))


@pytest.mark.parametrize("start", [(1, 3), (1, 1)])
def test_sum_from_a_start(b, start):
    x, s = state(b, "x", 4, 3), state(b, "s", *start)
    check(b, b.add("sum", x, s, axes=(0,), order="sequential"))


@pytest.mark.parametrize("ta", [False, True])
@pytest.mark.parametrize("tb", [False, True])
@pytest.mark.parametrize("bias", [False, True])
def test_matmul(b, ta, tb, bias):
    x = state(b, "x", *((3, 2) if ta else (2, 3)))
    y = state(b, "y", *((4, 3) if tb else (3, 4)))
    more = (state(b, "bias", 4),) if bias else ()
    check(b, b.add("matmul", x, y, *more, ta=ta, tb=tb))


def test_matmul_of_one_row(b):
    x, y, bias = state(b, "x", 1, 3), state(b, "y", 3, 4), state(b, "bias", 4)
    check(b, b.add("matmul", x, y, bias, ta=False, tb=False))


def test_matmul_of_a_value_with_itself(b):
    x = state(b, "x", 3, 3)
    check(b, b.add("matmul", x, x, ta=False, tb=True))


def test_every_operation_with_a_derivative_has_a_rule():
    constants = COMPARISONS | {"cast"}
    assert ELEMENTWISE - constants <= set(GRADIENTS)
    assert {"reshape", "transpose", "sum", "matmul"} <= set(GRADIENTS)


@pytest.mark.parametrize("op", ["less", "equal"])
def test_a_comparison_passes_no_gradient(b, op):
    x, y = state(b, "x", 2), state(b, "y", 2)
    assert gradient(b, b.add(op, x, y), b.constant(1.0, (2,))) == (None, None)


def test_the_gradient_of_a_relu_at_zero_is_zero(b):
    x = state(b, "x", 3)
    loss = b.reduce("sum", b.add("max", x, b.constant(0.0)), (0,))
    found = differentiate(b, b.add("reshape", loss, shape=()), [x])[0]
    graph = b.graph({"g": found})
    assert interpret(graph, {"x": np.array([-1, 0, 2], "f4")})["g"].tolist() == [0, 0, 1]


def test_a_parameter_that_is_not_used_gets_zeros(b):
    x, unused = state(b, "x", 2), state(b, "u", 2, 3)
    loss = b.add("reshape", b.reduce("sum", x, (0,)), shape=())
    graph = b.graph({"g": differentiate(b, loss, [x, unused])[1]})
    leaves = {"x": np.ones(2, "f4"), "u": np.ones((2, 3), "f4")}
    assert interpret(graph, leaves)["g"].tolist() == [[0.0] * 3] * 2


def test_a_parameter_used_twice_adds_its_gradients_up(b):
    x = state(b, "x", 2)
    total = b.add("add", b.add("mul", x, b.constant(3.0)), b.add("mul", x, b.constant(4.0)))
    loss = b.add("reshape", b.reduce("sum", total, (0,)), shape=())
    graph = b.graph({"g": differentiate(b, loss, [x])[0]})
    assert interpret(graph, {"x": np.ones(2, "f4")})["g"].tolist() == [7.0, 7.0]


def test_a_whole_network_with_softmax(b):
    x, w1 = b.leaf("input", "x", (4, 3), F32), state(b, "w1", 5, 3)
    b1, w2 = state(b, "b1", 5), state(b, "w2", 2, 5)
    hidden = b.add("tanh", b.add("matmul", x, w1, b1, ta=False, tb=True))
    out = b.add("matmul", hidden, w2, ta=False, tb=True)
    shifted = b.add("sub", out, b.reduce("maximum", out, (1,)))
    total = b.add("log", b.reduce("sum", b.add("exp", shifted), (1,)))
    check(b, b.add("sub", shifted, total))
