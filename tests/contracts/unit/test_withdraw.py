"""withdraw: whoever is owed native coin takes it; nobody is ever sent any."""

import pytest


def test_withdraw_pays_all_that_is_credited(world, model):
    world.settled(0)
    before = world.chain.evm.get_balance(world.trainer)
    assert model.withdraw(sender=world.trainer) == 1_700
    (event,) = model.events()
    assert event.name == "Withdrawn"
    assert event.fields == {"account": world.trainer, "amount": 1_700}
    assert world.chain.evm.get_balance(world.trainer) == before + 1_700
    assert model.credit_of(world.trainer) == 0
    assert model.coin == 0


def test_withdraw_refuses_an_account_that_is_owed_nothing(world, model, refuses):
    world.settled(0)
    with refuses("withdraw: nothing"):
        model.withdraw(sender=world.attacker)
    model.withdraw(sender=world.trainer)
    with refuses("withdraw: nothing"):
        model.withdraw(sender=world.trainer)


def test_what_is_burned_stays_in_the_model(world, model):
    version = world.train(0, 1)
    world.rule(version, world.challenge(version), refuted=True)
    model.withdraw(sender=world.challenger)
    assert model.coin == model.burned() == 504


def bonded_by(world, hostile):
    """A claim that a contract sent is settled, so the contract is owed its bond."""
    data = world.model.data("train", 0, world.root(7), 1, hostile.address, 0)
    hostile.forward(world.model.address, data, sender=world.attacker, value=1_007)
    world.train(1)
    world.chain.wait(100)
    world.model.settle(1)
    assert world.model.credit_of(hostile.address) == 1_007


def withdraw_by(world, hostile):
    data = world.model.data("withdraw")
    hostile.forward(world.model.address, data, sender=world.attacker)


def test_an_account_that_refuses_coin_keeps_its_credit(world, model, refuses):
    hostile = world.harness("Hostile")
    bonded_by(world, hostile)
    hostile.prepare(model.address, b"", refuses=True)
    with refuses("withdraw: refused"):
        withdraw_by(world, hostile)
    assert model.credit_of(hostile.address) == 1_007


def test_withdraw_cannot_be_entered_twice(world, model):
    hostile = world.harness("Hostile")
    bonded_by(world, hostile)
    hostile.prepare(model.address, model.data("withdraw"), refuses=False)
    withdraw_by(world, hostile)
    assert not hostile.reentered()
    assert hostile.coin == 1_007
    assert model.coin == 1_700


def test_no_other_call_gets_through_during_a_withdrawal(world, model):
    hostile = world.harness("Hostile")
    bonded_by(world, hostile)
    for name, arguments in (
        ("transfer", (world.attacker, 0)),
        ("settle", (2,)),
        ("withdraw", ()),
        ("propose_rollback", (0,)),
    ):
        before = world.chain.evm.snapshot()
        hostile.prepare(model.address, model.data(name, *arguments), refuses=False)
        withdraw_by(world, hostile)
        assert not hostile.reentered()
        world.chain.evm.revert(before)


@pytest.mark.parametrize(
    ("name", "arguments"), [("balanceOf", (0,)), ("version", (1,)), ("credit_of", (0,))]
)
def test_views_answer_during_a_withdrawal(world, model, name, arguments):
    hostile = world.harness("Hostile")
    bonded_by(world, hostile)
    asked = [world.attacker if argument == 0 else argument for argument in arguments]
    hostile.prepare(model.address, model.data(name, *asked), refuses=False)
    withdraw_by(world, hostile)
    assert hostile.reentered()
