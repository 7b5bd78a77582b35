"""A trainer lifts the price before a customer's payment and is paid from a fuller reserve after.

The defence: `max_price` bounds the customer (`_infer` in `inference.vy`); of what lifts the price,
a reward gives back a part alone.
"""

from books import Books, show
from frame import SucceededError, run
from orders import REQUEST, fund
from town import Town, open_town

UNITS = 1000
FIRST = (100, 2000, 5000)
"""How many units the attacker pays for, to lift the price: the last lifts it over the limit."""


def play(town: Town, claim: int, first: int) -> tuple[int, int]:
    """Pay, between the attacker's payment and settlement; return what both have won."""
    model, attacker, victim = town.model, town.people.attacker, town.people.consumer
    limit = model.price_for(UNITS) * 101 // 100  # down
    before = town.anvil.snapshot()
    own, other = Books(town, attacker), Books(town, victim)
    with town.one_block():
        if first:
            town.offer(attacker, "infer", first, 2**255, REQUEST, tip=30 * 10**9)
        town.offer(victim, "infer", UNITS, limit, REQUEST, tip=20 * 10**9)
        last = town.offer(attacker, "settle", claim, tip=10 * 10**9)
    assert town.receipt(last)["status"] == "0x1", "the attacker's own claim is due"
    lost = other.check_loss(limit)
    won = own.change().tokens
    town.anvil.revert(before)
    return won, lost.tokens


def attack() -> str:
    """Try, and say why it failed."""
    with open_town() as town:
        people = town.people
        fund(town, people.attacker, 20_000)
        fund(town, people.consumer, 10_000)
        claim = town.work(people.attacker, town.model.terms.max_updates)
        town.anvil.increase_time(town.model.terms.challenge_window)
        honest, fair = play(town, claim, 0)
        tries = [play(town, claim, first) for first in FIRST]
        if max(won for won, _ in tries) >= honest:
            raise SucceededError(f"{tries} wei were won and lost, {honest} without the sandwich")
    cost = [show(honest - won) for won, _ in tries]
    harm = [show(fair - lost) if lost else "none: he was not charged" for _, lost in tries]
    return f"it cost {', '.join(cost)} tokens; the customer's harm was {', '.join(harm)}"


if __name__ == "__main__":
    run(attack)
