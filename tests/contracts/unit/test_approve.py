"""approve: an allowance is set, not added to."""

import pytest


@pytest.mark.parametrize("amount", [0, 1, 2**256 - 1])
def test_approve_sets_the_allowance(world, model, amount):
    model.approve(world.consumer, 5, sender=world.creator)
    assert model.approve(world.consumer, amount, sender=world.creator) is True
    (event,) = model.events()
    assert event.name == "Approval"
    assert event.fields == {
        "owner": world.creator,
        "spender": world.consumer,
        "value": amount,
    }
    assert model.allowance(world.creator, world.consumer) == amount
    assert model.allowance(world.consumer, world.creator) == 0
