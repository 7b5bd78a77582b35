"""A large stake to borrow, an accomplice who proposes, and the clock of the windows."""

from frame import refusal
from town import Town

from delea.chain import Key
from delea.errors import RevertError

STAKE_CLAIMS = 6
"""Of the most updates each: some 8 % of the supply, which would outweigh any holder of a town's."""


def earn_stake(town: Town) -> Key:
    """Let the trainer earn far more than the grant; he has no seat, and lends."""
    lender = town.people.trainer
    for _ in range(STAKE_CLAIMS):
        town.work(lender, town.model.terms.max_updates)
    town.settle()
    weight = town.model.balance_of(lender.address) - town.model.balance_of(
        town.people.creator.address
    )
    seated = min(town.model.weight_of(holder) for holder in town.model.top_holders())
    assert weight > seated, "whoever holds the stake would have a seat"
    return lender


def propose_against_holders(town: Town, *accomplices: Key) -> int:
    """Let the creator propose to go back to genesis, accomplices agree and both holders object."""
    people = town.people
    town.model.propose_rollback(0, key=people.creator)
    proposal = town.model.proposal_count()
    for key in accomplices:
        town.model.vote_rollback(proposal, 1, key=key)
    for key in (people.first_holder, people.second_holder):
        town.model.vote_rollback(proposal, -1, key=key)
    return proposal


def wait_until(town: Town, second: int) -> None:
    """Move the clock to some second of the next window, and mine a block there."""
    window = town.model.terms.rollback_window
    now = town.chain.now()
    town.anvil.increase_time((now // window + 1) * window + second - now)


def execute_is_refused(town: Town, proposal: int) -> str:
    """Return why a proposal is not carried out; raises SucceededError if it is."""
    key = town.people.attacker
    return refusal(lambda: town.model.execute_rollback(proposal, key=key), RevertError)
