"""Accomplices borrow a stake for almost two windows, and pass it around, to outvote the holders.

The defence: held is the lowest balance of this and the previous window (`_lows` in `stewards.vy`),
for each account alone.
"""

from books import Books
from frame import SucceededError, run
from loans import earn_stake, execute_is_refused, propose_against_holders, wait_until
from town import open_town

from delea.chain import Key

MINUTE = 60


def attack() -> str:
    """Try, and say why it failed."""
    with open_town(seated=True) as town:
        model, attacker, friend = town.model, town.people.attacker, town.people.friend
        lender = earn_stake(town)
        stake = model.balance_of(lender.address)
        for key in (attacker, friend):
            model.opt_in(key=key)
        town.anvil.increase_time(2 * model.terms.rollback_window)
        books = Books(town, attacker, friend, town.people.creator)

        def try_it(proposal: int) -> str:
            if {attacker.address, friend.address} & set(model.top_holders()):
                raise SucceededError("an account that borrowed has a seat")
            return execute_is_refused(town, proposal)

        def lend(giver: Key, taker: Key) -> None:
            model.transfer(taker.address, stake, key=giver)

        day = model.terms.rollback_window
        wait_until(town, MINUTE)
        proposal = propose_against_holders(town, attacker, friend)
        began = town.chain.now() // day * day
        lend(lender, attacker)  # a minute into a window, and till the last minutes of the next
        for second in (day // 2, day + 3 * MINUTE, day + day // 2, 2 * day - 3 * MINUTE):
            town.anvil.increase_time(began + second - town.chain.now())
            why = try_it(proposal)
        lend(attacker, lender)
        wait_until(town, 5 * MINUTE)
        proposal = propose_against_holders(town, attacker, friend)
        lend(lender, attacker)
        wait_until(town, 6 * MINUTE)
        for giver, taker in 3 * ((attacker, friend), (friend, attacker)):
            lend(giver, taker)
            try_it(proposal)
            town.anvil.increase_time(day // 4)
            try_it(proposal)
        lend(attacker, lender)
        lost = books.check_no_gain()
    return f"a stake counts once an account holds it for a whole window ({why}): it lost {lost}"


if __name__ == "__main__":
    run(attack)
