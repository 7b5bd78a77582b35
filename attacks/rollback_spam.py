"""Everyone proposes rollbacks all the time, to bury the stewards and keep trainers from being paid.

The defence: stewards alone propose, each one at a time, a window each (`propose_rollback` in
`rollback.vy`); a rollback moves no token, and what is pending is still paid.
"""

from books import Books
from frame import SucceededError, refusal, run
from loans import execute_is_refused
from town import open_town

from delea.chain.events import Settled
from delea.errors import RevertError

ASLEEP, ROUNDS = 2, 4
"""In the first rounds nobody objects; then the holders do."""


def attack() -> str:
    """Try, and say why it failed."""
    with open_town(seated=True) as town:
        model, people = town.model, town.people
        crowd, creator, trainer = town.sybils(5), people.creator, people.trainer
        books = Books(town, creator, *crowd)
        objecting = Books(town, people.first_holder)
        for number in range(ROUNDS):
            town.work(trainer)
            for key in crowd:
                refusal(lambda key=key: model.propose_rollback(0, key=key), RevertError)
            model.propose_rollback(0, key=creator)
            refusal(lambda: model.propose_rollback(0, key=creator), RevertError)
            if number >= ASLEEP:
                model.vote_rollback(model.proposal_count(), -1, key=people.first_holder)
            town.settle()
            if number < ASLEEP:
                model.execute_rollback(model.proposal_count(), key=people.attacker)
            else:
                why = execute_is_refused(town, model.proposal_count())
                town.anvil.increase_time(model.terms.rollback_window)
        paid = [event for event in model.events(Settled) if event.beneficiary == trainer.address]
        if len(paid) != ROUNDS or model.line() != ASLEEP:
            raise SucceededError(f"{len(paid)} of {ROUNDS} claims paid, {model.line()} rollbacks")
        cost, vote = books.check_no_gain().gas // ROUNDS, objecting.change().gas
    return (
        f"all {ROUNDS} claims were paid through {ASLEEP} rollbacks; then one vote a window stopped"
        f" them ({why}): {cost:,} gas a proposal against {vote // (ROUNDS - ASLEEP):,} a vote"
    )


if __name__ == "__main__":
    run(attack)
