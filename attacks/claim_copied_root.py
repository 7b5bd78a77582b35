"""A copier claims the root of an honest claim as its own work, to be paid without training.

The defence: the seed names sender and beneficiary, and it is in the state.
"""

from books import Books
from frame import SucceededError, refusal, run
from town import open_town
from trial import check_paid, hear

from delea.errors import RevertError


def attack() -> str:
    """Try, and say why it failed."""
    with open_town(seated=True) as town:
        people = town.people
        honest = town.version(town.work(people.trainer))
        books = Books(town, people.attacker, people.friend)
        beside = refusal(
            lambda: town.claim(people.attacker, honest.parent, honest.root), RevertError
        )
        # A false challenge makes room beside the honest claim; another copy goes on top of it.
        town.model.challenge(honest.id, bytes(32), key=people.friend)
        copy = town.claim(people.attacker, honest.parent, honest.root)
        if town.check(copy).game is None:
            raise SucceededError("the worker's root is right for the copier, too")
        net = hear(town, copy, books)
        check_paid(town, honest.id)
    return (
        f"the seed in the state names its worker, so a copied root is refuted; beside a pending"
        f" claim it is not even taken ({beside}); {net}"
    )


if __name__ == "__main__":
    run(attack)
