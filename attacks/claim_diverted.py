"""A false challenge makes honest trainers build beside honest work, where all they do is void.

The contract's tip leaves out what is challenged. The defence: a trainer runs a challenged claim
again, and builds on it if it is right.
"""

from books import Books
from frame import SucceededError, run
from town import open_town

from delea.protocol.version import Status


def attack() -> str:
    """Try, and say why it failed."""
    with open_town(seated=True) as town:
        people = town.people
        right = town.work(people.trainer)
        attacker, workers = Books(town, people.attacker), Books(town, *people.holders)
        town.model.challenge(right, bytes(32), key=people.attacker)
        if town.model.tip() == right:
            raise RuntimeError("the tip leaves out what is challenged")
        later = [town.work(key) for key in people.holders]
        town.rule()
        town.settle()
        town.finish()
        void = sum(town.version(version).status is Status.VOID for version in (right, *later))
        if void:
            raise SucceededError(f"{void} honest claims became void")
        lost, won = attacker.check_no_gain(), workers.change()
    return (
        "trainers re-run what is challenged and build on what is right, so work done during the"
        f" dispute was paid: {won}; the attacker: {lost}"
    )


if __name__ == "__main__":
    run(attack)
