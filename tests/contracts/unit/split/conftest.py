"""A split of the world's model in a thousand parts, and somebody who has deposited."""

import pytest

PARTS = 1_000
YES = (1).to_bytes(32, "big")


@pytest.fixture
def deploy(world, load):
    """Put a split on the chain, by default the world's model's."""

    def deployed(parts=PARTS, model=None):
        address = world.model.address if model is None else model
        return world.chain.deploy(*load("Split"), address, parts, sender=world.attacker)

    return deployed


@pytest.fixture
def split(deploy):
    return deploy()


@pytest.fixture
def filled(world, model, split):
    """The split after the creator deposited ten wei."""
    model.approve(split.address, 10, sender=world.creator)
    split.deposit(10, sender=world.creator)
    return split


@pytest.fixture
def underlying(world):
    """A token of ill will that answers yes, for now."""
    token = world.harness("Underlying")
    token.prepare(YES, refuses=False)
    return token
