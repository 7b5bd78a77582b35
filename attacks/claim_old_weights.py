"""A lazy trainer trains nothing: it claims the old weights, with the right seed and step counter.

The defence: a verifier re-runs the claim, and the root is of all the state's bytes.
"""

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
        work = town.train(key)  # only for its header, which anybody can write
        before = town.honest.state(town.version(work.parent))
        lazy = work.state[:STATE_HEADER] + before[STATE_HEADER:]
        town.honest.store.put_state(state_root(lazy), lazy)
        claimed = town.claim(key, work.parent, state_root(lazy))
        net = hear(town, claimed, books)
    return f"a re-run moves the weights, so another root is right; {net}"


if __name__ == "__main__":
    run(attack)
