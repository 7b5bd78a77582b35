"""A trainer does the work, and then flips the lowest bit of one weight to bend the model unseen.

The defence: the root is of all the state's bytes, and replays agree in every bit.
"""

from books import Books
from frame import run
from town import open_town
from trial import hear

from delea.artifact import state_root


def attack() -> str:
    """Try, and say why it failed."""
    with open_town(seated=True) as town:
        key = town.people.attacker
        books = Books(town, key)
        work = town.train(key)
        bent = bytearray(work.state)
        bent[-4] ^= 1  # the lowest bit of the last number
        town.honest.store.put_state(state_root(bytes(bent)), bytes(bent))
        claimed = town.claim(key, work.parent, state_root(bytes(bent)))
        net = hear(town, claimed, books)
    return f"a replay gives the same bits everywhere, so one bit is enough to refute; {net}"


if __name__ == "__main__":
    run(attack)
