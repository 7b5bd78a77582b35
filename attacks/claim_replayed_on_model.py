"""Work that one model paid is claimed again from another of the same module, data and genesis.

The defence: the seed names the model.
"""

from dataclasses import replace

from books import Books
from frame import run
from town import OFFER, open_town
from trial import check_paid, hear


def attack() -> str:
    """Try, and say why it failed."""
    with open_town() as town:
        people = town.people
        work = town.version(town.work(people.attacker))
        town.settle()
        check_paid(town, work.id)
        town.move(town.open_model(replace(OFFER, name="second")))
        books = Books(town, people.attacker)
        again = town.claim(people.attacker, work.parent, work.root, work.updates)
        net = hear(town, again, books)
    return f"the seed in the state names the model, so the same work has another root there; {net}"


if __name__ == "__main__":
    run(attack)
