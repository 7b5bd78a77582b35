"""Modules and parameters behave as PyTorch's: names, order, sharing, state dicts."""

import numpy as np
import pytest

from delea import nn
from delea.compiler import build
from delea.errors import DtypeError, GraphError, ShapeError
from delea.nn.tensor import recording


def names(module):
    return [name for name, _ in module.named_parameters()]


def test_a_module_s_parameters_have_the_names_of_their_attributes():
    class Two(nn.Module):
        def __init__(self):
            super().__init__()
            self.fc1 = nn.Linear(2, 3)
            self.scale = nn.Parameter((3,))
            self.fc2 = nn.Linear(3, 1, bias=False)

    assert names(Two()) == ["fc1.weight", "fc1.bias", "scale", "fc2.weight"]


def test_a_sequential_s_parameters_are_numbered_by_module():
    network = nn.Sequential(nn.Linear(1, 2), nn.ReLU(), nn.Sequential(nn.Linear(2, 3)))
    assert names(network) == ["0.weight", "0.bias", "2.0.weight", "2.0.bias"]


def test_a_parameter_shared_by_two_modules_comes_once():
    first, second = nn.Linear(2, 2), nn.Linear(2, 2)
    second.weight = first.weight
    assert names(nn.Sequential(first, second)) == ["0.weight", "0.bias", "1.bias"]


def test_a_module_used_twice_comes_once():
    layer = nn.Linear(2, 2)
    assert names(nn.Sequential(layer, nn.ReLU(), layer)) == ["0.weight", "0.bias"]


def test_a_shared_parameter_s_gradients_add_up(program, x):
    layer = nn.Linear(2, 2)
    artifact = build(program(nn.Sequential(layer, layer), data=nn.Dataset(x, x)))
    assert len(artifact.genesis) == 40 + 4 * 6


def test_weights_are_drawn_within_pytorch_s_bounds(program):
    network = nn.Linear(16, 50)
    data = nn.Dataset(np.zeros((1, 16)), np.zeros((1, 50)))
    program(network, data=data)
    assert 0.2 < np.abs(network.weight.value).max() <= 0.25
    assert 0.2 < np.abs(network.bias.value).max() <= 0.25


def test_an_embedding_is_drawn_from_the_normal_distribution_as_pytorch_s(program):
    class Table(nn.Module):
        def __init__(self):
            super().__init__()
            self.table = nn.Embedding(200, 50)

        def forward(self, x):
            return self.table(x)

    network = Table()
    program(network, data=nn.Dataset(np.zeros(4, int), np.zeros((4, 50))))
    assert 0.98 < network.table.weight.value.std() < 1.02
    assert np.abs(network.table.weight.value).max() > 3


def test_the_seed_decides_the_weights(program):
    values = []
    for seed in (1, 1, 2):
        network = nn.Linear(2, 1)
        program(network, seed=seed)
        values.append(network.weight.value.tolist())
    assert values[0] == values[1] != values[2]


def test_weights_that_were_set_are_kept(program):
    network = nn.Linear(2, 1)
    network.load_state_dict({"weight": [[3, 4]], "bias": [5]})
    program(network)
    assert network.state_dict()["weight"].tolist() == [[3.0, 4.0]]


def test_a_state_dict_goes_from_one_module_to_another(program):
    first, second = nn.Linear(2, 1), nn.Linear(2, 1)
    program(first)
    second.load_state_dict(first.state_dict())
    assert second.weight.value.tolist() == first.weight.value.tolist()


@pytest.mark.parametrize(
    ("values", "fault", "message"),
    [
        ({"weight": [[1, 2]]}, ShapeError, r"\['bias', 'weight'\] expected, got \['weight'\]"),
        ({"weight": [[1, 2]], "bias": [1], "x": [1]}, ShapeError, "expected, got"),
        ({"weight": [[1, 2]], "bias": [1, 2]}, ShapeError, r"bias needs \(1,\), got \(2,\)"),
        ({"weight": [[1, 2]], "bias": ["one"]}, DtypeError, "bias needs real numbers, got <U3"),
        ({"weight": [[1, 2]], "bias": [1j]}, DtypeError, "bias needs real numbers"),
    ],
)
def test_a_state_dict_that_does_not_fit_is_refused_and_nothing_is_set(values, fault, message):
    network = nn.Linear(2, 1)
    with pytest.raises(fault, match=message):
        network.load_state_dict(values)
    assert network.state_dict() == {}


def test_a_program_that_shares_a_layer_with_a_later_one_still_builds(program, x):
    layer = nn.Linear(2, 2)
    first = program(layer, data=nn.Dataset(x, x))
    program(nn.Sequential(layer, nn.Linear(2, 1)))
    assert build(first).module == build(program(layer, data=nn.Dataset(x, x))).module


def test_a_sequential_refuses_a_function():
    with pytest.raises(DtypeError, match="Sequential needs modules, got function as number 1"):
        nn.Sequential(nn.Linear(1, 1), nn.relu)


@pytest.mark.parametrize("sizes", [(0, 1), (1, 0), (-1, 1)])
def test_a_linear_layer_without_features_is_refused(sizes):
    with pytest.raises(ShapeError, match="Linear needs sizes of at least 1"):
        nn.Linear(*sizes)


def test_a_shape_that_does_not_fit_names_the_layer_and_both_shapes(program):
    network = nn.Sequential(nn.Linear(2, 3), nn.Linear(4, 1))
    with pytest.raises(ShapeError) as fault:
        build(program(network))
    assert str(fault.value) == ("1: Linear on (10, 3): an input (batch, 4) expected, got (10, 3)")


def test_integers_into_a_linear_layer_name_the_layer_and_the_types(program, x, y):
    with pytest.raises(DtypeError, match=r"Linear on \(10, 2\): matmul needs inputs of type"):
        build(program(data=nn.Dataset(x.astype(int), y)))


def test_a_layer_in_a_plain_list_is_refused(program):
    class Listed(nn.Module):
        def __init__(self):
            super().__init__()
            self.first = nn.Linear(2, 1)
            self.rest = [nn.Linear(1, 1)]

        def forward(self, x):
            return self.rest[0](self.first(x))

    with pytest.raises(GraphError, match="an attribute of a module of the network expected"):
        build(program(Listed()))


@pytest.mark.parametrize("name", ["input", "target", "output", "loss", "row_losses"])
def test_a_parameter_with_a_name_of_the_graph_s_own_is_refused(program, name):
    class Named(nn.Module):
        def __init__(self):
            super().__init__()
            setattr(self, name, nn.Parameter((1, 2), bound=1.0))

    with pytest.raises(GraphError, match=f"'{name}' is taken"):
        program(Named())


def test_a_module_called_optimizer_is_refused(program):
    class Named(nn.Module):
        def __init__(self):
            super().__init__()
            self.optimizer = nn.Linear(2, 1)

    with pytest.raises(GraphError, match=r"'optimizer\.weight' is taken"):
        program(Named())


def test_a_name_too_long_for_the_manifest_is_refused(program):
    network = nn.Sequential()
    setattr(network, "a" * 300, nn.Linear(2, 1))
    with pytest.raises(GraphError, match="attributes"):
        build(program(network))


def test_a_network_without_parameters_is_refused(program):
    with pytest.raises(GraphError, match="a network with parameters expected"):
        program(nn.ReLU())


@pytest.mark.parametrize("value", [np.nan, np.inf, 1e300])
def test_a_first_weight_that_is_not_finite_is_refused(program, value):
    network = nn.Linear(2, 1)
    network.load_state_dict({"weight": [[1, value]], "bias": [0]})
    with pytest.raises(GraphError, match="weight: finite initial weights expected"):
        program(network)


def test_a_network_runs_only_while_it_is_recorded():
    with pytest.raises(GraphError, match="records networks, it does not run them"):
        nn.Linear(1, 1).weight * 2.0


def test_recording_ends_with_its_block():
    from delea.graph import Builder  # noqa: PLC0415 - the one test that needs it

    with recording(Builder()):
        pass
    with pytest.raises(GraphError):
        nn.Parameter((1,)) * 2.0
