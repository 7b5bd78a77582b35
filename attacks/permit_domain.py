"""A thief brings a permit that its victim signed for another chain, model or scheme.

The defence: the domain that is signed has chain id, model, name and version (`_domain` in
`signatures.vy`), and is made anew on each call.
"""

from books import Books
from frame import refusal, run
from orders import bring_permit, domain_of, fund, other_domains, permit_for
from town import open_town

from delea.errors import RevertError

FORK = 31_338


def attack() -> str:
    """Try, and say why it failed."""
    with open_town() as town:
        victim, thief = town.people.consumer, town.people.attacker
        fund(town, victim)
        books = Books(town, victim, thief)
        permit = permit_for(town, victim, thief.address, town.model.balance_of(victim.address))
        tried = 0
        for _, domain in other_domains(town):
            signature = victim.sign_digest(permit.digest(domain.separator))
            refusal(lambda s=signature: bring_permit(town, permit, s, key=thief), RevertError)
            tried += 1
        # It was signed for this chain; a fork of it, with an id of its own, keeps every balance.
        signature = victim.sign_digest(permit.digest(domain_of(town, town.model).separator))
        town.rpc.call("anvil_setChainId", FORK)
        why = refusal(lambda: bring_permit(town, permit, signature, key=thief), RevertError)
        books.check_loss(0)
    return f"a permit counts on the chain and model it names: {tried} others and a fork: {why}"


if __name__ == "__main__":
    run(attack)
