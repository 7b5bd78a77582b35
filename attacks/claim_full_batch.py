"""Every step uses the whole dataset, so no rows are drawn: a copier claims others' work as its own.

It tries a worker's root, and the worker's state with its own seed written into it: beside the claim
while that is in dispute, and after a rollback. The defence: where a step draws nothing, each row's
share of the gradient is drawn from the seed; and the seed is in the state.
"""

from books import Books
from frame import SucceededError, refusal, run
from town import open_town
from trial import check_paid, hear, resign, roll_back

from delea.errors import RevertError


def attack() -> str:
    """Try, and say why it failed."""
    with open_town(seated=True, batch=None) as town:
        people = town.people
        books = Books(town, people.attacker, people.friend)
        honest = town.version(town.work(people.trainer))
        base = town.version(honest.parent)
        own = resign(town, honest, base, people.attacker)
        told = refusal(lambda: town.claim(people.attacker, base.id, own), RevertError)
        town.model.challenge(honest.id, bytes(32), key=people.friend)  # makes room beside
        for root in (honest.root, own):
            copy = town.claim(people.attacker, base.id, root)
            if town.check(copy).game is None:
                raise SucceededError("others' work is right under the copier's seed, too")
        hear(town, copy, books)
        check_paid(town, honest.id)
        parent = roll_back(town, base.id)
        own = resign(town, honest, parent, people.attacker)
        net = hear(town, town.claim(people.attacker, parent.id, own), books)
    return (
        "each row's share of the gradient is drawn from the seed, so the numbers of a state differ"
        f" from worker to worker; beside a pending claim a copy is not even taken ({told}); {net}"
    )


if __name__ == "__main__":
    run(attack)
