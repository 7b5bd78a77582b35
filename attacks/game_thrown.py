"""A friend challenges a wrong claim and plays to lose, so that it counts as upheld and is paid.

The stewards are fooled in the friend's game and uphold it. The defence: one success refutes, all
games must fail to uphold.
"""

from books import Books
from frame import SucceededError, run
from town import Town, open_town

from delea.protocol.version import Status


def attack() -> str:
    """Try, and say why it failed."""
    with open_town(seated=True) as town:
        people = town.people
        both = Books(town, people.attacker, people.friend)
        honest = Books(town, people.verifier)
        bogus = town.claim(people.attacker, town.model.tip(), bytes(31) + b"\1")
        town.model.challenge(bogus, bytes(31) + b"\2", key=people.friend)
        played = town.check(bogus).game
        uphold(town, bogus, game=1)
        status = town.version(bogus).status
        if status is not Status.CHALLENGED or played is None:
            raise SucceededError(f"the thrown game made the claim {status.name.lower()}")
        town.rule()
        town.finish()
        if town.version(bogus).status is not Status.REFUTED:
            raise SucceededError("the claim stood although an honest challenger was right")
        lost = both.check_no_gain()
        won = honest.change()
        if won.coin <= 0:
            raise SucceededError(f"the honest challenger was left with {won}")
    return (
        f"game 1 was thrown and game {played} still refuted the claim; claimer and friend: {lost};"
        f" the honest challenger: {won}"
    )


def uphold(town: Town, version: int, *, game: int) -> None:
    """Let both holders be fooled in one game, and decide it."""
    arbiter = town.chain.arbiter(town.model.terms.arbiter)
    for key in town.people.holders:
        arbiter.vote(town.model, version, game, refuted=False, key=key)
    arbiter.decide(town.model, version, game, key=town.people.friend)


if __name__ == "__main__":
    run(attack)
