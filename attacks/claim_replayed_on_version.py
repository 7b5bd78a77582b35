"""Work that was paid once is claimed again, beside itself and on top of itself.

The defence: a parent takes no second child once one settled; the seed names the parent.
"""

from books import Books
from frame import refusal, run
from town import open_town
from trial import check_paid, hear

from delea.errors import RevertError


def attack() -> str:
    """Try, and say why it failed."""
    with open_town(seated=True) as town:
        people = town.people
        paid = town.work(people.attacker)
        town.settle()
        check_paid(town, paid)
        books = Books(town, people.attacker)
        work = town.version(paid)
        beside = refusal(
            lambda: town.claim(people.attacker, work.parent, work.root, work.updates), RevertError
        )
        again = town.claim(people.attacker, paid, work.root, work.updates)
        town.check(again)
        honest = town.work(people.trainer)
        net = hear(town, again, books)
        check_paid(town, honest)
    return f"{beside}; on top of itself a re-run starts elsewhere and ends in another root; {net}"


if __name__ == "__main__":
    run(attack)
