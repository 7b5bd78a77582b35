"""A relayer brings a customer's order again and again, until the customer's tokens are gone.

The defence: each order takes the owner's next nonce (`_take_nonce` in `signatures.vy`).
"""

from books import Books
from frame import refusal, run
from orders import domain_of, fund, order_for
from town import open_town

from delea.errors import RevertError

UNITS = 1000


def attack() -> str:
    """Try, and say why it failed."""
    with open_town() as town:
        victim, relayer = town.people.consumer, town.people.attacker
        fund(town, victim, 10_000)
        books = Books(town, victim)
        price = town.model.price_for(UNITS)
        order = order_for(town, victim, UNITS, slack=2)
        signature = victim.sign_digest(order.digest(domain_of(town, town.model).separator))
        town.model.infer_with_signature(order, signature, key=relayer)
        for _ in range(2):
            why = refusal(
                lambda: town.model.infer_with_signature(order, signature, key=relayer), RevertError
            )
        lost = books.check_loss(price)
    return f"an order is used once ({why}): the customer paid for one: {lost}"


if __name__ == "__main__":
    run(attack)
