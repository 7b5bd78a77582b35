"""Tensors take numbers, NumPy's too, parameters and each other, on either side."""

import numpy as np
import pytest

from delea import nn
from delea.compiler import build
from delea.compiler.build import define
from delea.errors import DtypeError, GraphError, ShapeError
from delea.graph import interpret


@pytest.fixture
def value(program, net):
    """Return what a function of `fc`'s output h gives, for x = (1, 2) and h = 8."""

    def run(function):
        network = net(function)
        network.fc.load_state_dict({"weight": [[2, 2]], "bias": [2]})
        graph = define(program(network), 10).graphs["infer_one"]
        leaves = {"fc.weight": network.fc.weight.value, "fc.bias": network.fc.bias.value}
        x = np.array([[1, 2]], np.float32)
        return interpret(graph, {**leaves, "input": x})["output"].tolist()

    return run


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (lambda _, h: h + 1, 9),
        (lambda _, h: 1 + h, 9),
        (lambda _, h: h - 1, 7),
        (lambda _, h: 1 - h, -7),
        (lambda _, h: h * 2, 16),
        (lambda _, h: 2 * h, 16),
        (lambda _, h: h / 2, 4),
        (lambda _, h: 2 / h, 0.25),
        (lambda _, h: -h, -8),
        (lambda _, h: h * np.float32(2), 16),
        (lambda _, h: np.float32(2) * h, 16),
        (lambda _, h: np.float64(1) - h, -7),
        (lambda _, h: h + np.int64(1), 9),
        (lambda net, h: h + net.fc.bias, 10),
        (lambda net, h: net.fc.bias - h, -6),
        (lambda net, h: h * (1 + net.fc.bias), 24),
        (lambda net, h: h * -net.fc.bias, -16),
        (lambda net, h: h / net.fc.bias, 4),
        (
            lambda net, h: (
                h @ net.fc.weight.__add__(0) @ nn.relu(net.fc.weight.__mul__(0.5)).reshape(2, 1)
            ),
            32,
        ),
        (lambda net, h: h + net.fc.weight[:, :1] * net.fc.weight.sum(), 16),
        (lambda net, h: h @ net.fc.weight.transpose(0, 1)[1:].view(1, 1), 16),
        (lambda net, h: h + net.fc.bias.unsqueeze(0).expand(h.size(0), -1), 10),
        (lambda net, h: h * net.fc.weight.ndim + net.fc.bias.amax().reshape(1, 1), 18),
        (lambda _, h: nn.sqrt(h + 1), 3),
        (lambda _, h: nn.exp(h - h), 1),
        (lambda _, h: nn.log(h - 7), 0),
        (lambda _, h: nn.relu(-h), 0),
        (lambda _, h: (h * h).mean(1, keepdim=True), 64),
        (lambda _, h: (h + h).sum(-1, keepdim=True), 16),
        (lambda _, h: h.flatten().reshape(-1, 1), 8),
        (lambda _, h: h.flatten().view((h.size(0), -1)), 8),
        (lambda _, h: h.permute((1, 0)).permute([1, 0]).expand((-1, 1)), 8),
        (lambda _, h: h * h.ndim + h.size(-1) + len(h.size()), 19),
    ],
)
def test_an_operator_gives(value, function, expected):
    assert value(function) == [[expected]]


@pytest.mark.parametrize("operand", [None, "2", [1.0], np.ones(1), 1j])
def test_an_operand_of_another_kind_is_refused(program, net, operand):
    with pytest.raises(DtypeError, match="a tensor, a parameter or a number expected, got"):
        build(program(net(lambda _, h: h * operand)))


def test_an_array_on_the_left_is_refused(program, net):
    with pytest.raises(DtypeError, match="got ndarray"):
        build(program(net(lambda _, h: np.ones(1) * h)))


@pytest.mark.parametrize("number", [1e39, -1e300, 10**400])
def test_a_number_beyond_float32_is_refused(program, net, number):
    with pytest.raises((DtypeError, GraphError), match="a number within float32 expected"):
        build(program(net(lambda _, h: h * number)))


@pytest.mark.parametrize("dim", [2, -3, 5, (0, 2)])
def test_an_axis_that_is_not_there_is_refused(program, net, dim):
    with pytest.raises(ShapeError, match=r"sum needs axes of \(10, 1\)"):
        build(program(net(lambda _, h: h * h.sum(dim, keepdim=True))))


@pytest.mark.parametrize("shape", [(3,), (-1, -1), (-1, 7), (0, 2)])
def test_a_reshape_that_does_not_fit_is_refused(program, net, shape):
    with pytest.raises(ShapeError, match="reshape"):
        build(program(net(lambda _, h: h.reshape(*shape))))


@pytest.mark.parametrize("shape", [(2.0,), ("2",), (None, 1), ((1, 2), 3)])
def test_sizes_that_are_no_whole_numbers_are_refused(program, net, shape):
    with pytest.raises(ShapeError, match="whole numbers expected, got"):
        build(program(net(lambda _, h: h.reshape(*shape))))


@pytest.mark.parametrize("result", [None, 3.0, np.ones((10, 1))])
def test_a_network_that_returns_no_tensor_is_refused(program, net, result):
    with pytest.raises(DtypeError, match="a network whose output is a tensor expected, got"):
        build(program(net(lambda *_: result)))


def test_an_output_without_the_batch_s_rows_is_refused(program, net):
    with pytest.raises(ShapeError):
        build(program(net(lambda _, h: h.sum(0, keepdim=True))))


def test_a_choice_by_a_parameter_is_refused(program, net):
    with pytest.raises(DtypeError, match=r"nn\.where expected, got an `if`"):
        build(program(net(lambda net, h: h if net.fc.bias else -h)))


def test_flatten_begins_at_the_first_axis_unless_told():
    assert nn.Tensor.flatten.__defaults__ == (0, -1)
