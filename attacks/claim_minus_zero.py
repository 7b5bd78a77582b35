"""A trainer writes -0.0 for a 0.0 in its state: equal as numbers, and another root to build on.

The defence: states are compared as bits, by their root, and never as numbers.
"""

import numpy as np
from books import Books
from frame import run
from town import open_town
from trial import hear

from delea.artifact import STATE_HEADER, state_root


def attack() -> str:
    """Try, and say why it failed."""
    with open_town(seated=True) as town:
        key = town.people.attacker
        books = Books(town, key)
        work = town.train(key)
        numbers = np.frombuffer(work.state, "<f4", offset=STATE_HEADER).copy()
        zeros = numbers.view("<u4") == 0
        numbers[zeros.argmax()] = -0.0
        other = work.state[:STATE_HEADER] + numbers.tobytes()
        if not zeros.any() or other == work.state:
            raise RuntimeError("a 0.0 expected in the state")
        town.honest.store.put_state(state_root(other), other)
        claimed = town.claim(key, work.parent, state_root(other))
        net = hear(town, claimed, books)
    return f"{zeros.sum()} zeros stood in the state, and -0.0 has other bits than 0.0; {net}"


if __name__ == "__main__":
    run(attack)
