"""Arguments of every magnitude, and the real values beside the integers."""

import json
import os
import random
from pathlib import Path

import mpmath
import pytest

VECTORS = Path(__file__).resolve().parents[3] / "vectors" / "curve.json"


@pytest.fixture(scope="session")
def vectors():
    return json.loads(VECTORS.read_text())


@pytest.fixture
def numbers():
    """A source of numbers spread over magnitudes, the same in every run."""

    class Numbers:
        source = random.Random("delea/tests/curve")
        many = 100_000 if os.environ.get("DELEA_FUZZ") == "1" else 12_000

        def up_to(self, most: int, *, least: int = 0) -> int:
            bound = min(most, 1 << self.source.randrange(1, most.bit_length() + 1))
            return max(least, self.source.randrange(bound + 1))

        def reserve(self) -> int:
            return self.up_to(2**112 - 1)

        def horizon(self) -> int:
            return self.up_to(2**48, least=1)

    return Numbers()


@pytest.fixture
def exact():
    """The real value of what a share of a reserve is, in 400 bits."""

    class Exact:
        def reward(self, reserve: int, updates: int, horizon: int) -> mpmath.mpf:
            with mpmath.workprec(400):
                return -reserve * mpmath.expm1(-mpmath.mpf(updates) / horizon)

        def price(self, reserve: int, units: int, whole: int) -> mpmath.mpf:
            with mpmath.workprec(400):
                return reserve * mpmath.expm1(mpmath.mpf(units) / whole)

        def tolerance(self, reserve: int) -> mpmath.mpf:
            with mpmath.workprec(400):
                return 1 + mpmath.mpf(reserve) / 2**96

        def between(self, low: object, middle: object, high: object) -> bool:
            return low <= middle <= high

    return Exact()
