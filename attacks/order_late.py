"""A relayer keeps an order back until the price has risen, or until nobody wants it any more.

The defence: the order's own limit and deadline (`infer_with_signature` in `inference.vy`).
"""

from books import Books
from frame import refusal, run
from orders import domain_of, fund, order_for
from town import open_town

from delea.errors import RevertError

UNITS = 1000
GIFT = 10_000 * 10**18


def attack() -> str:
    """Try, and say why it failed."""
    with open_town() as town:
        people = town.people
        victim, relayer = people.consumer, people.attacker
        fund(town, victim, 10_000)
        fund(town, relayer, 10_000)
        books = Books(town, victim)
        order = order_for(town, victim, UNITS)
        signature = victim.sign_digest(order.digest(domain_of(town, town.model).separator))
        bring = town.model.infer_with_signature

        before = town.anvil.snapshot()
        town.model.transfer(town.model.address, GIFT, key=relayer)
        dear = refusal(lambda: bring(order, signature, key=relayer), RevertError)
        town.anvil.revert(before)
        town.anvil.increase_time(order.deadline - town.chain.now() + 1)
        late = refusal(lambda: bring(order, signature, key=relayer), RevertError)
        books.check_loss(0)
    return f"an order has a limit ({dear}) and a last second ({late}), both its owner's"


if __name__ == "__main__":
    run(attack)
