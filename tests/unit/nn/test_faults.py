"""A fault names the layer by its path in the network, what was expected and what came."""

import numpy as np
import pytest

from delea import nn
from delea.compiler import build
from delea.compiler.emit import MAX_PAGES
from delea.errors import DtypeError, GraphError, ShapeError
from delea.nn.module import MOST_NUMBERS


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(4, 3)

    def forward(self, x):
        return self.fc1(x)


class Network(nn.Module):
    """One input, a list of blocks, and a block called twice."""

    def __init__(self):
        super().__init__()
        self.encoder = Encoder()
        self.blocks = nn.ModuleList([nn.Linear(2, 2), nn.Sequential(nn.Linear(2, 2), nn.Flatten())])

    def forward(self, x):
        return self.encoder(self.blocks[0](x))


def test_a_fault_names_the_path_the_shapes_and_the_layer(program):
    with pytest.raises(ShapeError) as fault:
        build(program(Network()))
    assert str(fault.value) == (
        "encoder.fc1: Linear on (10, 2): an input (batch, 4) expected, got (10, 2)"
    )


def test_a_fault_in_a_list_names_its_number(program):
    class Deep(Network):
        def forward(self, x):
            return self.blocks[1](x.reshape(5, 4))

    with pytest.raises(ShapeError, match=r"\Ablocks\.1\.0: Linear on \(5, 4\): an input"):
        build(program(Deep()))


def test_a_fault_in_a_forward_of_one_s_own_names_that_module(program):
    class Own(Encoder):
        def forward(self, x):
            return self.fc1(nn.cat([x, x], 1)) @ x

    class Outer(nn.Module):
        def __init__(self):
            super().__init__()
            self.inner = Own()

        def forward(self, x):
            return self.inner(x)

    with pytest.raises(ShapeError, match=r"\Ainner: Own on \(10, 2\): matmul needs equal inner"):
        build(program(Outer()))


def test_integers_where_floats_are_needed_name_the_layer(program, x, y):
    data = nn.Dataset(x.astype(int), y)
    with pytest.raises(DtypeError, match=r"\A0: Linear on \(10, 2\): matmul needs inputs of type"):
        build(program(nn.Sequential(nn.Linear(2, 1)), data=data))


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (lambda _: np.ones((2, 2)), "a tensor expected, got ndarray"),
        (lambda x: [x], "a tensor expected, got list"),
        (lambda _: None, "a tensor expected, got NoneType"),
        (lambda x: (x, x), "a tensor expected, got tuple"),
    ],
)
def test_a_layer_given_no_tensor_names_itself(program, given, says):
    class Calls(nn.Module):
        def __init__(self):
            super().__init__()
            self.fc = nn.Linear(2, 1)

        def forward(self, x):
            return self.fc(given(x))

    with pytest.raises(DtypeError, match=rf"\Afc: Linear: {says}\Z"):
        build(program(Calls()))


def test_a_layer_given_nothing_names_itself(program):
    class Calls(nn.Module):
        def __init__(self):
            super().__init__()
            self.fc = nn.Linear(2, 1)

        def forward(self, _):
            return self.fc()

    with pytest.raises(DtypeError, match=r"\Afc: Linear: a tensor expected, got NoneType\Z"):
        build(program(Calls()))


def test_a_module_takes_several_tensors_and_options(program):
    class Mix(nn.Module):
        def forward(self, x, other, *, scale=1.0):
            return x + other * scale

    class Calls(nn.Module):
        def __init__(self):
            super().__init__()
            self.fc, self.mix = nn.Linear(2, 1), Mix()

        def forward(self, x):
            return self.mix(self.fc(x), self.fc(x), scale=2.0)

    assert build(program(Calls())).module


def test_a_parameter_is_an_input_like_any_tensor(program):
    class Calls(nn.Module):
        def __init__(self):
            super().__init__()
            self.fc, self.start = nn.Linear(2, 1), nn.Parameter((1, 2), bound=1.0)

        def forward(self, x):
            return self.fc(x) + self.fc(self.start)

    assert build(program(Calls())).module


def test_a_module_inside_itself_counts_once(program):
    network = nn.Sequential(nn.Linear(2, 1))
    child = network[0]
    child.parent = network
    assert [name for name, _ in network.named_parameters()] == ["0.weight", "0.bias"]
    assert [name for name, _ in network.named_modules()] == ["", "0"]
    assert build(program(network)).module


def test_modules_are_named_from_the_outside_in():
    names = [name for name, _ in Network().named_modules()]
    assert names == [
        "",
        "encoder",
        "encoder.fc1",
        "blocks",
        "blocks.0",
        "blocks.1",
        "blocks.1.0",
        "blocks.1.1",
    ]


@pytest.mark.parametrize("make", [nn.Parameter, nn.Buffer])
@pytest.mark.parametrize("shape", [(0,), (2, -1), (1 << 16, 1 << 16), (1,) * 17])
def test_a_parameter_that_cannot_be_is_refused_before_it_is_drawn(make, shape):
    with pytest.raises(ShapeError, match="a parameter needs at most 16 axes, sizes of at least 1"):
        make(shape)


@pytest.mark.parametrize("make", [nn.Parameter, nn.Buffer])
def test_a_parameter_over_the_memory_cap_is_refused_before_it_is_drawn(make):
    with pytest.raises(ShapeError, match=r"at most 134217728 numbers expected, got \(134217729,\)"):
        make(((1 << 27) + 1,))


def test_parameters_over_the_memory_cap_together_are_refused_before_they_are_drawn(program):
    network = nn.Sequential(nn.Linear(2, 1 << 25), nn.Linear(1 << 25, 2))
    with pytest.raises(GraphError, match="a network of at most 134217728 numbers expected, got"):
        program(network)
    assert network.state_dict() == {}


def test_the_cap_is_the_module_s_memory():
    assert 4 * MOST_NUMBERS == MAX_PAGES * 65536


def test_modules_that_call_each_other_without_end_are_refused(program):
    class Around(nn.Module):
        def __init__(self):
            super().__init__()
            self.fc = nn.Linear(2, 2)
            self.again = self

        def forward(self, x):
            return self.again(self.fc(x))

    with pytest.raises(GraphError, match=r"\Aa network without a cycle expected, its modules"):
        build(program(Around()))


@pytest.mark.parametrize(
    ("function", "says"),
    [
        (lambda x: x or -x, "a choice by nn.where expected, got an `if`"),
        (lambda x: x if x > 0 else -x, "a choice by nn.where expected, got an `if`"),
        (lambda x: x if x == 0 else -x, "a choice by nn.where expected, got an `if`"),
        (lambda x: x * len(x.sum()), "a tensor with axes expected, got one without"),
    ],
)
def test_a_choice_by_a_tensor_s_value_is_refused(program, net, function, says):
    with pytest.raises(GraphError, match=rf"\ANet on \(10, 2\): {says}"):
        build(program(net(lambda _, x: function(x))))


def test_a_module_without_a_forward_names_itself(program):
    class Empty(nn.Module):
        def __init__(self):
            super().__init__()
            self.fc = nn.Linear(1, 1)

    with pytest.raises(GraphError, match=r"\AEmpty on \(10, 2\): a module with a forward expected"):
        build(program(Empty()))
