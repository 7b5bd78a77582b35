"""The spec check names what is wrong with a graph; plain graphs are read as strictly."""

import pytest

from delea.errors import DtypeError, GraphError, ShapeError
from delea.graph import F32, I32, MASK, Builder, Graph, Node, check_graph, from_plain, to_plain


def constant(*shape, bits=0, dtype=F32):
    return Node("constant", (), shape, dtype, (("bits", bits),))


def state(*shape, name="x", dtype=F32):
    return Node("state", (), shape, dtype, (("name", name),))


def graph(*nodes, outputs=(("o", 0),)):
    return Graph(nodes, outputs)


SUM = (("axes", (0,)), ("order", "sequential"))
WRONG = {
    "a size of zero": graph(constant(0)),
    "a negative size": graph(constant(-1, -5)),
    "17 axes": graph(constant(*[1] * 17)),
    "more than 2^30 elements": graph(constant(2**15, 2**16)),
    "bits below zero": graph(constant(bits=-1)),
    "33 bits": graph(constant(bits=1 << 32)),
    "bits that are true": graph(constant(bits=bool(1))),
    "a constant of integers": graph(constant(dtype=I32)),
    "a state of masks": graph(state(dtype=MASK)),
    "a state of doubles": graph(state(dtype="f64")),
    "a state without a name": graph(state(name="")),
    "a state with a long name": graph(state(name="x" * 257)),
    "a name of two lines": graph(state(name="a\nb")),
    "one name for two states": graph(state(2), state(3)),
    "a leaf with an input": graph(state(), Node("state", (0,), (), F32, (("name", "y"),))),
    "an unknown operation": graph(Node("dance", (), (), F32)),
    "an input that is itself": graph(Node("neg", (0,), (), F32)),
    "an input that comes later": graph(Node("neg", (1,), (), F32), state()),
    "a negative input": graph(state(), Node("neg", (-1,), (), F32)),
    "an input too many": graph(state(), Node("neg", (0, 0), (), F32)),
    "an attribute too many": graph(state(), Node("neg", (0,), (), F32, (("axis", 0),))),
    "no attribute": graph(state(2), Node("sum", (0,), (1,), F32)),
    "another shape": graph(state(2), Node("neg", (0,), (3,), F32)),
    "another type": graph(state(2), Node("neg", (0,), (2,), I32)),
    "shapes that do not broadcast": graph(state(2), constant(3), Node("add", (0, 1), (2,), F32)),
    "a sum over no axis it has": graph(state(), Node("sum", (0,), (), F32, SUM)),
    "an output that is no node": graph(state(), outputs=(("o", 1),)),
    "an output before the first": graph(state(), outputs=(("o", -1),)),
    "an output twice": graph(state(), outputs=(("o", 0), ("o", 0))),
    "an output without a name": graph(state(), outputs=(("", 0),)),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_graph_that_is_not_legal_is_refused_in_one_line(name):
    with pytest.raises(GraphError, match=r"\A[^\n]{1,300}\Z"):
        check_graph(WRONG[name])


def test_a_fault_names_its_node():
    with pytest.raises(GraphError, match=r"node 1 \(neg\)"):
        check_graph(WRONG["another shape"])


def test_a_legal_graph_goes_through_plain_values_and_back():
    b = Builder()
    x = b.leaf("state", "x", (2, 3), F32)
    total = b.add("exp", b.reduce("sum", b.add("mul", x, b.constant(-0.0)), (0, 1)))
    whole = b.graph({"total": total, "x": x})
    check_graph(whole)
    assert from_plain(to_plain(whole)) == whole


@pytest.mark.parametrize(
    "plain",
    [
        None,
        [],
        {},
        {"nodes": []},
        {"nodes": {}, "outputs": []},
        {"nodes": [], "outputs": [], "more": 1},
        {"nodes": [[]], "outputs": []},
        {"nodes": [["neg", [0], [], "f32"]], "outputs": []},
        {"nodes": [["neg", [0.5], [], "f32", {}]], "outputs": []},
        {"nodes": [["neg", [True], [], "f32", {}]], "outputs": []},
        {"nodes": [["constant", [], [], "f32", {"bits": 1.5}]], "outputs": []},
        {"nodes": [["constant", [], [], "f32", {"bits": None}]], "outputs": []},
        {"nodes": [["constant", [], [], "f32", {"bits": 0}]], "outputs": [["o"]]},
        {"nodes": [["constant", [], [], "f32", {"bits": 0}]], "outputs": [[1, 0]]},
        {"nodes": [["constant", [], [], "f32", {"bits": 0}]], "outputs": [["o", False]]},
        {"nodes": [0] * 65_537, "outputs": []},
    ],
)
def test_another_plain_value_is_refused(plain):
    with pytest.raises(GraphError, match=r"\A[^\n]{1,300}\Z"):
        from_plain(plain)


@pytest.mark.parametrize(
    ("op", "shapes", "attributes", "fault", "message"),
    [
        ("add", ((2,), (3,)), {}, ShapeError, r"got \(2,\) and \(3,\)"),
        ("matmul", ((2, 3), (4, 5)), {"ta": False, "tb": False}, ShapeError, "equal inner sizes"),
        ("matmul", ((2,), (2, 2)), {"ta": False, "tb": False}, ShapeError, "two matrices"),
        ("reshape", ((2, 3),), {"shape": (4,)}, ShapeError, r"got \(2, 3\) to \(4,\)"),
        ("transpose", ((2, 3),), {"axes": (0, 0)}, ShapeError, "each axis"),
        ("sum", ((2, 3),), {"axes": (0,), "order": "lanes4"}, ShapeError, "last axes"),
        ("sum", ((2, 3),), {"axes": (1,), "order": "any"}, ShapeError, "an order of"),
        ("where", ((2,), (2,), (2,)), {}, DtypeError, "where needs inputs of type"),
    ],
)
def test_the_builder_says_what_an_operation_needs(op, shapes, attributes, fault, message):
    b = Builder()
    inputs = [b.leaf("state", f"s{i}", shape, F32) for i, shape in enumerate(shapes)]
    with pytest.raises(fault, match=message):
        b.add(op, *inputs, **attributes)
