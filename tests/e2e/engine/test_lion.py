"""Lion, which PyTorch lacks, against the formula of its paper (Chen et al. 2023, algorithm 2)."""

import numpy as np
import pytest

from delea import nn
from delea.artifact import read_manifest
from delea.compiler import Reference, build, read_definition
from delea.runtime import Sandbox

STEPS, ROWS = 24, 6


def columns(width, seed):
    return np.random.default_rng(seed).uniform(-1, 1, (ROWS, width)).astype(np.float32)


def by_formula(weight, bias, x, t, rate, betas, decay):
    """Train y = x W^T + b for the mean square in float64."""
    state = [[part.astype(np.float64), np.zeros(part.shape)] for part in (weight, bias)]
    for step in range(STEPS):
        error = 2.0 * (x @ state[0][0].T + state[1][0] - t) / t.size
        for part, gradient in zip(state, (error.T @ x, error.sum(0)), strict=True):
            value, momentum = part
            sign = np.sign(betas[0] * momentum + (1 - betas[0]) * gradient)
            part[0] = value - rate(step) * (sign + decay * value)
            part[1] = betas[1] * momentum + (1 - betas[1]) * gradient
    return state


@pytest.mark.parametrize("decay", [0.0, 0.3])
@pytest.mark.parametrize("betas", [(0.9, 0.99), (0.7, 0.8)])
@pytest.mark.parametrize("falls", [False, True])
def test_lion_goes_the_paper_s_way(decay, betas, falls):
    x, t = columns(3, 1), columns(2, 2)
    network = nn.Linear(3, 2)
    network.load_state_dict({"weight": columns(3, 3)[:2], "bias": columns(2, 4)[0]})
    rate = nn.StepDecay(0.01, step_size=5, gamma=0.5) if falls else 0.01
    optimizer = nn.Lion(rate, betas=betas, weight_decay=decay)
    artifact = build(nn.Program(network, nn.MSELoss(), optimizer, nn.Dataset(x, t)))
    with Sandbox(artifact.module) as sandbox:
        sandbox.load_dataset(artifact.dataset)
        state = sandbox.train(artifact.genesis, bytes(32), STEPS).state
    reference = Reference(read_definition(artifact.module), artifact.dataset)
    assert reference.train(artifact.genesis, bytes(32), STEPS)[0] == state
    found = {
        t.name: np.frombuffer(state, "<f4", int(np.prod(t.shape)), t.offset).reshape(t.shape)
        for t in read_manifest(artifact.module).tensors
    }
    weights = network.state_dict()
    rates = (lambda step: 0.01 * 0.5 ** (step // 5)) if falls else (lambda _: 0.01)
    expected = by_formula(weights["weight"], weights["bias"], x, t, rates, betas, decay)
    for name, (value, momentum) in zip(("weight", "bias"), expected, strict=True):
        np.testing.assert_allclose(found[name], value, rtol=1e-5, atol=1e-6)
        np.testing.assert_allclose(found[f"optimizer.m.{name}"], momentum, rtol=1e-4, atol=1e-6)
