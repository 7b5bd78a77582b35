"""A trainer does one update and claims five, or more than any claim may hold, to be paid for them.

The defence: a re-run does as many updates as are claimed; a claim takes at most `max_updates`.
"""

from books import Books
from frame import refusal, run
from town import open_town
from trial import hear

from delea.errors import RevertError


def attack() -> str:
    """Try, and say why it failed."""
    with open_town(seated=True) as town:
        key, most = town.people.attacker, town.model.terms.max_updates
        books = Books(town, key)
        work = town.train(key, updates=1)
        told = refusal(lambda: town.claim(key, work.parent, work.root, most + 1), RevertError)
        claimed = town.claim(key, work.parent, work.root, most)
        net = hear(town, claimed, books)
    return (
        f"a re-run of {most} updates ends in another root than one update; {net};"
        f" of {most + 1}: {told}"
    )


if __name__ == "__main__":
    run(attack)
