"""A creator names an arbiter of his own, which rules for him and takes honest bonds.

The defence: a session wants the stewards' arbiter, by its code (`StewardArbiter` in
`chain/arbiter.py`), before anything is at stake. The factory alone would take any contract.
"""

from dataclasses import replace

from books import Books
from frame import SucceededError, refusal, run
from thief import Thief
from town import open_town

from delea.chain.events import Challenged
from delea.errors import ChainError
from delea.roles import trainer

OTHER_ROOT = b"another root".ljust(32, b".")


def attack() -> str:
    """Try, and say why it failed."""
    with open_town() as town:
        people = town.people
        thief = Thief(town, people.attacker)
        terms = replace(town.model.terms, arbiter=thief.address)
        address = town.chain.create(terms, key=people.attacker)
        assert town.chain.factory(town.chain.deploy_factory(key=people.stranger)).is_model(address)
        model = town.chain.model(address)
        books = Books(town, people.trainer, model=model)
        try:
            why = refusal(lambda: town.visit("trainer", model), ChainError)
        except SucceededError:
            session = town.visit("trainer", model)
            update = trainer.train(session, sender=people.trainer.address, updates=1)
            version = trainer.claim(session, update, key=people.trainer).version
            receipt = model.challenge(version, OTHER_ROOT, key=people.friend)
            thief.at = address
            thief.forward("rule", version, receipt.one(Challenged).game, True, True)  # noqa: FBT003
            raise SucceededError(f"an honest trainer lost {books.change()}") from None
        books.check_loss(0)
    return f"who trains, checks or pays wants the stewards as judges ({why}): nothing was at stake"


if __name__ == "__main__":
    run(attack)
