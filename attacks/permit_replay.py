"""A shop brings a customer's permit again and again, to be paid each time.

The defence: each permit takes the owner's next nonce (`_take_nonce` in `signatures.vy`).
"""

from books import Books
from frame import refusal, run
from orders import TOKEN, bring_permit, domain_of, fund, permit_for, spend
from town import open_town

from delea.errors import RevertError

PRICE = 5 * TOKEN


def attack() -> str:
    """Try, and say why it failed."""
    with open_town() as town:
        victim, shop = town.people.consumer, town.people.attacker
        fund(town, victim)
        books = Books(town, victim)
        permit = permit_for(town, victim, shop.address, PRICE)
        signature = victim.sign_digest(permit.digest(domain_of(town, town.model).separator))
        bring_permit(town, permit, signature, key=shop)
        spend(town, victim.address, PRICE, key=shop)
        for _ in range(2):
            why = refusal(lambda: bring_permit(town, permit, signature, key=shop), RevertError)
            refusal(lambda: spend(town, victim.address, PRICE, key=shop), RevertError)
        lost = books.check_loss(PRICE)
    return f"a permit is used once ({why}): the customer paid the price alone: {lost}"


if __name__ == "__main__":
    run(attack)
