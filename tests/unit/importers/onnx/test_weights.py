"""What is trained, what is kept, and what moves: ONNX does not say, so it follows from the use."""

import numpy as np
import onnx
import pytest
from onnx import TensorProto

from delea import compiler, nn, runtime
from delea.artifact import read_manifest
from delea.graph import F32, Builder, interpret
from delea.importers.onnx import from_bytes
from delea.nn import Tensor, recording

SCOPES = "pkg.torch.onnx.name_scopes"


def real(*shape):
    return np.random.default_rng(sum(shape)).uniform(-2, 2, shape).astype(np.float32)


def names(network):
    parameters, buffers = network.named_parameters(), network.named_buffers()
    return [name for name, _ in parameters], [name for name, _ in buffers]


def test_running_statistics_move_by_the_momentum_and_the_unbiased_variance(model):
    constants = {
        "s": np.ones(3, np.float32),
        "b": np.zeros(3, np.float32),
        "mean": real(3),
        "var": np.abs(real(3)),
    }
    more = {"momentum": 0.75}
    data = model([("BatchNormalization", ["x", *constants], ["y"], more)], constants, row=(3, 5))
    x = real(4, 3, 5)
    dataset = nn.Dataset(x, np.zeros((4, 3, 5), np.float32))
    artifact = compiler.build(
        nn.Program(from_bytes(data), nn.MSELoss(), nn.SGD(0.1), dataset, batch=None)
    )
    work = (artifact.module, artifact.dataset, artifact.genesis, bytes(32), 1)
    state = runtime.train(*work).state
    after = {
        t.name: np.frombuffer(state, "<f4", 3, t.offset)
        for t in read_manifest(artifact.module).tensors
    }
    mean = 0.75 * constants["mean"] + 0.25 * x.mean((0, 2))
    variance = 0.75 * constants["var"] + 0.25 * x.var((0, 2), ddof=1)
    assert np.abs(after["mean"] - mean).max() < 1e-6
    assert np.abs(after["var"] - variance).max() < 1e-6


@pytest.mark.parametrize(("modules", "count"), [(("a", "a"), 1), (("a", "b"), 2), ((None,) * 2, 2)])
def test_a_fresh_weight_is_one_for_each_module(model, modules, count):
    nodes = [
        ("LayerNormalization", ["x", "g"], ["z"], {}),
        ("LayerNormalization", ["z", "g"], ["y"], {}),
    ]
    file = onnx.load_from_string(model(nodes, {"g": np.ones(4, np.float32)}))
    for i, (node, module) in enumerate(zip(file.graph.node, modules, strict=True)):
        if module:
            node.metadata_props.add(key=SCOPES, value=f"['', '{module}', 'layer_norm_{i}']")
    found, _ = names(from_bytes(file.SerializeToString()))
    assert found == ["g", "g.2"][:count]


def test_a_weight_with_a_value_is_shared_as_the_file_shares_it(model):
    nodes = [("MatMul", ["x", "w"], ["z"], {}), ("MatMul", ["z", "w"], ["y"], {})]
    assert names(from_bytes(model(nodes, {"w": real(4, 4)}))) == (["w"], [])


def test_a_weight_that_is_computed_of_constants_is_trained_by_what_it_is_made_of(model):
    nodes = [
        ("ReduceL2", ["v"], ["n"], {"axes": [0]}),
        ("Div", ["v", "n"], ["d"], {}),
        ("Mul", ["d", "g"], ["w"], {}),
        ("MatMul", ["x", "w"], ["y"], {}),
    ]
    found, _ = names(from_bytes(model(nodes, {"v": real(4, 5), "g": real(1, 5)})))
    assert found == ["v", "g"]


def test_a_sum_of_constants_is_no_bias(model):
    nodes = [
        ("Add", ["var", "eps"], ["s"], {}),
        ("Div", ["x", "s"], ["z"], {}),
        ("Gemm", ["z", "w"], ["y"], {}),
    ]
    constants = {"var": real(4) + 3, "eps": np.float32(1e-5), "w": real(4, 2)}
    found, _ = names(from_bytes(model(nodes, constants)))
    assert found == ["w"]


def test_a_mask_that_is_added_is_no_bias(model):
    mask = np.where(np.tri(4, dtype=bool), 0, -1e9).astype(np.float32)
    odd = mask.copy()
    odd[0, 1] = -2e9  # of more than two numbers: a buffer
    for values, kept in ((mask, []), (odd, ["m"])):
        nodes = [("MatMul", ["x", "w"], ["z"], {}), ("Add", ["z", "m"], ["y"], {})]
        found = from_bytes(model(nodes, {"w": real(4, 4), "m": values}, row=(4, 4)))
        assert names(found) == (["w"], kept)


def test_a_table_of_positions_is_trained_and_one_of_numbers_is_not(model):
    nodes = [
        ("Gather", ["t", "x"], ["a"], {}),
        ("Gather", ["line", "x"], ["b"], {}),
        ("Unsqueeze", ["b", "n"], ["c"], {}),
        ("Mul", ["a", "c"], ["y"], {}),
    ]
    constants = {"t": real(5, 2), "line": real(5), "n": np.array([-1])}
    data = model(nodes, constants, row=(3,), kind=TensorProto.INT64)
    assert names(from_bytes(data)) == (["t"], ["line"])


def test_names_become_such_that_a_state_may_have(model):
    nodes = [("MatMul", ["x", "/a/../w"], ["z"], {}), ("MatMul", ["z", "a.w"], ["y"], {})]
    data = model(nodes, {"/a/../w": real(4, 4), "a.w": real(4, 4) + 1})
    assert names(from_bytes(data))[0] == ["a.w", "a.w.2"]


def mask_of(array):
    """Return what a known mask is, recorded and played."""
    data_of = Builder()
    with recording(data_of):
        from delea.importers.onnx.dense import Dense  # noqa: PLC0415

        dense = Dense({})
        found = dense.tensor(array)
        output = found.float() if found.dtype == "mask" else found
    graph = data_of.graph({"y": output.node})
    values = {name: part.value for name, part in dense.buffers.items()}
    return interpret(graph, values)["y"], len(values)


MASKS = {
    "below": (np.tri(4, 5, 1, dtype=bool), 0),
    "above": (~np.tri(5, 5, -1, dtype=bool), 0),
    "far below": (np.tri(5, 4, -2, dtype=bool), 0),
    "all": (np.ones((3, 4), bool), 0),
    "stacked": (np.tri(3, 4, 0, dtype=bool)[None].repeat(2, 0), 0),
    "of a first row alone": (np.array([[1, 1, 0], [0, 1, 1], [1, 0, 0]], bool), 1),
    "of a line": (np.array([1, 0, 1, 1], bool), 1),
    "of columns": (np.array([[1, 1, 0]] * 3, bool), 1),
}


@pytest.mark.parametrize("name", MASKS)
def test_a_known_mask_is_a_rule_of_its_indices_where_it_can_be(name):
    mask, buffers = MASKS[name]
    found, count = mask_of(mask)
    assert np.array_equal(found != 0, mask)
    assert count == buffers


ARRAYS = {
    "counted": (np.arange(12).reshape(3, 4) * 2 - 5, 0),
    "turned": (np.arange(12).reshape(3, 4).T.copy(), 0),
    "drawn": (np.array([[3, 1], [4, 1]]), 1),
    "equal": (np.full((2, 3), 7), 0),
    "of two numbers": (np.array([[0, -np.inf], [-np.inf, 0]], np.float32), 1),
    "of many numbers": (real(2, 3), 1),
}


@pytest.mark.parametrize("name", ARRAYS)
def test_a_known_array_is_a_rule_of_its_indices_where_it_can_be(name):
    array, buffers = ARRAYS[name]
    found, count = mask_of(array)
    assert np.array_equal(found, array.astype(found.dtype))
    assert count == buffers


def test_equal_constants_are_one_buffer():
    builder = Builder()
    with recording(builder):
        from delea.importers.onnx.dense import Dense  # noqa: PLC0415

        dense = Dense({"kept": real(2, 3)})
        first, second = dense.tensor(real(2, 3)), dense.tensor(real(2, 3).copy())
        other = dense.tensor(real(2, 3).reshape(3, 2))
    assert first.node == second.node != other.node
    assert list(dense.buffers) == ["kept", "constant.1"]


def test_two_graphs_of_one_file_are_the_same_network(model):
    network = from_bytes(model([("MatMul", ["x", "w"], ["y"], {})], {"w": real(4, 4)}))
    shapes = []
    for rows in (1, 5):
        builder = Builder()
        with recording(builder):
            leaf = Tensor(builder.leaf("input", "input", (rows, 4), F32))
            shapes.append(network(leaf).shape)
    assert shapes == [(1, 4), (5, 4)]
