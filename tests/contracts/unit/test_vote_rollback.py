"""vote_rollback and the score: 2 for each seated holder, 1 for the creator, seats at execution."""

import pytest

WINDOW = 150


@pytest.fixture
def stewards(world, model):
    """The creator and two seated holders, the trainer the heavier one."""
    world.earn(world.trainer, 10**22)
    world.earn(world.other_trainer)
    for person in (world.trainer, world.other_trainer):
        model.opt_in(sender=person)
    world.chain.wait(2 * WINDOW)
    assert model.top_holders() == (world.trainer, world.other_trainer)
    return world.creator, world.trainer, world.other_trainer


@pytest.mark.usefixtures("stewards")
def test_a_vote_is_counted_and_logged(world, model):
    model.propose_rollback(0, sender=world.creator)
    model.vote_rollback(1, -1, sender=world.trainer)
    (event,) = model.events()
    assert event.name == "RollbackVoted"
    assert event.fields == {"proposal": 1, "voter": world.trainer, "vote": -1}
    assert model.rollback_vote_of(1, world.trainer) == -1
    assert model.rollback_score(1) == -1


@pytest.mark.parametrize("creator", [-1, 0, 1])
@pytest.mark.parametrize("second", [-1, 0, 1])
@pytest.mark.parametrize("first", [-1, 0, 1])
def test_a_rollback_passes_if_its_score_is_positive(
    world, model, stewards, refuses, first, second, creator
):
    model.propose_rollback(0, sender=world.creator)
    for voter, vote in zip(stewards, (creator, first, second), strict=True):
        model.vote_rollback(1, vote, sender=voter)
    score = 2 * (first + second) + creator
    assert model.rollback_score(1) == score
    world.chain.wait(WINDOW)
    if score > 0:
        model.execute_rollback(1)
        assert model.events()[-1].fields["score"] == score
        return
    with refuses("execute_rollback: outvoted"):
        model.execute_rollback(1)


def test_each_steward_alone_may_roll_back(world, model, stewards):
    for number, steward in enumerate(stewards, 1):
        assert model.propose_rollback(0, sender=steward) == number
        world.chain.wait(WINDOW)
        model.execute_rollback(number)
        world.chain.wait(WINDOW)


@pytest.mark.usefixtures("stewards")
def test_one_holder_beats_the_creator(world, model, refuses):
    model.propose_rollback(0, sender=world.creator)
    model.vote_rollback(1, -1, sender=world.other_trainer)
    model.propose_rollback(0, sender=world.other_trainer)
    model.vote_rollback(2, -1, sender=world.creator)
    world.chain.wait(WINDOW)
    with refuses("execute_rollback: outvoted"):
        model.execute_rollback(1)
    model.execute_rollback(2)
    assert model.line() == 1


@pytest.mark.usefixtures("stewards")
def test_the_last_vote_counts(world, model):
    model.propose_rollback(0, sender=world.trainer)
    model.vote_rollback(1, -1, sender=world.trainer)
    assert model.rollback_score(1) == -2
    model.vote_rollback(1, 0, sender=world.trainer)
    assert model.rollback_score(1) == 0
    model.vote_rollback(1, 1, sender=world.trainer)
    assert model.rollback_score(1) == 2


@pytest.mark.usefixtures("stewards")
def test_a_vote_without_a_seat_counts_nothing(world, model):
    model.propose_rollback(0, sender=world.creator)
    model.vote_rollback(1, -1, sender=world.attacker)
    assert model.rollback_vote_of(1, world.attacker) == -1
    assert model.rollback_score(1) == 1


@pytest.mark.usefixtures("stewards")
def test_a_seat_lost_during_the_window_counts_nothing(world, model, refuses):
    model.propose_rollback(0, sender=world.other_trainer)
    assert model.rollback_score(1) == 2
    everything = model.balanceOf(world.other_trainer)
    model.transfer(world.consumer, everything, sender=world.other_trainer)
    world.chain.wait(WINDOW)
    with refuses("execute_rollback: outvoted"):
        model.execute_rollback(1)


def test_a_seat_won_during_the_window_counts(world, model):
    world.earn(world.trainer)
    model.opt_in(sender=world.trainer)
    world.chain.wait(WINDOW)
    model.propose_rollback(0, sender=world.creator)
    model.vote_rollback(1, -1, sender=world.trainer)
    assert model.rollback_score(1) == 1
    world.chain.wait(WINDOW)
    assert model.rollback_score(1) == -1


@pytest.mark.usefixtures("stewards")
def test_votes_are_heard_until_the_last_second(world, model, refuses):
    model.propose_rollback(0, sender=world.creator)
    world.chain.wait(2 * WINDOW - 1)
    model.vote_rollback(1, -1, sender=world.trainer)
    world.chain.wait(1)
    with refuses("vote_rollback: closed"):
        model.vote_rollback(1, 1, sender=world.trainer)


def test_a_proposal_carried_out_hears_no_votes(world, model, refuses):
    world.rolled_back(0)
    with refuses("vote_rollback: closed"):
        model.vote_rollback(1, -1, sender=world.creator)


@pytest.mark.parametrize("vote", [-2, 2, 2**255 - 1, -(2**255)])
def test_a_vote_is_one_of_three(world, model, refuses, vote):
    model.propose_rollback(0, sender=world.creator)
    with refuses("vote_rollback: vote"):
        model.vote_rollback(1, vote, sender=world.creator)


@pytest.mark.parametrize("proposal", [0, 1, 2**256 - 1])
def test_vote_rollback_refuses_an_unknown_proposal(model, refuses, proposal):
    with refuses("vote_rollback: unknown"):
        model.vote_rollback(proposal, 1)
    assert model.rollback_score(proposal) == 0


def test_a_proposal_expires_after_as_long_again(world, model, refuses):
    model.propose_rollback(0, sender=world.creator)
    world.chain.wait(2 * WINDOW - 1)
    before = world.chain.evm.snapshot()
    model.execute_rollback(1)
    world.chain.evm.revert(before)
    world.chain.wait(1)
    with refuses("execute_rollback: expired"):
        model.execute_rollback(1)
    assert model.open_rollback_of(world.creator) == 0
    assert model.propose_rollback(0, sender=world.creator) == 2


def propose_all(model, stewards):
    """Proposal 1 of the creator, 2 and 3 of the holders, each with its proposer's vote."""
    for steward in stewards:
        model.propose_rollback(0, sender=steward)


def test_an_older_proposal_needs_a_higher_score(world, model, stewards, refuses):
    propose_all(model, stewards)
    world.chain.wait(WINDOW)
    model.execute_rollback(3)  # a score of 2
    for proposal in (1, 2):
        with refuses("execute_rollback: overruled"):
            model.execute_rollback(proposal)
    model.vote_rollback(1, 1, sender=world.trainer)
    assert model.rollback_score(1) == 3
    model.execute_rollback(1)
    assert model.line() == 2
    with refuses("execute_rollback: overruled"):
        model.execute_rollback(2)


def test_a_rollback_with_a_low_score_forgets_no_higher_one(world, model, stewards, refuses):
    propose_all(model, stewards)
    model.vote_rollback(2, 1, sender=world.other_trainer)
    world.chain.wait(WINDOW)
    model.execute_rollback(2)  # a score of 4
    model.vote_rollback(3, 1, sender=world.trainer)
    assert model.rollback_score(3) == 4
    with refuses("execute_rollback: overruled"):
        model.execute_rollback(3)
    assert model.propose_rollback(0, sender=world.trainer) == 4
    world.chain.wait(WINDOW - 1)
    model.vote_rollback(3, 1, sender=world.creator)
    model.execute_rollback(3)  # a score of 5
    world.chain.wait(1)
    with refuses("execute_rollback: overruled"):
        model.execute_rollback(4)


@pytest.mark.usefixtures("stewards")
def test_a_newer_proposal_needs_no_more_than_a_positive_score(world, model):
    model.propose_rollback(0, sender=world.trainer)
    world.chain.wait(WINDOW)
    model.execute_rollback(1)
    assert model.propose_rollback(0, sender=world.creator) == 2
    world.chain.wait(WINDOW)
    model.execute_rollback(2)
    assert model.line() == 2


def test_a_holder_without_a_seat_may_not_propose(world, model, refuses):
    world.earn(world.trainer)
    model.opt_in(sender=world.trainer)
    with refuses("propose_rollback: no seat"):
        model.propose_rollback(0, sender=world.trainer)
    world.chain.wait(2 * WINDOW)
    assert model.propose_rollback(0, sender=world.trainer) == 1
