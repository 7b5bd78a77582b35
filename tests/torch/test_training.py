"""Imported networks train as PyTorch trains them: the same weights, batches and losses."""

import copy

import numpy as np

import delea.nn as dn
import torch
from delea import compiler
from delea.importers.torch import from_module
from torch import nn


def test_twenty_losses_are_pytorchs_within_a_ten_thousandth(network):
    network.build()
    np.testing.assert_allclose(network.infer(), network.answers, rtol=1e-4, atol=1e-5)
    losses, tensors = network.train(20)
    expected, state = network.train_torch(20)
    np.testing.assert_allclose(losses, expected, rtol=1e-4)
    assert losses[-1] < losses[0]
    assert set(tensors) <= set(state)
    for name, values in tensors.items():
        np.testing.assert_allclose(values, state[name], rtol=1e-3, atol=1e-4, err_msg=name)
    network.take_back(20)


def test_one_row_gives_the_answer_that_it_gives_among_others(twins):
    both = twins(
        nn.Sequential(nn.Conv1d(2, 3, 3), nn.ReLU(), nn.Flatten(), nn.Linear(12, 2)), (2, 6)
    )
    both.build()
    np.testing.assert_array_equal(both.infer(1), both.infer()[:1])


def test_adam_takes_the_same_steps(twins):
    both = twins(nn.Sequential(nn.Linear(3, 8), nn.GELU(), nn.Linear(8, 2)), (3,))
    both.build(dn.Adam(1e-2))
    losses, _ = both.train(20)
    expected, _ = both.train_torch(20, lambda parameters: torch.optim.Adam(parameters, lr=1e-2))
    np.testing.assert_allclose(losses, expected, rtol=1e-4)


def test_parameters_have_the_names_and_values_of_the_state_dict(twins):
    module = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4))
    network = twins(module, (3,)).network
    expected = {n: v for n, v in module.state_dict().items() if "num_batches" not in n}
    assert list(network.state_dict()) == list(expected)
    for name, values in network.state_dict().items():
        np.testing.assert_array_equal(values, expected[name].numpy())


def test_an_imported_network_builds_what_a_written_one_does(twins):
    both = twins(nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2)), (3,))
    written = dn.Sequential(dn.Linear(3, 4), dn.ReLU(), dn.Linear(4, 2))
    written.load_state_dict(both.network.state_dict())
    program = both.program(dn.SGD(0.1))
    again = dn.Program(written, program.loss, program.optimizer, program.data, infer_batch=6)
    assert compiler.build(program) == compiler.build(again)


def test_the_module_stays_as_it_is(twins):
    module = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Dropout(0.5)).train()
    before = copy.deepcopy(module.state_dict())
    twins(module, (3,))
    module.train()
    from_module(module, torch.zeros(1, 3))
    assert module.training
    assert module[2].training
    assert all(torch.equal(value, before[name]) for name, value in module.state_dict().items())


def test_a_padding_row_learns_nothing(twins):
    module = nn.Sequential(nn.Embedding(11, 3, padding_idx=2), nn.Flatten(), nn.Linear(12, 2))
    both = twins(module, (4,), "i")
    assert (both.x == 2).any()
    both.build()
    losses, tensors = both.train(20)
    np.testing.assert_allclose(losses, both.train_torch(20)[0], rtol=1e-4)
    assert not tensors["0.weight"][2].any()


class Moody(nn.Module):
    """Does something else in training, in a way no layer tells."""

    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(3, 2)

    def forward(self, x):
        return self.fc(x) * (3.0 if self.training else 1.0)


def test_what_a_module_does_in_training_alone_is_done_in_training_alone(twins):
    both = twins(Moody(), (3,))
    both.build(dn.SGD(1e-3))
    np.testing.assert_allclose(both.infer(), both.answers, rtol=1e-5)
    losses, _ = both.train(3)
    expected, _ = both.train_torch(3, lambda parameters: torch.optim.SGD(parameters, lr=1e-3))
    np.testing.assert_allclose(losses, expected, rtol=1e-5)


def test_dropout_is_drawn_in_training_alone(twins):
    both = twins(nn.Sequential(nn.Linear(3, 64), nn.Dropout(0.5), nn.Linear(64, 2)), (3,))
    both.build(dn.SGD(0.0))
    np.testing.assert_allclose(both.infer(), both.answers, rtol=1e-5, atol=1e-6)
    losses, _ = both.train(4)
    assert len(set(losses)) == 4  # nothing learns: only the draws differ


def test_frozen_parameters_stand_still(twins):
    module = nn.Sequential(nn.Linear(3, 4), nn.Linear(4, 2))
    module[0].requires_grad_(requires_grad=False)
    both = twins(module, (3,))
    assert [name for name, _ in both.network.named_parameters()] == ["1.weight", "1.bias"]
    both.build()
    losses, tensors = both.train(5)
    expected, _ = both.train_torch(5)
    np.testing.assert_allclose(losses, expected, rtol=1e-5)
    np.testing.assert_array_equal(tensors["0.weight"], module[0].weight.numpy())


class Constants(nn.Module):
    """A parameter whose name is like that of a constant, and constants of the code."""

    def __init__(self):
        super().__init__()
        self.constant = nn.ParameterList([nn.Parameter(torch.ones(4))])

    def forward(self, x):
        first, again = torch.tensor([1.0, 2.0, 3.0, 4.0]), torch.tensor([1.0, 2.0, 3.0, 4.0])
        return x * self.constant[0] * first + again + torch.tensor([4.0, 3.0, 2.0, 1.0])


def test_constants_of_the_code_are_buffers_equal_ones_once(twins):
    both = twins(Constants(), (4,))
    names = [name for name, _ in both.network.named_tensors()]
    assert names == ["constant.0", "constant:0", "constant:1"]
    both.build()
    np.testing.assert_allclose(both.infer(), both.answers, rtol=1e-5)
    np.testing.assert_allclose(both.train(5)[0], both.train_torch(5)[0], rtol=1e-5)


class Additive(nn.Module):
    """A mask of infinities, which no state may hold."""

    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 4)
        mask = torch.full((4, 4), float("-inf")).triu(1)
        self.register_buffer("mask", mask, persistent=False)

    def forward(self, x):
        return torch.softmax(self.fc(x).unsqueeze(1) + self.mask, -1).sum(1)


def test_a_mask_of_infinities_becomes_two_finite_buffers(twins):
    both = twins(Additive(), (4,))
    assert sorted(name for name, _ in both.network.named_buffers()) == ["mask", "mask.infinite"]
    both.build()
    np.testing.assert_allclose(both.infer(), both.answers, rtol=1e-5, atol=1e-6)
    losses, _ = both.train(5)
    np.testing.assert_allclose(losses, both.train_torch(5)[0], rtol=1e-5)
