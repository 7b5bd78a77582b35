"""A second model, with the first as its arbiter, spends what a customer approved or signed for it.

The defence: no model calls a transfer of another, or spends an allowance but in `transferFrom` for
the spender who calls it; a payment is one's own call, or an order that binds model and request.
"""

from dataclasses import replace

from books import Books
from frame import refusal, run
from orders import bring_permit, call, domain_of, fund, order_for, permit_for
from town import Town, open_town

from delea.chain import Key, ModelClient
from delea.chain.codec import encode_call, load_contract
from delea.errors import RevertError

ROOT = b"no root".ljust(32, b".")


def second_model(town: Town) -> ModelClient:
    """Return the attacker's model: whom it asks to judge is the first model."""
    terms = replace(town.model.terms, arbiter=town.model.address)
    return town.chain.model(town.chain.create(terms, key=town.people.attacker))


def try_all(town: Town, second: ModelClient, victim: Key, thief: Key) -> list[str]:
    """Return why each way was refused."""
    amount = town.model.balance_of(victim.address)
    version = second.train(0, ROOT, 1, thief.address, 0, key=thief).events[0].version
    take = encode_call(
        load_contract("Model").functions["transferFrom"], (victim.address, thief.address, amount)
    )
    order = order_for(town, victim, 1000)
    through = replace(order, owner=town.model.address)
    permit = permit_for(town, victim, town.model.address, amount)
    bare = victim.sign_digest(permit.digest(domain_of(town, town.model).separator))
    foreign = victim.sign_digest(order.digest(domain_of(town, second).separator))
    bring_permit(town, permit, bare, key=thief)
    ways = (
        # Both models may spend the victim's tokens now; the thief has them called by all they call.
        lambda: call(town, thief, "transferFrom", victim.address, thief.address, amount),
        lambda: second.challenge(version, take[:32], key=thief),
        lambda: second.infer_with_signature(through, take, key=thief),
        lambda: town.model.infer_with_signature(order, bare, key=thief),
        lambda: town.model.infer_with_signature(order, foreign, key=thief),
    )
    return [refusal(way, RevertError) for way in ways]


def attack() -> str:
    """Try, and say why it failed."""
    with open_town() as town:
        victim, thief = town.people.consumer, town.people.attacker
        fund(town, victim)
        second = second_model(town)
        for spender in (second.address, town.model.address):
            town.model.approve(spender, 2**256 - 1, key=victim)
        books, own = Books(town, victim), Books(town, thief)
        why = try_all(town, second, victim, thief)
        books.check_loss(0)
        own.check_no_gain()
    return f"a model spends for nobody, {len(why)} ways were refused, the last: {why[-1]}"


if __name__ == "__main__":
    run(attack)
