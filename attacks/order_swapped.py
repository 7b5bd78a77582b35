"""A relayer puts a request, units, a limit or an owner of its own into an order that it brings.

The defence: all of them are signed (`infer_with_signature` in `inference.vy`).
"""

from dataclasses import replace

from books import Books
from frame import refusal, run
from orders import domain_of, fund, order_for
from town import open_town

from delea.chain.typed import InferOrder
from delea.errors import RevertError

UNITS = 1000
OWN_REQUEST = b"what the relayer asks".ljust(32, b".")


def attack() -> str:
    """Try, and say why it failed."""
    with open_town() as town:
        victim, other, relayer = town.people.consumer, town.people.trainer, town.people.attacker
        fund(town, victim, 10_000)
        fund(town, other, 10_000)
        books = Books(town, victim, other)
        order = order_for(town, victim, UNITS)
        signature = victim.sign_digest(order.digest(domain_of(town, town.model).separator))

        def bring(bent: InferOrder) -> None:
            town.model.infer_with_signature(bent, signature, key=relayer)

        for bent in (
            replace(order, request=OWN_REQUEST),
            replace(order, units=UNITS // 2),
            replace(order, units=2 * UNITS, max_price=3 * order.max_price),
            replace(order, max_price=order.max_price + 1),
            replace(order, owner=other.address),
            replace(order, deadline=order.deadline + 86_400),
        ):
            why = refusal(lambda bent=bent: bring(bent), RevertError)
        books.check_loss(0)
        bring(order)
        lost = books.check_loss(order.max_price)
    return f"each field of an order is signed ({why}): the owner paid for his own request: {lost}"


if __name__ == "__main__":
    run(attack)
