"""Hostile ONNX files are refused in one line, within bounds of memory, and open no other file."""

import os
import random
import sys
import tracemalloc
from collections.abc import Iterator

import numpy as np
import onnx
import pytest
from onnx import TensorProto, numpy_helper

from delea.errors import DeleaError, GraphError, MalformedError, ShapeError, UsageError
from delea.importers.onnx import from_bytes, from_file
from delea.importers.onnx.wire import field_bytes as field

FUZZ = 20_000 if os.environ.get("DELEA_FUZZ") else 300
MEMORY = 64 << 20
OPSET = field(8, field(1, "") + field(2, 17))
WATCHED = {"open", "os.system", "subprocess.Popen", "socket.connect", "exec", "compile"}
ODD = (-(2**63), -(2**31), -17, -1, 0, 1, 3, 100, 2**20, 2**31, 2**40, 2**63 - 1)

_seen: list[str] = []
_watching = False


def _hook(event: str, arguments: tuple[object, ...]) -> None:
    if _watching and event in WATCHED:
        _seen.append(f"{event} {arguments[:1]}")


sys.addaudithook(_hook)


@pytest.fixture(autouse=True)
def nothing_is_opened() -> Iterator[None]:
    """Fail a test in which reading a file opens another, or runs anything."""
    _seen.clear()
    yield
    assert _seen == []


def refuse(data: bytes, kind: type[DeleaError] = DeleaError) -> str:
    """Return the one line with which a file is refused; its memory is bounded."""
    global _watching  # noqa: PLW0603 - an audit hook cannot be taken away again
    tracemalloc.start()
    _watching = True
    try:
        with pytest.raises(kind) as found:
            from_bytes(data)
    finally:
        _watching = False
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    line = str(found.value)
    assert peak < MEMORY + 2 * len(data)
    assert 0 < len(line) < 1000
    assert line.isprintable()
    return line


def graph_of(*parts: bytes) -> bytes:
    """Return a file with these fields of its graph, an input x and an output y."""
    row = field(1, field(1, 2)) + field(1, field(1, 4))
    kind = field(2, field(1, field(1, 1) + field(2, row)))
    ends = field(11, field(1, "x") + kind) + field(12, field(1, "y") + kind)
    return OPSET + field(7, b"".join(parts) + ends)


def node(op: str, inputs: tuple[str, ...], outputs: tuple[str, ...], *more: bytes) -> bytes:
    names = [field(1, name) for name in inputs] + [field(2, name) for name in outputs]
    return field(1, b"".join([*names, field(4, op), *more]))


def tensor(name: str, dims: tuple[int, ...], *more: bytes, kind: int = 1) -> bytes:
    sizes = b"".join(field(1, size) for size in dims)
    return field(5, sizes + field(2, kind) + field(8, name) + b"".join(more))


USED = node("Mul", ("x", "w"), ("y",))


def test_what_is_no_onnx_file_is_refused():
    for data in (b"", b"PK\x03\x04" + bytes(60), b"import os\n" * 9, b"\x80\x04\x95." * 30):
        refuse(data, MalformedError)


@pytest.mark.parametrize("part", [0.02, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99, 0.9999])
def test_a_truncated_file_is_refused(read, part):
    data = read("lstm-17")
    refuse(data[: int(len(data) * part)], MalformedError)


def test_a_file_with_two_graphs_is_refused():
    assert "got 2 of them" in refuse(graph_of(USED) + field(7, b""))


@pytest.mark.parametrize("opset", [0, 1, 12, 22, 2**63 - 1, -5])
def test_another_opset_is_refused(opset):
    line = refuse(graph_of(USED)[len(OPSET) :] + field(8, field(2, opset)), MalformedError)
    assert line == f"one opset from 13 to 21 expected, got {opset}"


def test_two_opsets_of_one_domain_are_refused():
    assert "got 17, 13" in refuse(graph_of(USED) + field(8, field(2, 13)))


def test_a_cycle_is_refused():
    first, second = node("Add", ("x", "b"), ("a",)), node("Relu", ("a",), ("b",))
    line = refuse(graph_of(first, second, node("Relu", ("b",), ("y",))), MalformedError)
    assert line.startswith("node 0 (Add): its input 'b' made before it expected")


def test_a_node_that_reads_itself_is_refused():
    refuse(graph_of(node("Add", ("x", "y"), ("y",))), MalformedError)


def test_a_value_that_is_made_twice_is_refused():
    one = node("Relu", ("x",), ("y",))
    assert "different names" in refuse(graph_of(one, one), MalformedError)
    assert "different names" in refuse(graph_of(node("Split", ("x",), ("y", "y"))), MalformedError)


def test_a_constant_that_comes_twice_is_refused():
    twice = tensor("w", (1,), field(9, bytes(4)))
    assert "one comes twice" in refuse(graph_of(twice, twice, USED), MalformedError)


def test_an_input_that_comes_twice_is_refused():
    again = field(11, field(1, "x"))
    assert "got 'x' twice" in refuse(graph_of(again, node("Relu", ("x",), ("y",))))


def test_an_output_that_nothing_makes_is_refused():
    assert "output 'y' made by a node" in refuse(graph_of(node("Relu", ("x",), ("z",))))


@pytest.mark.parametrize(
    "path", ["weights.bin", "../../../../etc/passwd", "/etc/passwd", "C:\\boot.ini", "a\0b"]
)
def test_data_in_another_file_is_refused(path):
    place = field(13, field(1, "location") + field(2, path))
    line = refuse(graph_of(tensor("w", (4,), place, field(14, 1)), USED), MalformedError)
    assert line == "w: data inside the file expected, got a path to another file"


def test_a_location_elsewhere_is_refused_without_a_path_too():
    line = refuse(graph_of(tensor("w", (4,), field(14, 1)), USED), MalformedError)
    assert line == "w: data inside the file expected, got a path to another file"


@pytest.mark.parametrize(
    "dims",
    [
        (2**62,),
        (-1,),
        (-(2**63),),
        (2**32, 2**32),  # 0 in 64 bits
        (2**31, 2**31, 4),
        (3,),
        (0, 2**62),
        (1,) * 17,
        (1,) * 100_000,
    ],
)
def test_absurd_sizes_are_refused(dims):
    refuse(graph_of(tensor("w", dims, field(9, bytes(16))), USED), MalformedError)


def test_numbers_of_half_an_element_are_refused():
    refuse(graph_of(tensor("w", (4,), field(9, bytes(15))), USED), MalformedError)


@pytest.mark.parametrize("kind", [0, 8, 14, 17, 99, 2**40])
def test_texts_and_unknown_element_types_are_refused(kind):
    line = refuse(graph_of(tensor("w", (4,), field(9, bytes(16)), kind=kind), USED))
    assert line == f"w: numbers of up to 64 bits expected, got element type {kind}"


def test_a_sparse_constant_is_refused():
    assert "sparse" in refuse(graph_of(field(15, b""), USED), MalformedError)


def test_graphs_nested_ten_thousand_deep_are_refused():
    inner = b""
    for _ in range(10_000):
        branch = field(5, field(1, "then_branch") + field(6, inner) + field(20, 5))
        inner = field(1, field(1, "x") + field(2, "y") + field(4, "If") + branch)
    assert "If (node 0): export for one case" in refuse(graph_of(inner), GraphError)


def test_types_nested_ten_thousand_deep_are_refused():
    kind = field(1, field(1, 1))
    for _ in range(10_000):
        kind = field(4, field(1, kind))
    source = field(11, field(1, "s") + field(2, kind))
    assert "one input expected" in refuse(graph_of(source, USED.replace(b"w", b"s")))


@pytest.mark.parametrize("number", [1, 5, 13])
def test_a_bomb_of_empty_messages_is_refused(number):
    refuse(graph_of(field(number, b"") * 150_000), MalformedError)


def test_a_bomb_of_sizes_is_refused():
    assert "fields expected" in refuse(
        graph_of(field(5, field(2, 1) + field(1, b"\x01" * 200_000)))
    )


def test_too_many_nodes_are_refused():
    nodes = [node("Relu", ("x",), (f"v{i}",)) for i in range(20_000)]
    assert "at most 16384 nodes" in refuse(graph_of(*nodes))


def test_numbers_without_an_end_and_fields_beyond_it_are_refused():
    for data in (b"\x80" * 30, b"\x0a\xff\xff\xff\xff\xff\xff\xff\xff\x7f", b"\x0b\x0c", b"\x3a"):
        refuse(data, MalformedError)


def test_names_that_are_no_text_or_absurdly_long_are_refused():
    bad = field(1, field(1, "x") + field(2, b"\xff\xfe") + field(4, "Relu"))
    assert "UTF-8" in refuse(graph_of(bad), MalformedError)
    long = node("Relu", ("x",), ("y" * 1_000_000,))
    assert "a name of at most 1024 bytes" in refuse(graph_of(long), MalformedError)


def test_an_error_shows_no_control_characters():
    for bad in (node("\x1b[2J\nrm", ("x",), ("y",)), node("Relu", ("x",), ("y\x07",))):
        assert "printable" in refuse(graph_of(bad), MalformedError)


def test_an_attribute_that_comes_twice_is_refused():
    axis = field(5, field(1, "axis") + field(3, 1) + field(20, 2))
    assert "'axis' expected once" in refuse(graph_of(node("Softmax", ("x",), ("y",), axis * 2)))


@pytest.mark.parametrize("kind", [0, 9, 12, 14, 99])
def test_an_attribute_of_an_unknown_type_is_refused(kind):
    bad = field(5, field(1, "axis") + field(20, kind))
    assert "known type" in refuse(graph_of(node("Softmax", ("x",), ("y",), bad)), MalformedError)


def test_a_weight_that_is_not_a_number_is_refused(model):
    for bad in (np.nan, np.inf):
        weight = np.ones((4, 3), np.float32)
        weight[1, 1] = bad
        weight[0, 0] = 7
        assert "finite" in refuse(model([("MatMul", ["x", "w"], ["y"], {})], {"w": weight}))


def big(*numbers: int) -> np.ndarray:
    return np.array(numbers, np.int64)


BOMBS = {
    "filled": (
        [("ConstantOfShape", ["s"], ["c"], {}), ("Mul", ["x", "c"], ["y"], {})],
        {"s": big(2**30, 2**30)},
    ),
    "many axes": (
        [("ConstantOfShape", ["s"], ["c"], {}), ("Mul", ["x", "c"], ["y"], {})],
        {"s": big(*(1,) * 200_000)},
    ),
    "expanded": (
        [("Expand", ["w", "s"], ["c"], {}), ("Mul", ["x", "c"], ["y"], {})],
        {"w": np.ones(1, np.float32), "s": big(2**20, 2**20)},
    ),
    "expanded rows": ([("Expand", ["x", "s"], ["y"], {})], {"s": big(2**20, 2, 2**20)}),
    "counted": (
        [("Range", ["a", "z", "b"], ["c"], {}), ("Mul", ["x", "c"], ["y"], {})],
        {"a": big(0)[0], "z": big(2**62)[0], "b": big(1)[0]},
    ),
    "tiled": (
        [("Tile", ["w", "s"], ["c"], {}), ("Mul", ["x", "c"], ["y"], {})],
        {"w": np.ones(4, np.float32), "s": big(2**40)},
    ),
    "tiled rows": ([("Tile", ["x", "s"], ["y"], {})], {"s": big(1, 2**40)}),
    "padded": ([("Pad", ["x", "s"], ["y"], {})], {"s": big(0, 2**40, 0, 2**40)}),
    "one-hot": (
        [
            ("Cast", ["x"], ["i"], {"to": TensorProto.INT64}),
            ("OneHot", ["i", "s", "v"], ["y"], {}),
        ],
        {"s": big(2**40)[0], "v": np.array([0, 1], np.float32)},
    ),
    "doubled": (
        [("Concat", [f"v{i}" if i else "w"] * 2, [f"v{i + 1}"], {"axis": 0}) for i in range(60)]
        + [("Mul", ["x", "v60"], ["y"], {})],
        {"w": np.ones(4, np.float32)},
    ),
    "doubled rows": (
        [("Concat", [f"v{i}" if i else "x"] * 2, [f"v{i + 1}"], {"axis": 1}) for i in range(60)]
        + [("Relu", ["v60"], ["y"], {})],
        {},
    ),
    "outer": (
        [("Mul", ["a", "b"], ["c"], {}), ("Mul", ["x", "c"], ["y"], {})],
        {"a": np.ones((20_000, 1), np.float32), "b": np.ones((1, 20_000), np.float32)},
    ),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_small_file_of_a_large_value_is_refused(model, name):
    nodes, constants = BOMBS[name]
    refuse(model(nodes, constants), GraphError)


SPATIAL = {
    "no stride": ("Conv", {"strides": [0, 0]}, (1, 3, 3, 3)),
    "stride below": ("Conv", {"strides": [-1, 1]}, (1, 3, 3, 3)),
    "far apart": ("Conv", {"dilations": [2**40, 1]}, (1, 3, 3, 3)),
    "padding below": ("Conv", {"pads": [-1, 0, 0, 0]}, (1, 3, 3, 3)),
    "padding beyond": ("Conv", {"pads": [2**40, 0, 0, 0]}, (1, 3, 3, 3)),
    "groups": ("Conv", {"group": 2**31}, (1, 3, 3, 3)),
    "no groups": ("Conv", {"group": 0}, (1, 3, 3, 3)),
    "channels": ("Conv", {}, (1, 5, 3, 3)),
    "three axes": ("Conv", {}, (1, 3, 3, 3, 3)),
    "kernel": ("MaxPool", {"kernel_shape": [4096, 4096], "pads": [4096] * 4}, None),
    "kernel of texts": ("MaxPool", {"kernel_shape": ["a", "b"]}, None),
    "no kernel": ("AveragePool", {"kernel_shape": [0, 0]}, None),
    "enlarged": ("ConvTranspose", {"strides": [2**40, 1]}, (3, 1, 3, 3)),
}


@pytest.mark.parametrize("name", SPATIAL)
def test_an_impossible_window_is_refused(model, name):
    op, attributes, weight = SPATIAL[name]
    constants = {} if weight is None else {"w": np.ones(weight, np.float32)}
    inputs = ["x"] if weight is None else ["x", "w"]
    data = model([(op, inputs, ["y"], attributes)], constants, row=(3, 8, 8))
    assert refuse(data).startswith("node 0 'y'")


def test_a_sequence_too_long_to_unroll_is_refused(model):
    weights = {"w": np.ones((1, 8, 4), np.float32), "r": np.ones((1, 8, 2), np.float32)}
    nodes = [
        ("LSTM", ["x", "w", "r"], ["h"], {"hidden_size": 2, "layout": 1}),
        ("ReduceSum", ["h"], ["y"], {"keepdims": 0}),
    ]
    assert "at most 512 steps" in refuse(model(nodes, weights, row=(1_000_000, 4)))


MOVES = {
    "reshape": ([("Reshape", ["x", "s"], ["y"], {})], big(-1, -1)),
    "reshape below": ([("Reshape", ["x", "s"], ["y"], {})], big(-7, 4)),
    "gather": ([("Gather", ["x", "s"], ["y"], {"axis": 1})], big(4)),
    "transpose": ([("Transpose", ["x"], ["y"], {"perm": [1, 1]})], big(0)),
    "slice": ([("Slice", ["x", "s", "s", "s", "t"], ["y"], {})], big(0)),
    "squeeze": ([("Squeeze", ["x", "s"], ["y"], {})], big(1)),
    "unsqueeze": ([("Unsqueeze", ["x", "s"], ["y"], {})], big(1, 1)),
    "axis": ([("Softmax", ["x"], ["y"], {"axis": 7})], big(0)),
    "split": ([("Split", ["x", "s"], ["y", "z"], {"axis": 1})], big(1, 9)),
    "rank": ([("MatMul", ["x", "t"], ["y"], {})], big(0)),
}


@pytest.mark.parametrize("name", MOVES)
def test_a_move_that_does_not_fit_is_refused(model, name):
    nodes, numbers = MOVES[name]
    data = model(nodes, {"s": numbers, "t": big(0)})
    assert refuse(data, GraphError).startswith("node 0 'y'")


def test_rows_that_are_merged_are_refused(model):
    nodes = [("Reshape", ["x", "s"], ["y"], {})]
    data = model(nodes, {"s": big(1, -1)})
    assert "a row per row of the input expected" in refuse(data, ShapeError)


def test_more_than_one_input_is_refused():
    more = field(11, field(1, "mask"))
    assert "one input expected, got mask, x" in refuse(graph_of(more, USED.replace(b"w", b"x")))


def test_every_operation_that_is_missing_is_named_at_once(model):
    nodes = [
        ("Einsum", ["x"], ["a"], {"equation": "ij->ji"}),
        ("Det", ["a"], ["b"], {}),
        ("Mine", ["b"], ["c"], {"domain": "com.example"}),
        ("Einsum", ["c"], ["y"], {"equation": "ij->ji"}),
    ]
    line = refuse(model(nodes), GraphError)
    assert line == (
        "operations that can be trained expected, got Einsum (node 0 'a', node 3 'y'): use MatMul "
        "with Transpose and Reshape; Det (node 1 'b'): use a determinant outside of the network; "
        "com.example.Mine (node 2 'c'): use operations that Delea has"
    )


def test_what_is_no_plain_file_is_refused(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    large = tmp_path / "large"
    with large.open("wb") as file:
        file.truncate((1 << 30) + 1)
    for path in (tmp_path, tmp_path / "none", tmp_path / "pipe"):
        with pytest.raises(UsageError, match="an ONNX file expected"):
            from_file(path)
    with pytest.raises(MalformedError, match="at most 1073741824 bytes expected"):
        from_file(large)


@pytest.mark.parametrize("name", ["lstm-18", "batchnorm-13", "autoencoder-21", "gpt-21"])
def test_a_file_with_bytes_changed_is_read_or_refused(read, name):
    generator = random.Random(name)
    whole = read(name)
    for _ in range(FUZZ // 4):
        data = bytearray(whole)
        for _ in range(generator.choice((1, 2, 8))):
            data[generator.randrange(len(data))] = generator.randrange(256)
        read_or_refuse(bytes(data))


@pytest.mark.parametrize("name", ["lstm-18", "batchnorm-13", "autoencoder-21", "gpt-21"])
def test_a_file_with_numbers_changed_is_read_or_refused(read, name):
    generator = random.Random(name)
    for _ in range(FUZZ // 8):
        changed = onnx.load_from_string(read(name))
        for _ in range(generator.choice((1, 2))):
            change(changed.graph, generator)
        read_or_refuse(changed.SerializeToString())


def change(graph: onnx.GraphProto, generator: random.Random) -> None:
    """Put an odd number or another name somewhere into a graph."""
    part = generator.choice(graph.node)
    sizes = [t for t in graph.initializer if t.data_type == TensorProto.INT64 and t.dims]
    for attribute in part.attribute:
        if attribute.type == onnx.AttributeProto.INT:
            attribute.i = generator.choice(ODD)
        if attribute.ints:
            attribute.ints[generator.randrange(len(attribute.ints))] = generator.choice(ODD)
    if sizes and generator.random() < 0.5:
        chosen = generator.choice(sizes)
        values = numpy_helper.to_array(chosen).copy()
        values.reshape(-1)[generator.randrange(values.size)] = generator.choice(ODD)
        chosen.CopyFrom(numpy_helper.from_array(values, chosen.name))
    if generator.random() < 0.3:
        part.op_type = generator.choice(graph.node).op_type


def read_or_refuse(data: bytes) -> None:
    try:
        from_bytes(data)
    except DeleaError as fault:
        assert str(fault).isprintable()  # noqa: PT017 - one line, whatever it says
