"""What each kind does when it wakes, and what comes of it."""

from dataclasses import replace
from fractions import Fraction
from random import Random

import pytest

from delea.protocol.version import Status
from delea.simulation import KINDS, play
from delea.simulation.actors import Creator
from delea.simulation.arbiter import tally
from delea.simulation.world import World

DAY = 86_400


def run(world, seconds):
    """Let what is planned happen, and time go by."""
    end = world.now + seconds
    while world.step(end):
        pass
    world.now = end


def claim(world, actor, updates=10):
    """Claim right work on the tip."""
    return world.train(actor.account, world.tip, updates, root=world.new_root(), right=True)


def test_an_honest_trainer_works_claims_and_is_paid(world_of):
    world, _, honest = world_of("honest")
    assert honest.wake() > 0
    run(world, 2 * DAY)
    account = honest.account
    assert (account.claims, account.settled, account.refuted) == (1, 1, 0)
    assert account.rewards == world.twin.balances[account.address] > 0
    assert world.compute == account.updates_paid * 5 * 10**11


def test_an_honest_trainer_waits_where_training_does_not_pay(world_of):
    world, _, honest = world_of("honest", update_cost=10**18)
    honest.wake()
    run(world, DAY)
    assert (honest.account.claims, honest.account.coin) == (0, 0)


def test_whoever_is_slower_has_lost_its_work(world_of):
    world, _, first, second = world_of("honest", "honest")
    first.wake()
    second.wake()
    run(world, DAY // 2)
    assert sorted(actor.account.claims for actor in (first, second)) == [0, 1]
    assert sorted(actor.account.updates_lost > 0 for actor in (first, second)) == [False, True]


def test_a_lazy_trainer_hands_in_the_old_weights_and_loses_its_bond(world_of):
    world, _, lazy, _ = world_of("lazy", "verifier")
    lazy.wake()
    (version,) = world.wrong
    claimed = world.twin.versions[version]
    assert claimed.root == world.twin.versions[claimed.parent].root
    assert claimed.updates == world.terms.max_updates
    run(world, 2 * DAY)
    assert claimed.status is Status.REFUTED
    assert lazy.account.coin == -world.twin.bond_for(15) - world.assumptions.gas
    assert world.compute == 15 * 5 * 10**11  # the verifier's


def test_a_lazy_trainer_whom_nobody_checks_is_paid(world_of):
    world, _, lazy, _ = world_of("lazy", "verifier", audit_rate=Fraction(0))
    lazy.wake()
    run(world, DAY)
    assert world.wrong_settled == [1]
    assert lazy.account.rewards > 0


def test_a_check_that_outlasts_the_window_comes_too_late(world_of):
    world, _, lazy, verifier = world_of("lazy", "verifier", seconds_per_update=Fraction(6_000))
    lazy.wake()
    run(world, 2 * DAY)
    assert world.compute == 15 * 5 * 10**11
    assert (verifier.account.challenges, world.wrong_settled) == (0, [1])


def test_a_copy_is_challenged_by_whom_it_was_copied_from(world_of):
    world, _, honest, copier = world_of("honest", "copier")
    copier.wake()
    honest.wake()
    run(world, 3 * DAY)
    copy, own = world.twin.versions[1:3]
    assert copy.root == own.root
    assert (copy.sender, own.sender) == (copier.account.address, honest.account.address)
    assert (copy.status, own.status) == (Status.REFUTED, Status.SETTLED)
    assert copier.account.coin < 0 < honest.account.rewards


def test_a_liar_loses_the_bond_of_its_challenge(world_of):
    world, _, honest, liar = world_of("honest", "liar")
    version = claim(world, honest)
    liar.wake()
    run(world, 2 * DAY)
    assert world.twin.versions[version].status is Status.SETTLED
    assert liar.account.games_lost == 1
    assert liar.account.coin == -world.twin.bond_for(10) - 2 * world.assumptions.gas
    assert world.twin.burned == world.twin.bond_for(10)  # the creator alone judged


def test_a_liar_without_a_claim_to_challenge_does_nothing(world_of):
    world, _, honest, liar = world_of("honest", "liar")
    liar.wake()
    claim(world, honest)
    world.now = DAY
    liar.wake()  # the window has just closed
    assert (liar.account.challenges, liar.account.coin) == (0, 0)


def test_a_cheat_gives_up_when_it_has_lost_enough(world_of):
    world, _, lazy, _ = world_of("lazy", "verifier", patience=2)
    for lost in range(2):
        assert lazy.wake() is not None, lost
        run(world, 2 * DAY)
    assert lazy.wake() is None
    assert lazy.account.refuted == 2


def test_a_false_challenge_costs_a_follower_its_work_and_an_honest_one_nothing(world_of):
    for kind, parent in (("honest", 1), ("follower", 0)):
        world, _, first, other, liar = world_of("honest", kind, "liar")
        assert claim(world, first) == 1
        liar.wake()
        assert world.twin.versions[1].status is Status.CHALLENGED
        assert other.tip == parent
        world.train(other.account, other.tip, 5, root=world.new_root(), right=True)
        run(world, 3 * DAY)
        assert world.twin.versions[1].status is Status.SETTLED
        assert other.account.updates_lost == (0 if kind == "honest" else 5)


def test_sybils_share_the_grant_and_get_no_seat(world_of):
    world, creator, *sybils = world_of("sybil", "sybil", "sybil")
    for sybil in sybils:
        sybil.wake()
    grant = 50_000 * 10**18
    assert [world.twin.balances[s.account.address] for s in sybils] == [grant // 4] * 3
    assert sum(account.given for account in world.accounts.values()) == grant
    world.now = 10 * DAY
    for sybil in sybils:
        sybil.wake()
    assert world.twin.proposals == []
    assert world.holders() == []
    assert creator.account.coin == -3 * world.assumptions.gas


def test_a_consumer_buys_what_it_lacks_and_pays_the_price(world_of):
    world, _, honest, consumer = world_of("honest", "consumer")
    consumer.wake()
    assert (world.wanted, world.served) == (1_000, 0)  # nobody had any tokens
    claim(world, honest)
    run(world, DAY)
    price = world.price(1_000)
    consumer.wake()
    assert (world.wanted, world.served) == (2_000, 1_000)
    assert consumer.account.spent == consumer.account.bought == honest.account.sold == price
    assert consumer.account.coin == -(price * 10**12 // 10**18) - world.assumptions.gas


def test_a_case_that_nobody_may_judge_times_out(world_of):
    world, creator, liar = world_of("liar")
    assert claim(world, creator) == world.tip == 1
    liar.wake()
    assert world.tip == 1  # it is right
    run(world, 3 * DAY)
    assert world.twin.versions[1].status is Status.VOID
    assert world.tip == 0
    world.withdraw_all()
    assert liar.account.coin == -(world.twin.bond_for(10) // 4) - 3 * world.assumptions.gas


def test_a_seller_keeps_half_of_what_it_has(world_of):
    world, _, honest, consumer = world_of("honest", "consumer")
    claim(world, honest)
    run(world, DAY)
    half = world.twin.balances[honest.account.address] // 2
    assert not world.buy(consumer.account, half + 1)
    assert consumer.account.coin == 0
    assert world.buy(consumer.account, half)
    assert world.twin.balances[consumer.account.address] == half


def test_a_seated_cheat_outvotes_the_creator(world_of):
    world, _, lazy, other, verifier = world_of("lazy", "lazy", "verifier", audit_rate=Fraction(0))
    lazy.wake()
    run(world, DAY)
    world.opt_in(lazy.account)
    run(world, 2 * DAY)
    assert world.holders() == [lazy.account.address]
    other.wake()
    parties = {other.account.address, verifier.account.address}
    assert tally(world, 2, parties) == (-1, True)  # upheld: -2 of the holder, 1 of the creator
    assert tally(world, 2, {*parties, lazy.account.address}) == (1, False)


def test_a_seated_cheat_outvotes_the_creators_rollback(world_of):
    world, creator, lazy = world_of("lazy")
    lazy.wake()
    run(world, DAY)
    world.opt_in(lazy.account)
    run(world, 2 * DAY)
    assert world.holders() == [lazy.account.address]
    creator.wake()
    run(world, DAY)
    assert len(world.twin.proposals) == 1
    assert (world.twin.line, world.twin.head) == (0, 1)


def test_a_consumer_who_has_tokens_buys_none(world_of):
    world, _, honest, consumer = world_of("honest", "consumer")
    claim(world, honest)
    run(world, DAY)
    world.give(honest.account, consumer.account, world.twin.balances[honest.account.address])
    consumer.wake()
    assert (world.served, consumer.account.bought) == (1_000, 0)
    assert consumer.account.coin == -world.assumptions.gas


def test_a_hoarder_buys_a_tenth_and_keeps_it(world_of):
    world, _, honest, hoarder = world_of("honest", "hoarder")
    claim(world, honest)
    run(world, DAY)
    before = world.twin.balances[honest.account.address]
    hoarder.wake()
    assert world.twin.balances[hoarder.account.address] == before // 10
    assert hoarder.account.address in world.twin.rights


def test_the_creator_rolls_back_behind_wrong_work(world_of):
    world, creator, honest, lazy = world_of("honest", "lazy")
    right = claim(world, honest)
    lazy.wake()
    on_top = claim(world, honest)
    run(world, 2 * DAY)
    assert world.twin.head == on_top
    creator.wake()
    run(world, DAY)
    copy = world.twin.versions[world.twin.head]
    assert (world.twin.line, copy.parent, world.tip) == (1, right, world.twin.head)
    creator.wake()  # nothing wrong is left below the head
    assert len(world.twin.proposals) == 1


def test_seated_cheats_judge_for_the_wrong_side(terms, given):
    captured = play(
        terms, {"lazy": 4, "honest": 4, "verifier": 1}, replace(given, audit_rate=Fraction(1, 8))
    )
    assert any("lazy" in moment.holders for moment in captured.moments)
    assert any(account.games_lost for account in captured.accounts if account.kind == "verifier")


CHEATS = {"lazy": 4, "honest": 4, "verifier": 1}


@pytest.mark.parametrize(
    ("population", "rate"),
    [(None, Fraction(1, 2)), (CHEATS, Fraction(1, 8)), (CHEATS, Fraction(1, 2))],
)
def test_the_tip_is_what_a_walk_from_the_head_finds(terms, everybody, given, population, rate):
    world = World(terms, replace(given, audit_rate=rate), Random(0))
    world.join(Creator, 0)
    for kind, actor in KINDS.items():
        for number in range((population or everybody).get(kind, 0)):
            world.join(actor, number)
    while world.settled_updates < 5_000 and world.step(60 * DAY):
        known, world._tip = world.tip, None
        assert known == world.tip
        world._tip = known
    assert world.settled_updates >= 5_000
