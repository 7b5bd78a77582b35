"""A small model that lives for a few hundred claims, and the world it lives in."""

from dataclasses import replace
from fractions import Fraction
from random import Random

import pytest

from delea.protocol.terms import Terms
from delea.simulation import KINDS, Assumptions
from delea.simulation.actors import Creator
from delea.simulation.world import World

TERMS = Terms(
    name="Model",
    symbol="M",
    supply=10**24,
    horizon=10_000,
    inferences_per_update=1_000,
    max_updates=90,
    artifact=bytes(32),
    dataset=bytes(32),
    genesis_root=bytes(32),
    challenge_window=86_400,
    verdict_window=86_400,
    rollback_window=86_400,
    bond_base=10**16,
    bond_per_update=10**14,
    arbiter="0x" + "00" * 20,
)
EVERYBODY = {
    "honest": 6, "follower": 2, "verifier": 2, "consumer": 4, "hoarder": 1,
    "lazy": 2, "copier": 2, "liar": 2, "sybil": 3,
}  # fmt: skip


@pytest.fixture
def terms():
    return TERMS


@pytest.fixture
def small():
    """Terms whose life takes some tens of milliseconds."""
    return replace(TERMS, horizon=1_000, max_updates=15)


@pytest.fixture
def given():
    return Assumptions(seconds_per_update=Fraction(60))


@pytest.fixture
def everybody():
    return dict(EVERYBODY)


@pytest.fixture
def world_of(small, given):
    """Return a world with a population whose actors sleep; a test wakes whom it needs."""

    def made(*kinds, **assumed):
        world = World(small, replace(given, **assumed), Random(0))
        world.join(Creator, 0)
        for number, kind in enumerate(kinds, 1):
            world.join(KINDS[kind], number)
        world._queue.clear()
        actors = list(world.actors.values())
        return world, *actors

    return made
