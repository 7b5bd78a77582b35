"""The curve in the contract: the same integers as in Python, on every vector and thousands more."""

import json
import random
from pathlib import Path

import pytest

from delea import curve

VECTORS = Path(__file__).resolve().parents[3] / "vectors" / "curve.json"
BATCH = 500
BATCHES = 12


@pytest.fixture
def harness(world):
    return world.harness("Curve")


def magnitudes(source, most):
    return source.randrange(min(most, 1 << source.randrange(1, most.bit_length() + 1)) + 1)


def test_rewards_equal_their_vectors(harness):
    cases = json.loads(VECTORS.read_text())["reward"]
    arguments = [[int(case[name]) for name in ("reserve", "updates", "horizon")] for case in cases]
    assert list(harness.rewards(arguments)) == [int(case["reward"]) for case in cases]


def test_prices_equal_their_vectors(harness):
    cases = json.loads(VECTORS.read_text())["price"]
    names = ("reserve", "units", "horizon", "inferences_per_update")
    arguments = [[int(case[name]) for name in names] for case in cases]
    assert list(harness.prices(arguments)) == [int(case["price"]) for case in cases]


def test_rewards_equal_python_to_the_wei(harness):
    source = random.Random("delea/tests/contracts/reward")
    for _ in range(BATCHES):
        arguments = []
        for _ in range(BATCH):
            horizon = max(1, magnitudes(source, 2**48))
            updates = magnitudes(source, 100 * horizon)
            arguments.append([magnitudes(source, 2**112 - 1), updates, horizon])
        assert list(harness.rewards(arguments)) == [curve.reward(*given) for given in arguments]


def test_prices_equal_python_to_the_wei(harness):
    source = random.Random("delea/tests/contracts/price")
    for _ in range(BATCHES):
        arguments = []
        for _ in range(BATCH):
            horizon = max(1, magnitudes(source, 2**48))
            per_update = max(1, magnitudes(source, 2**40))
            units = max(1, magnitudes(source, horizon * per_update))
            arguments.append([magnitudes(source, 2**112 - 1), units, horizon, per_update])
        assert list(harness.prices(arguments)) == [curve.price(*given) for given in arguments]
