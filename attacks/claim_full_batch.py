"""Every step uses the whole dataset, so the seed moves no weight: a copier claims others' work.

It tries a worker's root, and the worker's state with its own seed written into it. The defence: the
seed is in the state; a claim has its place before its state is published, and keeps it.
"""

from books import Books
from frame import SucceededError, refusal, run
from town import open_town
from trial import check_paid, hear, resign

from delea.errors import RevertError


def attack() -> str:
    """Try, and say why it failed."""
    with open_town(seated=True, batch=None) as town:
        people = town.people
        books = Books(town, people.attacker, people.friend)
        honest = town.version(town.work(people.trainer))
        parent = town.version(honest.parent)
        own = resign(town, honest, parent, people.attacker)
        told = refusal(lambda: town.claim(people.attacker, honest.parent, own), RevertError)
        town.model.challenge(honest.id, bytes(32), key=people.friend)  # makes room beside
        bare = town.claim(people.attacker, honest.parent, honest.root)
        if town.check(bare).game is None:
            raise SucceededError("the worker's root is right for the copier, too")
        copy = town.claim(people.attacker, honest.parent, own)
        town.check(copy)
        net = hear(town, bare, books)
        check_paid(town, honest.id)
        if not town.version(copy).status.is_dead:
            raise SucceededError("a copied state was settled beside the work it was copied from")
    return (
        "a bare root has another worker's seed in it; with the seed changed, a copy comes too late"
        f" ({told}), and beside a claim in dispute it is void once that stands; {net}"
    )


if __name__ == "__main__":
    run(attack)
