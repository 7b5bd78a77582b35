"""A relayer brings an order in its other form, to have the customer pay for both.

The defence: of the two signatures that fit, `_signed` in `signatures.vy` takes the one with the low
s.
"""

from books import Books
from frame import refusal, run
from orders import domain_of, fund, order_for, other_form
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
        bent = other_form(signature)
        bring = town.model.infer_with_signature
        why = refusal(lambda: bring(order, bent, key=relayer), RevertError)
        bring(order, signature, key=relayer)
        refusal(lambda: bring(order, bent, key=relayer), RevertError)
        lost = books.check_loss(price)
    return f"the form with the high s is no signature ({why}): the customer paid once: {lost}"


if __name__ == "__main__":
    run(attack)
