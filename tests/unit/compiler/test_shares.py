"""A step that would draw nothing draws its rows' shares: no claim is another's with a new seed."""

from dataclasses import replace

import numpy as np
import pytest

from delea import nn
from delea.artifact import SEED_BYTES, STATE_HEADER
from delea.compiler import Reference, build, read_definition

MINE, YOURS = bytes(range(32)), bytes(range(1, 33))
ROWS = 12
OPTIMIZERS = (nn.SGD(0.1), nn.SGD(0.1, momentum=0.9), nn.Adam(), nn.RMSprop(), nn.Lion())


def program(**changes):
    """A logistic regression whose weights begin at zero, on all its rows: the fewest bits move."""
    network = nn.Linear(3, 2)
    network.load_state_dict({"weight": np.zeros((2, 3)), "bias": np.zeros(2)})
    inputs = (np.arange(ROWS * 3) % 8).reshape(ROWS, 3) / 8
    data = nn.Dataset(inputs, np.arange(ROWS) % 2)
    plain = nn.Program(network, nn.CrossEntropyLoss(), nn.SGD(0.1), data)
    return replace(plain, **changes)


def ops(program):
    graph = read_definition(build(program).module).graphs["train"]
    return {node.op for node in graph.nodes}


def trained(program, seed, steps=1):
    artifact = build(program)
    reference = Reference(read_definition(artifact.module), artifact.dataset)
    return reference.train(artifact.genesis, seed, steps)


@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=lambda o: f"{o.name}-{len(o.slots())}")
def test_a_state_of_one_step_is_not_another_s_with_a_new_seed(optimizer):
    mine, yours = (trained(program(optimizer=optimizer), seed)[0] for seed in (MINE, YOURS))
    assert mine[SEED_BYTES:STATE_HEADER] == yours[SEED_BYTES:STATE_HEADER]  # the steps
    assert mine[STATE_HEADER:] != yours[STATE_HEADER:]


def test_shares_are_drawn_anew_in_each_step():
    state = np.frombuffer(trained(program(), MINE, 1)[0], "<f4", offset=STATE_HEADER)
    other = program()
    artifact = build(other)
    reference = Reference(read_definition(artifact.module), artifact.dataset)
    later = MINE + (1).to_bytes(8, "little") + artifact.genesis[STATE_HEADER:]
    again = np.frombuffer(reference.train(later, MINE, 1)[0], "<f4", offset=STATE_HEADER)
    assert (state != again).any()


def test_the_loss_told_is_the_plain_mean_and_what_is_learned_nearly_the_same():
    (mine, losses), (yours, others) = (trained(program(), seed, 20) for seed in (MINE, YOURS))
    assert losses[0] == others[0] == np.float32(np.log(2))
    near = (np.frombuffer(state, "<f4", offset=STATE_HEADER) for state in (mine, yours))
    np.testing.assert_allclose(*near, rtol=1e-4, atol=1e-6)


def test_only_a_step_that_draws_nothing_draws_shares():
    dropping = nn.Sequential(nn.Linear(3, 2), nn.Dropout(0.5))
    assert "random" in ops(program())
    assert "random" in ops(program(batch=ROWS))
    assert "random" not in ops(program(batch=ROWS - 1))
    assert "random" not in ops(program(batch=ROWS + 1))
    drawn = build(program(network=dropping))
    graph = read_definition(drawn.module).graphs["train"]
    assert [node.op for node in graph.nodes].count("random") == 1
