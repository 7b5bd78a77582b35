"""Accomplices borrow a stake for almost two windows, and pass it around, to outvote the holders.

The defence: held is the lowest balance of this and the previous window (`_lows` in `stewards.vy`),
for each account alone.
"""

from books import Books
from frame import SucceededError, run
from loans import earn_stake, execute_is_refused, propose_against_holders, wait_until
from town import Town, open_town

from delea.chain import Key

MINUTE = 60


def attack() -> str:
    """Try, and say why it failed."""
    with open_town(seated=True) as town:
        attacker, friend = town.people.attacker, town.people.friend
        lender = earn_stake(town)
        for key in (attacker, friend):
            town.model.opt_in(key=key)
        town.anvil.increase_time(2 * town.model.terms.rollback_window)
        books = Books(town, attacker, friend, town.people.creator)
        why = borrow_for_long(town, lender)
        pass_around(town, lender)
        lost = books.check_no_gain()
    return f"a stake counts once an account holds it for a whole window ({why}): it lost {lost}"


def borrow_for_long(town: Town, lender: Key) -> str:
    """Hold the stake from a minute into a window till the last minutes of the next."""
    attacker, day = town.people.attacker, town.model.terms.rollback_window
    wait_until(town, MINUTE)
    proposal = propose_against_holders(town, attacker, town.people.friend)
    began = town.chain.now() // day * day
    lend(town, lender, attacker)
    for second in (day // 2, day + 3 * MINUTE, day + day // 2, 2 * day - 3 * MINUTE):
        town.anvil.increase_time(began + second - town.chain.now())
        why = try_it(town, proposal)
    lend(town, attacker, lender)
    return why


def pass_around(town: Town, lender: Key) -> None:
    """Hold the stake in turns."""
    attacker, friend = town.people.attacker, town.people.friend
    wait_until(town, 5 * MINUTE)
    proposal = propose_against_holders(town, attacker, friend)
    lend(town, lender, attacker)
    wait_until(town, 6 * MINUTE)
    for giver, taker in 3 * ((attacker, friend), (friend, attacker)):
        lend(town, giver, taker)
        try_it(town, proposal)
        town.anvil.increase_time(town.model.terms.rollback_window // 4)
        try_it(town, proposal)
    lend(town, attacker, lender)


def lend(town: Town, giver: Key, taker: Key) -> None:
    """Hand over the whole stake."""
    town.model.transfer(taker.address, town.model.balance_of(giver.address), key=giver)


def try_it(town: Town, proposal: int) -> str:
    """Return why the proposal is refused; raises SucceededError if it is not, or if one sits."""
    borrowers = {town.people.attacker.address, town.people.friend.address}
    if borrowers & set(town.model.top_holders()):
        raise SucceededError("an account that borrowed has a seat")
    return execute_is_refused(town, proposal)


if __name__ == "__main__":
    run(attack)
