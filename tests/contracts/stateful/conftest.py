"""A world on small windows, and pairs of model and twin in it."""

import sys
from pathlib import Path

import pytest
from signing import Signer

from delea.protocol.twin import Twin

sys.path.insert(0, str(Path(__file__).parent))  # for the rules, and what watches them

from watch import Watch


def shrink(world, **changes):
    """A world around a model on small windows, with odd bonds so that every rounding shows."""
    signer = Signer("0x" + "01" * 32)
    wallet = world.harness("Wallet")
    world.people = {**world.people, "wallet": wallet.address, "signer": signer.address}
    there = world.with_model(
        horizon=64_000,
        challenge_window=10,
        verdict_window=20,
        rollback_window=10,
        bond_base=1_001,
        bond_per_update=3,
        **changes,
    )
    there.wallet, there.signer = wallet, signer
    return there


def starter(there):
    """A function that starts a fresh pair."""

    def start() -> Watch:
        return Watch(there, Twin(there.terms, there.creator, there.model.address))

    return start


@pytest.fixture
def small(world):
    """A world whose arbiter says what it is told."""
    return shrink(world)


@pytest.fixture
def watch(small):
    """Start a pair in it."""
    return starter(small)


@pytest.fixture
def judged(world, load):
    """Start a pair whose arbiter are the stewards; tells where that one is."""
    arbiter = world.chain.deploy(*load("StewardArbiter"), sender=world.attacker)
    return starter(shrink(world, arbiter=arbiter.address)), arbiter
