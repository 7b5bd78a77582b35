"""After a rollback the old line's paid work is claimed again on the copy, which has the same root.

The attacker tries the old root, and the old state with the seed of the new place written into it.
The defence: the seed names the parent's id, and the rows of each step are drawn from the seed.
"""

from books import Books
from frame import run
from town import open_town
from trial import hear, resign, roll_back


def attack() -> str:
    """Try, and say why it failed."""
    with open_town(seated=True) as town:
        people = town.people
        base = town.model.head()
        old = town.version(town.work(people.attacker))
        town.settle()
        nets = []
        for root in (lambda _: old.root, lambda parent: resign(town, old, parent, people.attacker)):
            parent = roll_back(town, base)
            books = Books(town, people.attacker)
            replayed = town.claim(people.attacker, parent.id, root(parent))
            nets.append(hear(town, replayed, books))
    return (
        "the copy has an id of its own, hence another seed, and other rows are drawn in each step;"
        f" old root: {nets[0]}; old state with the new seed: {nets[1]}"
    )


if __name__ == "__main__":
    run(attack)
