"""Every operation that is read, by itself: the numbers are onnxruntime's."""

import numpy as np
import onnxruntime
import pytest
from onnx import TensorProto

from delea.errors import DtypeError, GraphError, ShapeError
from delea.graph import F32, I32, Builder, interpret
from delea.importers.onnx import from_bytes
from delea.importers.onnx.fold import FOLDS
from delea.importers.onnx.rules import RULES
from delea.nn import Tensor, recording

ROWS = 3
generator = np.random.default_rng(5)


def real(*shape):
    return generator.uniform(-2, 2, shape).astype(np.float32)


def whole(*numbers):
    return np.array(numbers, np.int64)


def one(op, *, constants=None, inputs=None, outputs=("y",), **attributes):
    """Return a case of one node on x and constants, and the shape of a row."""
    row = attributes.pop("row", (4,))
    known = constants or {}
    names = ["x", *known] if inputs is None else inputs
    return [(op, names, list(outputs), attributes)], known, row


def chain(*nodes, constants=None, row=(4,)):
    return list(nodes), constants or {}, row


IMAGE = (3, 8, 7)
LSTM = {"w": real(1, 20, 4), "r": real(1, 20, 5), "b": real(1, 40)}
GRU = {"w": real(1, 15, 4), "r": real(1, 15, 5), "b": real(1, 30)}
BOTH = {"w": real(2, 5, 4), "r": real(2, 5, 5), "b": real(2, 10)}
POOL = {"kernel_shape": [3, 2], "strides": [2, 2], "row": IMAGE}
NORM = {"s": real(3), "b": real(3)}
SEQUENCE = ("Transpose", ["x"], ["t"], {"perm": [1, 0, 2]})
BACK = ("Transpose", ["h"], ["y"], {"perm": [2, 0, 1, 3]})

UNARY = "Abs Ceil Cos Elu Erf Exp Floor HardSigmoid HardSwish Identity LeakyRelu Mish Neg Relu Selu"
UNARY += " Sigmoid Sign Sin Softplus Softsign Tanh Gelu LogSoftmax Softmax Reciprocal"
REDUCTIONS = "Sum Mean Max Min SumSquare L1 L2 LogSum LogSumExp"

CASES = {
    **{op: one(op) for op in UNARY.split()},
    "Gelu tanh": one("Gelu", approximate="tanh"),
    "Sqrt Log": chain(
        ("Abs", ["x"], ["a"], {}), ("Sqrt", ["a"], ["s"], {}), ("Log", ["s"], ["y"], {})
    ),
    **{f"{op} both": one(op, constants={"w": real(4)}) for op in ("Add", "Sub", "Mul", "Div")},
    **{
        f"{op} first": one(op, constants={"w": real(4)}, inputs=["w", "x"]) for op in ("Sub", "Div")
    },
    **{
        f"{op} many": one(op, constants={"a": real(4), "b": real(1)})
        for op in ("Sum", "Mean", "Min", "Max")
    },
    "Pow square": one("Pow", constants={"e": np.array(2.0, np.float32)}),
    "Pow positive": chain(
        ("Exp", ["x"], ["a"], {}), ("Pow", ["a", "e"], ["y"], {}), constants={"e": real(4)}
    ),
    "PRelu": one("PRelu", constants={"s": real(4)}),
    "Clip": one("Clip", constants={"a": np.float32(-0.5), "z": np.float32(1)}),
    "Clip below": one("Clip", constants={"a": np.float32(0)}),
    "Clip above": one("Clip", constants={"z": np.float32(1)}, inputs=["x", "", "z"]),
    **{
        f"{op} Where": chain(
            (op, ["x", "w"], ["m"], {}),
            ("Where", ["m", "x", "w"], ["y"], {}),
            constants={"w": real(4)},
        )
        for op in ("Less", "LessOrEqual", "Greater", "GreaterOrEqual", "Equal")
    },
    **{
        f"{op} Not": chain(
            ("Less", ["x", "w"], ["a"], {}),
            ("Greater", ["x", "v"], ["b"], {}),
            (op, ["a", "b"], ["c"], {}),
            ("Not", ["c"], ["d"], {}),
            ("Cast", ["d"], ["y"], {"to": TensorProto.FLOAT}),
            constants={"w": real(4), "v": real(4)},
        )
        for op in ("And", "Or", "Xor")
    },
    "Cast to integers": chain(
        ("Cast", ["x"], ["i"], {"to": TensorProto.INT64}),
        ("Add", ["i", "n"], ["j"], {}),
        ("Div", ["j", "n"], ["k"], {}),
        ("CastLike", ["k", "x"], ["y"], {}),
        constants={"n": whole(3, -2, 5, 2)},
    ),
    "Dropout": one("Dropout"),
    "Gemm": one("Gemm", constants={"w": real(4, 5), "b": real(5)}),
    "Gemm all": one(
        "Gemm", constants={"w": real(5, 4), "b": real(1, 5)}, alpha=0.5, beta=2.0, transB=1
    ),
    "MatMul deep": one("MatMul", constants={"w": real(4, 5)}, row=(2, 3, 4)),
    "MatMul stack": one("MatMul", constants={"w": real(2, 4, 5)}, row=(2, 3, 4)),
    "MatMul vector": one("MatMul", constants={"w": real(4)}, row=(3, 4)),
    **{
        f"Reduce{op}": chain(
            ("Exp", ["x"], ["a"], {}), (f"Reduce{op}", ["a", *n], ["y"], m), constants=c, row=(3, 4)
        )
        for op in REDUCTIONS.split()
        for n, c, m in [
            (["n"], {"n": whole(-1)}, {})
            if op == "Sum"
            else ([], {}, {"axes": [1, 2], "keepdims": 0})
        ]
    },
    "ReduceSum nothing": one(
        "ReduceSum", constants={"n": np.zeros(0, np.int64)}, noop_with_empty_axes=1
    ),
    **{
        f"Arg{op}": chain(
            (f"Arg{op}", ["x"], ["i"], {"axis": 1, "keepdims": 0}),
            ("Cast", ["i"], ["y"], {"to": 1}),
        )
        for op in ("Max", "Min")
    },
    "Softmax axis": one("Softmax", axis=1, row=(3, 4)),
    "Conv": one("Conv", constants={"w": real(4, 3, 3, 2), "b": real(4)}, row=IMAGE, strides=[2, 1]),
    "Conv pads": one("Conv", constants={"w": real(4, 3, 3, 3)}, row=IMAGE, pads=[0, 1, 2, 1]),
    "Conv same": one(
        "Conv", constants={"w": real(4, 3, 3, 2)}, row=IMAGE, auto_pad="SAME_UPPER", strides=[2, 2]
    ),
    "Conv same lower": one(
        "Conv", constants={"w": real(4, 3, 4, 2)}, row=IMAGE, auto_pad="SAME_LOWER"
    ),
    "Conv groups": one(
        "Conv", constants={"w": real(6, 2, 2, 2), "b": real(6)}, row=(4, 5, 5), group=2
    ),
    "Conv depthwise": one(
        "Conv",
        constants={"w": real(6, 1, 3, 3), "b": real(6)},
        row=IMAGE,
        group=3,
        dilations=[2, 1],
    ),
    "Conv line": one(
        "Conv", constants={"w": real(4, 3, 3), "b": real(4)}, row=(3, 9), pads=[1, 0], strides=[2]
    ),
    "ConvTranspose": one(
        "ConvTranspose",
        constants={"w": real(3, 4, 3, 3), "b": real(4)},
        row=(3, 4, 5),
        strides=[2, 2],
        pads=[1, 0, 0, 1],
        output_padding=[1, 0],
    ),
    "ConvTranspose groups": one(
        "ConvTranspose", constants={"w": real(4, 2, 2, 3)}, row=(4, 4, 5), group=2, dilations=[2, 1]
    ),
    "ConvTranspose line": one(
        "ConvTranspose", constants={"w": real(3, 4, 3)}, row=(3, 6), strides=[2]
    ),
    "MaxPool": one("MaxPool", **POOL),
    "MaxPool pads": one("MaxPool", pads=[1, 0, 1, 1], ceil_mode=1, **POOL),
    "MaxPool gaps": one("MaxPool", kernel_shape=[2, 2], dilations=[2, 3], row=IMAGE),
    "MaxPool line": one("MaxPool", kernel_shape=[3], strides=[2], row=(3, 8)),
    "AveragePool": one("AveragePool", **POOL),
    "AveragePool pads": one("AveragePool", pads=[1, 0, 1, 1], **POOL),
    "AveragePool pads counted": one("AveragePool", pads=[1, 0, 1, 1], count_include_pad=1, **POOL),
    "AveragePool up": one("AveragePool", pads=[1, 1, 0, 1], ceil_mode=1, **POOL),
    "AveragePool up counted": one(
        "AveragePool", pads=[1, 1, 0, 1], ceil_mode=1, count_include_pad=1, **POOL
    ),
    "Div known": chain(
        ("Div", ["a", "b"], ["q"], {}),
        ("Cast", ["q"], ["f"], {"to": TensorProto.FLOAT}),
        ("Add", ["x", "f"], ["y"], {}),
        constants={"a": whole(-7, 7, -7, 6), "b": whole(2, -2, -2, 3)},
    ),
    "AveragePool beyond": one(
        "AveragePool", kernel_shape=[3, 3], strides=[3, 3], ceil_mode=1, row=IMAGE
    ),
    "AveragePool beyond counted": one(
        "AveragePool",
        kernel_shape=[3, 3],
        strides=[3, 3],
        pads=[1, 1, 1, 0],
        ceil_mode=1,
        count_include_pad=1,
        row=IMAGE,
    ),
    "AveragePool same": one("AveragePool", auto_pad="SAME_UPPER", **POOL),
    "GlobalAveragePool": one("GlobalAveragePool", row=IMAGE),
    "GlobalMaxPool": one("GlobalMaxPool", row=IMAGE),
    "Resize": one(
        "Resize",
        constants={"s": np.array([1, 1, 2, 3], np.float32)},
        inputs=["x", "", "s"],
        mode="nearest",
        coordinate_transformation_mode="asymmetric",
        nearest_mode="floor",
        row=IMAGE,
    ),
    "Resize half": one(
        "Resize",
        constants={"s": np.array([1, 1, 2, 2], np.float32)},
        inputs=["x", "", "s"],
        mode="nearest",
        row=IMAGE,
    ),
    "DepthToSpace": one("DepthToSpace", blocksize=2, row=(8, 3, 2)),
    "DepthToSpace CRD": one("DepthToSpace", blocksize=2, mode="CRD", row=(8, 3, 2)),
    "BatchNormalization": one(
        "BatchNormalization",
        constants={**NORM, "m": real(3), "v": np.abs(real(3))},
        row=IMAGE,
        epsilon=1e-3,
    ),
    "InstanceNormalization": one("InstanceNormalization", constants=NORM, row=IMAGE),
    "LayerNormalization": one(
        "LayerNormalization", constants={"s": real(3, 4), "b": real(3, 4)}, axis=-2, row=(2, 3, 4)
    ),
    "LpNormalization": one("LpNormalization", axis=1, p=2),
    "LpNormalization 1": one("LpNormalization", axis=1, p=1),
    "LSTM": chain(
        SEQUENCE,
        ("LSTM", ["t", *LSTM], ["h"], {"hidden_size": 5}),
        BACK,
        constants=LSTM,
        row=(6, 4),
    ),
    "LSTM reverse states": chain(
        SEQUENCE,
        ("LSTM", ["t", *LSTM], ["", "h", "c"], {"hidden_size": 5, "direction": "reverse"}),
        ("Add", ["h", "c"], ["s"], {}),
        ("Squeeze", ["s", "n"], ["y"], {}),
        constants={**LSTM, "n": whole(0)},
        row=(6, 4),
    ),
    "GRU": chain(
        SEQUENCE, ("GRU", ["t", *GRU], ["h"], {"hidden_size": 5}), BACK, constants=GRU, row=(6, 4)
    ),
    "GRU after": chain(
        SEQUENCE,
        ("GRU", ["t", *GRU], ["h"], {"hidden_size": 5, "linear_before_reset": 1}),
        BACK,
        constants=GRU,
        row=(6, 4),
    ),
    "RNN both": chain(
        SEQUENCE,
        ("RNN", ["t", *BOTH], ["h"], {"hidden_size": 5, "direction": "bidirectional"}),
        BACK,
        constants=BOTH,
        row=(6, 4),
    ),
    "RNN relu": chain(
        SEQUENCE,
        ("RNN", ["t", "w", "r"], ["h"], {"hidden_size": 5, "activations": ["Relu"]}),
        BACK,
        constants={"w": real(1, 5, 4) / 4, "r": real(1, 5, 5) / 4},
        row=(6, 4),
    ),
    "Reshape": one("Reshape", constants={"s": whole(0, -1, 2)}, row=(2, 6)),
    "Flatten": one("Flatten", row=(2, 6)),
    "Transpose Squeeze": chain(
        ("Transpose", ["x"], ["t"], {"perm": [0, 2, 1]}),
        ("Unsqueeze", ["t", "n"], ["u"], {}),
        ("Squeeze", ["u"], ["y"], {}),
        constants={"n": whole(1, -1)},
        row=(2, 6),
    ),
    "Concat": one("Concat", inputs=["x", "x"], axis=-1),
    "Split Concat": chain(
        ("Split", ["x", "n"], ["a", "b"], {"axis": 1}),
        ("Concat", ["b", "a", "b"], ["y"], {"axis": 1}),
        constants={"n": whole(1, 3)},
    ),
    "Slice": one(
        "Slice",
        constants={"a": whole(-3), "z": whole(2**62), "n": whole(1), "k": whole(2)},
        row=(7,),
    ),
    "Gather": one("Gather", constants={"i": whole(2, 0, -1)}, axis=1),
    "Gather one": one("Gather", constants={"i": np.array(1, np.int64)}, axis=1, row=(3, 4)),
    "Gather range": one("Gather", constants={"i": whole(0, 2)}, axis=2, row=(3, 4)),
    "Expand": one("Expand", constants={"s": whole(1, 5, 4)}, row=(1, 4)),
    "Tile": one("Tile", constants={"n": whole(1, 2, 3)}, row=(2, 4)),
    "Pad": one("Pad", constants={"p": whole(0, 1, 0, 2), "v": np.float32(1.5)}),
    "Pad cuts": one("Pad", constants={"p": whole(0, -1, 0, 2)}),
    "Trilu": one("Trilu", constants={"k": np.array(1, np.int64)}, row=(4, 5)),
    "Trilu lower": one("Trilu", upper=0, row=(4, 5)),
    "OneHot": chain(
        ("Cast", ["x"], ["i"], {"to": TensorProto.INT64}),
        ("Abs", ["i"], ["j"], {}),
        ("OneHot", ["j", "n", "v"], ["y"], {}),
        constants={"n": np.array(3, np.int64), "v": np.array([-1, 2], np.float32)},
    ),
    "a mask by rows": chain(
        ("Trilu", ["w", "k"], ["t"], {}),
        ("Cast", ["t"], ["m"], {"to": TensorProto.BOOL}),
        ("Where", ["m", "inf", "x"], ["s"], {}),
        ("Softmax", ["s"], ["y"], {}),
        constants={
            "w": np.ones((4, 4), np.float32),
            "k": np.array(1, np.int64),
            "inf": np.float32(-np.inf),
        },
        row=(4, 4),
    ),
    "a table of positions": one("Sub", constants={"w": real(3, 4)}, row=(3, 4)),
    "counted positions": chain(
        ("Shape", ["x"], ["s"], {"start": 1}),
        ("Squeeze", ["s"], ["n"], {}),
        ("Range", ["a", "n", "k"], ["r"], {}),
        ("Gather", ["w", "r"], ["p"], {}),
        ("Add", ["x", "p"], ["y"], {}),
        constants={
            "a": np.array(0, np.int64),
            "k": np.array(1, np.int64),
            "w": real(9, 1).reshape(9),
        },
        row=(6,),
    ),
}


def answer(data, x, kind):
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    expected = onnxruntime.InferenceSession(data, options).run(None, {"x": x})[0]
    made = from_bytes(data)
    builder = Builder()
    with recording(builder):
        leaf = builder.leaf("input", "input", x.shape, kind)
        output = made(Tensor(leaf)).node
    leaves = {"input": x.astype(np.int32) if kind == I32 else x, **made.state_dict()}
    return interpret(builder.graph({"output": output}), leaves)["output"], expected


def with_weight(nodes, constants):
    """Return a case that has a parameter in any case: what comes out is scaled by 1.5."""
    renamed = [(op, i, ["in" if o == "y" else o for o in out], more) for op, i, out, more in nodes]
    scaled = ("MatMul", ["z1", "own"], ["z2"], {})
    shaped = [
        ("Unsqueeze", ["in", "last"], ["z1"], {}),
        scaled,
        ("Squeeze", ["z2", "last"], ["y"], {}),
    ]
    more = {"own": np.array([[1.5]], np.float32), "last": whole(-1)}
    return renamed + shaped, {**constants, **more}


@pytest.mark.parametrize("name", CASES)
def test_an_operation_is_read(model, name):
    nodes, constants, row = CASES[name]
    opset = 20 if name.startswith("Gelu") else 18 if name.startswith("Mish") else 17
    data = model(*with_weight(nodes, constants), row=row, opset=opset)
    x = np.random.default_rng(3).uniform(-2, 2, (ROWS, *row)).astype(np.float32)
    found, expected = answer(data, x, F32)
    assert found.shape == expected.shape
    assert np.abs(found - expected).max() <= 1e-5


@pytest.mark.parametrize("opset", [18, 21])
def test_a_group_normalization_is_read_as_its_opset_says(model, opset):
    width = 2 if opset == 18 else 4
    constants = {"s": real(width), "b": real(width)}
    nodes = [("GroupNormalization", ["x", "s", "b"], ["y"], {"num_groups": 2})]
    x = np.random.default_rng(3).standard_normal((ROWS, 4, 5)).astype(np.float32)
    found, expected = answer(model(nodes, constants, row=(4, 5), opset=opset), x, F32)
    assert np.abs(found - expected).max() <= 1e-5


@pytest.mark.parametrize("opset", [18, 21])
def test_axes_of_reductions_may_be_an_input(model, opset):
    nodes = [("ReduceMean", ["x", "n"], ["z"], {}), ("Mul", ["z", "w"], ["y"], {})]
    data = model(nodes, {"n": whole(2), "w": real(3, 1)}, row=(3, 4), opset=opset)
    x = np.random.default_rng(3).standard_normal((ROWS, 3, 4)).astype(np.float32)
    found, expected = answer(data, x, F32)
    assert np.abs(found - expected).max() <= 1e-5


def test_tokens_are_looked_up(model):
    nodes = [("Gather", ["w", "x"], ["y"], {})]
    x = np.array([[0, 4, 2]] * ROWS, np.int64)
    data = model(nodes, {"w": real(5, 2)}, row=(3,), kind=TensorProto.INT64)
    found, expected = answer(data, x, I32)
    assert np.array_equal(found, expected)


def test_an_output_inside_may_be_chosen(model):
    nodes = [("MatMul", ["x", "w"], ["z"], {}), ("Softmax", ["z"], ["y"], {})]
    data = model(nodes, {"w": np.eye(4, dtype=np.float32) * 2})
    builder = Builder()
    with recording(builder):
        from_bytes(data, output="z")(Tensor(builder.leaf("input", "input", (1, 4), F32)))
    assert builder.nodes[-1].op == "matmul"
    with pytest.raises(GraphError, match="the name of a value such as y expected, got 'q'"):
        from_bytes(data, output="q")


def test_what_is_frozen_is_no_parameter(model):
    nodes = [("MatMul", ["x", "w"], ["z"], {}), ("Add", ["z", "b"], ["y"], {})]
    data = model(nodes, {"w": real(4, 4), "b": real(4)})
    named = from_bytes(data, frozen=["b"])
    assert [name for name, _ in named.named_parameters()] == ["w"]
    assert [name for name, _ in named.named_buffers()] == ["b"]
    with pytest.raises(GraphError, match="names of the file's constants expected, got 'q'"):
        from_bytes(data, frozen=["q"])


def test_a_softmax_before_a_loss_of_logits_is_refused(model):
    nodes = [
        ("MatMul", ["x", "w"], ["z"], {}),
        ("Softmax", ["z"], ["s"], {}),
        ("Identity", ["s"], ["y"], {}),
    ]
    data = model(nodes, {"w": real(4, 4)})
    with pytest.raises(GraphError) as fault:
        from_bytes(data, logits=True)
    assert str(fault.value) == (
        "an output that is no softmax expected by the loss, got 'y': choose 'z', from which node 1 "
        "'s' (Softmax) makes it"
    )
    assert list(from_bytes(data, logits=True, output="z").named_parameters())


def test_an_input_of_another_type_is_refused(model):
    network = from_bytes(model([("MatMul", ["x", "w"], ["y"], {})], {"w": real(4, 4)}))
    builder = Builder()
    with recording(builder):
        leaf = builder.leaf("input", "input", (1, 4), I32)
        with pytest.raises(DtypeError, match="an input 'x' of f32 expected, got one of i32"):
            network(Tensor(leaf))


def test_open_sizes_are_given_by_the_row(model):
    data = model([("MatMul", ["x", "w"], ["y"], {})], {"w": real(4, 4)}, row=("length", 4))
    with pytest.raises(ShapeError, match="give the shape of one row"):
        from_bytes(data)
    with pytest.raises(ShapeError, match=r"rows of shape \(0, 4\) expected"):
        from_bytes(data, row=(3, 5))
    assert list(from_bytes(data, row=(3, 4)).named_parameters())


def test_no_operation_is_forgotten():
    told = {word for name in CASES for word in name.split()}
    told |= {node[0] for nodes, *_ in CASES.values() for node in nodes}
    told |= {"GroupNormalization", "ReduceMean"}
    assert set(RULES) - told == set()
    assert set(FOLDS) - set(RULES) - told == {
        "Constant", "ConstantOfShape", "CumSum", "Mod", "NonZero", "ReduceProd", "Round", "Size"
    }  # fmt: skip
