"""A creator splits the grant over fresh accounts, to sit in the holders' seats and judge alone.

The defence: a weight is what was earned, or what is held beyond the whole grant (`_weight` in
`stewards.vy`).
"""

from books import Books
from frame import SucceededError, run
from loans import execute_is_refused
from town import open_town

from delea.ids import Wei

ACCOUNTS = 8


def attack() -> str:
    """Try, and say why it failed."""
    with open_town(seated=True) as town:
        model, creator = town.model, town.people.creator
        holders = model.top_holders()
        grant = model.balance_of(creator.address)
        sybils = town.sybils(ACCOUNTS)
        books = Books(town, creator, *sybils)
        shares = [grant // 2, grant // 4] + [grant // 4 // (ACCOUNTS - 2)] * (ACCOUNTS - 2)
        for key, share in zip(sybils, shares, strict=True):
            model.opt_in(key=key)
            model.transfer(key.address, Wei(share), key=creator)
        # And all of it in one account besides.
        town.anvil.increase_time(2 * model.terms.rollback_window)
        for moved in (False, True):
            if moved:
                for key in sybils[1:]:
                    model.transfer(sybils[0].address, model.balance_of(key.address), key=key)
                town.anvil.increase_time(2 * model.terms.rollback_window)
            model.propose_rollback(0, key=creator)
            proposal = model.proposal_count()
            for key in sybils:
                model.vote_rollback(proposal, 1, key=key)
            model.vote_rollback(proposal, -1, key=town.people.first_holder)
            town.anvil.increase_time(model.terms.rollback_window)
            if model.top_holders() != holders:
                raise SucceededError("the grant has a holder's seat")
            why = execute_is_refused(town, proposal)
            town.anvil.increase_time(model.terms.rollback_window)
        lost = books.check_no_gain()
    return f"the grant, whole or in {ACCOUNTS} parts, weighs nothing ({why}): it lost {lost}"


if __name__ == "__main__":
    run(attack)
