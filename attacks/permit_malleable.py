"""A relayer brings a permit in its other form, to be the first with a signature nobody made.

The defence: of the two signatures that fit, `_signed` in `signatures.vy` takes the one with the low
s.
"""

from books import Books
from frame import refusal, run
from orders import TOKEN, bring_permit, domain_of, fund, other_form, permit_for, spend
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
        bent = other_form(signature)
        why = refusal(lambda: bring_permit(town, permit, bent, key=shop), RevertError)
        bring_permit(town, permit, signature, key=shop)
        spend(town, victim.address, PRICE, key=shop)
        refusal(lambda: bring_permit(town, permit, bent, key=shop), RevertError)
        lost = books.check_loss(PRICE)
    return f"the form with the high s is no signature ({why}): the victim paid once: {lost}"


if __name__ == "__main__":
    run(attack)
