"""A recorded PyTorch run, replayed on Delea's tensors, without PyTorch."""

import sys

import numpy as np
import pytest

from delea import compiler, nn
from delea.errors import UsageError
from delea.importers.network import ImportedNetwork
from delea.importers.torch import from_module
from delea.importers.torch.recorded import Call, Reference, Run, Source, Spec
from delea.importers.torch.replay import problems, replay

R = Reference
ROWS = (None,)
FLOAT = "float32"


def call(name, op, *arguments, place="the module", shape=None, **options):
    result = None if shape is None else Spec(shape, FLOAT)
    return Call(name, op, arguments, tuple(options.items()), place, result)


def run(*calls, changes=()):
    names = {"weight": "0.weight", "bias": "0.bias", "mean": "mean"}
    sources = tuple((own, Source(name, FLOAT)) for own, name in names.items())
    return Run("x", sources, calls, calls[-1].name, changes)


def parts():
    weight, bias, mean = nn.Parameter((3, 2)), nn.Parameter((3,)), nn.Buffer((3,))
    weight.set(np.arange(6).reshape(3, 2) / 8)
    bias.set(np.array([0.5, -0.5, 0.25]))
    made = {"0.weight": weight, "0.bias": bias, "mean": mean}
    for name, part in made.items():
        part.name = name
    return made


LINEAR = call("y", "aten.linear.default", R("x"), R("weight"), R("bias"), shape=(*ROWS, 3))
RELU = call("z", "aten.relu.default", R("y"), shape=(*ROWS, 3))


def program(network):
    x = np.linspace(-1, 1, 8, dtype=np.float32).reshape(4, 2)
    data = nn.Dataset(x, np.ones((4, 3), np.float32))
    return nn.Program(network, nn.MSELoss(), nn.SGD(0.1), data)


def recorded(made, both):
    return program(ImportedNetwork(made, lambda x: replay(both, x, made)))


def test_a_run_is_what_the_same_layers_are():
    made = parts()
    del made["mean"]
    written = nn.Sequential(nn.Linear(2, 3), nn.ReLU())
    written.load_state_dict({name: part.value for name, part in made.items()})
    found = compiler.build(recorded(made, run(LINEAR, RELU)))
    assert found == compiler.build(program(written))


def test_sizes_follow_the_rows():
    calls = (
        call("n", "aten.sym_size.int", R("x"), 0),
        LINEAR,
        call("m", "operator.mul", R("n"), 3),
        call("flat", "aten.view.default", R("y"), (R("m"),), shape=ROWS),
        call("back", "aten.view.default", R("flat"), (R("n"), 3), shape=(*ROWS, 3)),
    )
    graphs = compiler.define(recorded(parts(), run(*calls)), 4).graphs
    shapes = {
        name: graph.nodes[graph.output("output")].shape
        for name, graph in graphs.items()
        if name.startswith("infer")
    }
    assert shapes == {"infer": (64, 3), "infer_one": (1, 3)}


def test_a_buffer_is_changed_in_training_alone():
    moved = call("moved", "aten.add.Tensor", R("mean"), 1.0)
    summed = call("z", "aten.add.Tensor", R("y"), R("mean"), shape=(*ROWS, 3))
    both = run(LINEAR, moved, summed, changes=(("mean", "moved"),))
    definition = compiler.define(recorded(parts(), both), 4)
    train = definition.graphs["train"]
    changed = train.nodes[train.output("mean")]
    assert changed.op == "add"
    assert "mean" not in dict(definition.graphs["infer"].outputs)


def test_every_step_that_cannot_be_taken_is_found():
    calls = (
        call("a", "aten.sort.default", R("x"), place="rank (Rank)", shape=(*ROWS, 2)),
        call("y", "aten.linear.default", R("a"), R("weight"), R("bias"), shape=(*ROWS, 3)),
        call("b", "aten.max_pool2d_with_indices.default", R("y"), (2,), place="pool (Pool)"),
        call("c", "aten.frobnicate.default", R("y"), place="odd (Odd)", shape=(*ROWS, 3)),
        call("z", "aten.relu.default", R("c"), shape=(*ROWS, 3)),
    )
    assert list(problems(run(*calls), (2,), "f32", parts(), training=False)) == [
        ("aten.sort at rank (Rank)", "rank outside the network"),
        (
            "aten.max_pool2d_with_indices at pool (Pool)",
            "windows over (rows, channels, h, w) without ceil_mode expected",
        ),
        ("aten.frobnicate at odd (Odd)", "write it with the operations of delea.nn"),
    ]


def test_a_result_of_another_shape_than_pytorchs_is_noticed():
    wrong = call("y", "aten.linear.default", R("x"), R("weight"), shape=(*ROWS, 4))
    with pytest.raises(AssertionError, match=r"aten\.linear\.default: \(3, 3\) f32 is Spec"):
        list(problems(run(wrong), (2,), "f32", parts(), training=False))


def test_without_pytorch_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    monkeypatch.delitem(sys.modules, "delea.importers.torch.capture", raising=False)
    with pytest.raises(UsageError, match=r"^PyTorch 2\.6 or newer expected \(pip install 'delea"):
        from_module(None, None)
