"""A crowd of accounts with dust opts in, to make every look at the roster too dear to pay for.

The defence: a place on the roster takes half a percent of the supply (`_placed` in `stewards.vy`).
"""

from books import Books
from frame import SucceededError, run
from orders import TOKEN
from town import Town, open_town

from delea.ids import Wei

CROWD = 20


def gas_of_a_proposal(town: Town) -> int:
    """Return what a holder's proposal would cost now; it is taken back."""
    before = town.anvil.snapshot()
    gas = town.model.propose_rollback(0, key=town.people.first_holder).gas
    town.anvil.revert(before)
    return gas


def attack() -> str:
    """Try, and say why it failed."""
    with open_town(seated=True) as town:
        model, people = town.model, town.people
        before, holders = gas_of_a_proposal(town), model.top_holders()
        crowd = town.sybils(CROWD)
        books = Books(town, people.attacker, *crowd)
        town.work(people.attacker)
        town.settle()
        dust = Wei(model.balance_of(people.attacker.address) // (2 * CROWD))
        for key in crowd:
            model.transfer(key.address, dust, key=people.attacker)
            model.opt_in(key=key)
        town.anvil.increase_time(2 * model.terms.rollback_window)
        after = gas_of_a_proposal(town)
        cost = books.change().gas
        if len(model.roster()) > 2 or model.top_holders() != holders or after > before:
            raise SucceededError(f"a proposal that cost {before:,} gas costs {after:,}")
    shown = f"{dust / TOKEN:.0f} tokens each"
    return (
        f"{CROWD} accounts with {shown} found no place on the roster, for {cost:,} gas:"
        f" a proposal costs {after:,} gas as before"
    )


if __name__ == "__main__":
    run(attack)
