"""A trainer pays each reward in again at once, to use the model more than the work is worth.

The defence: the price is the exact inverse of the reward, rounded up (`curve.vy`): what updates
earn buys `inferences_per_update` for each of them and no more.
"""

from books import Books
from frame import SucceededError, run
from orders import REQUEST
from town import Town, open_town

from delea.chain import Key

CYCLES = 3
UPDATES = 5


def spend_all(town: Town, key: Key) -> int:
    """Pay for as many units as the tokens buy; return how many."""
    model = town.model
    held = model.balance_of(key.address)
    low, high = 0, 2 * CYCLES * UPDATES * model.terms.inferences_per_update
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if model.price_for(middle) <= held else (low, middle - 1)
    if low:
        model.infer(low, held, REQUEST, key=key)
    return low


def attack() -> str:
    """Try, and say why it failed."""
    with open_town() as town:
        model, attacker = town.model, town.people.attacker
        books, reserve, units = Books(town, attacker), model.reserve(), 0
        for _ in range(CYCLES):
            town.work(attacker, UPDATES)
            town.settle()
            units += spend_all(town, attacker)
        change = books.change()
        worth = CYCLES * UPDATES * model.terms.inferences_per_update
        if units > worth or model.reserve() + change.tokens > reserve:
            raise SucceededError(f"{CYCLES * UPDATES} updates bought {units} units, not {worth}")
    return f"{CYCLES * UPDATES} updates bought {units:,} of {worth:,} units; what is left: {change}"


if __name__ == "__main__":
    run(attack)
