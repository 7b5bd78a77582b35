"""A relayer brings an order that was signed for another chain, model or scheme, to feed R.

The defence: the domain that is signed has chain id, model, name and version (`_domain` in
`signatures.vy`), and is made anew on each call.
"""

from books import Books
from frame import refusal, run
from orders import domain_of, fund, order_for, other_domains
from town import open_town

from delea.chain import Chain
from delea.errors import RevertError

UNITS = 1000
FORK = 31_338


def attack() -> str:
    """Try, and say why it failed."""
    with open_town() as town:
        victim, relayer = town.people.consumer, town.people.attacker
        fund(town, victim, 10_000)
        books = Books(town, victim)
        order = order_for(town, victim, UNITS)
        bring = town.model.infer_with_signature
        tried = 0
        for _, domain in other_domains(town):
            signature = victim.sign_digest(order.digest(domain.separator))
            refusal(lambda s=signature: bring(order, s, key=relayer), RevertError)
            tried += 1
        # It was signed for this chain; a fork of it, with an id of its own, keeps every balance.
        signature = victim.sign_digest(order.digest(domain_of(town, town.model).separator))
        town.rpc.call("anvil_setChainId", FORK)
        with Chain.connect(town.chain.url) as fork:
            bring = fork.model(town.model.address).infer_with_signature
            why = refusal(lambda: bring(order, signature, key=relayer), RevertError)
        books.check_loss(0)
    return f"an order counts on the chain and model it names: {tried} others and a fork: {why}"


if __name__ == "__main__":
    run(attack)
