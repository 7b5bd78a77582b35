"""A creator hurries a rollback past the holders, then turns theirs over with an older proposal.

The defence: a window between proposal and execution, votes counted at execution, and a proposal
that is older than a rollback needs a higher score (`execute_rollback` in `rollback.vy`).
"""

from books import Books
from frame import SucceededError, run
from loans import execute_is_refused
from town import open_town


def attack() -> str:
    """Try, and say why it failed."""
    with open_town(seated=True) as town:
        model, people = town.model, town.people
        window, best = model.terms.rollback_window, model.head()
        books = Books(town, people.creator)
        model.propose_rollback(0, key=people.creator)
        hasty = model.proposal_count()
        early = execute_is_refused(town, hasty)
        town.anvil.increase_time(window // 2)
        early = execute_is_refused(town, hasty)
        for key in (people.first_holder, people.second_holder):
            model.vote_rollback(hasty, -1, key=key)
        town.anvil.increase_time(window // 2)
        late = execute_is_refused(town, hasty)
        town.anvil.increase_time(window)

        model.propose_rollback(0, key=people.creator)  # and the holders look elsewhere
        older = model.proposal_count()
        model.propose_rollback(best, key=people.first_holder)
        model.vote_rollback(older + 1, 1, key=people.second_holder)
        model.vote_rollback(older + 1, -1, key=people.creator)
        town.anvil.increase_time(window)
        model.execute_rollback(older + 1, key=people.stranger)
        overruled = execute_is_refused(town, older)
        if model.version(model.head()).parent != best:
            raise SucceededError("the head is not what the holders went back to")
        books.check_no_gain()
    return f"it was too early ({early}), then outvoted ({late}), then too weak ({overruled})"


if __name__ == "__main__":
    run(attack)
