"""The views: what a client can learn without a transaction."""

import pytest


def test_tip_follows_pending_children(world, model):
    assert model.tip() == 0
    first = world.train(0)
    second = world.train(first)
    assert model.tip() == second
    assert model.head() == 0


def test_tip_stops_before_a_challenged_version(world, model):
    first = world.train(0)
    second = world.train(first)
    world.challenge(second)
    assert model.tip() == first
    beside = world.train(first)
    assert model.tip() == beside


def test_tip_stops_before_a_dead_version(world, model):
    first = world.train(0)
    world.train(first)
    world.rule(first, world.challenge(first), refuted=True)
    assert model.tip() == 0


def test_tip_is_always_a_parent_that_train_accepts(world, model):
    for number in range(6):
        version = world.train(model.tip())
        if number % 2:
            world.challenge(version)


def test_tip_reaches_through_a_long_pending_chain(world, model):
    for _ in range(300):
        version = world.train(model.version_count() - 1, 1)
    assert model.tip() == version == 300


def test_tip_walks_no_further_than_its_bound_and_goes_on_once_head_moved(world, tmp_path):
    there = world.with_source(tmp_path, "tree.vy", "range(65_536)", "range(4)")
    for parent in range(6):
        there.train(parent, 1)
    assert there.model.tip() == 4
    world.chain.wait(100)
    there.model.settle(1)
    assert there.model.tip() == 5


def test_tip_looks_no_further_than_its_bound(world, tmp_path):
    there = world.with_source(tmp_path, "tree.vy", "range(65_536)", "range(3)")
    for parent in range(4):
        there.train(parent, 1)
    assert there.model.tip() == 3


def test_a_claim_may_end_in_a_root_of_zeros(world, model):
    copy = world.rolled_back(0)
    version = world.train(copy, root=0)
    assert model.version(version)["root"] == bytes(32)


@pytest.mark.parametrize("version", [1, 2**256 - 1])
def test_an_unknown_version_is_refused(model, refuses, version):
    with refuses("version: unknown version"):
        model.version(version)
    with refuses("quote_after: unknown version"):
        model.quote_after(version, 1)


def test_quote_after_head_is_the_reward_now(world, model):
    world.settled(0, 300)
    assert model.quote_after(1, 50) == model.reward_for(50)


def test_quote_after_a_version_before_head_counts_nothing_as_pending(world, model):
    world.settled(0, 300)
    assert model.quote_after(0, 50) == model.reward_for(50)


def test_quote_after_counts_every_pending_ancestor(world, model):
    world.settled(0, 300)
    world.train(1, 400)
    world.train(2, 500)
    expected = 47_441_848_130_237_128_726
    assert model.quote_after(3, 50) == expected
    assert model.quote_after(2, 50) > expected


def test_quote_after_a_version_of_an_old_line_is_the_reward_now(world, model):
    world.train(0, 400)
    world.rolled_back(0)
    assert model.quote_after(1, 50) == model.reward_for(50)


def test_reward_for_takes_any_number(model):
    assert model.reward_for(0) == 0
    assert model.reward_for(1) == 949_999_525_000_158_333
    reserve = model.reserve()
    assert 0 < reserve - model.reward_for(2**256 - 1) <= 2
    assert model.reward_for(79_999_999) <= model.reward_for(80_000_000)


def test_price_for_is_bounded(model, refuses):
    assert model.price_for(1) == 9_500_000_047_500_001
    for units in (0, 100_000_001, 2**256 - 1):
        with refuses("price_for: units"):
            model.price_for(units)


def test_bond_for_is_a_base_and_a_part_per_update(model, refuses):
    assert model.bond_for(1) == 1_007
    assert model.bond_for(1_000) == 8_000
    for updates in (0, 1_001, 2**256 - 1):
        with refuses("bond_for: updates"):
            model.bond_for(updates)


def test_the_largest_bond_does_not_wrap(world):
    there = world.with_model(
        bond_base=2**96, bond_per_update=2**96, horizon=2**22, max_updates=2**16
    )
    assert there.model.bond_for(2**16) == 2**96 + 2**112


def test_what_was_never_opened_is_empty(world, model):
    nobody = "0x" + "00" * 20
    assert model.game(0, 1) == {"challenger": nobody, "is_open": False}
    assert model.rollback_proposal(1) == {
        "proposer": nobody,
        "target": 0,
        "proposed_at": 0,
        "executed": False,
    }
    assert model.open_rollback_of(world.creator) == 0
    assert model.credit_of(world.creator) == 0
    assert model.burned() == 0


def test_a_plain_payment_of_coin_is_refused(world, model):
    with pytest.raises(RuntimeError, match="Revert"):
        world.chain.evm.message_call(world.consumer, model.address, value=1)
    assert model.coin == 0
