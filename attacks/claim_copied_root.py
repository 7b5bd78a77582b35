"""A copier claims the root of an honest claim as work of its own, to be paid without training.

The defence: `seed_of_claim` names the sender and the beneficiary, and the seed is in the state.
"""

from books import Books
from frame import SucceededError, run
from town import open_town

from delea.protocol.version import Status


def attack() -> str:
    """Try, and say why it failed."""
    with open_town(seated=True) as town:
        people = town.people
        honest = town.version(town.work(people.trainer))
        books = Books(town, people.attacker)
        # Another claim beside an honest one that is pending is refused; so it copies on top of it.
        receipt = town.model.train(
            honest.id, honest.root, 1, people.attacker.address, 0, key=people.attacker
        )
        copied = receipt.events[0].version
        town.check(copied)
        town.rule()
        town.finish()
        if town.version(copied).status is not Status.REFUTED:
            raise SucceededError("the copy was not refuted")
        lost = books.check_no_gain()
    return (
        f"the seed, which is in the state, names the worker: a copied root is wrong; it lost {lost}"
    )


if __name__ == "__main__":
    run(attack)
