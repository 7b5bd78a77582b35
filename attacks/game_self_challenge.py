"""One person claims and challenges, to win half a bond, or to make others work for nothing.

Two ways: a wrong claim refuted by a friend, and a right one challenged by a friend. The defence: of
a lost bond one half is burned, and a challenged version keeps nobody from building beside it.
"""

from dataclasses import replace

from books import Books, Change
from frame import SucceededError, run
from town import Town, open_town
from trial import check_paid

from delea.protocol.version import Status


def attack() -> str:
    """Try, and say why it failed."""
    with open_town(seated=True) as town:
        wrong = challenge_own_wrong_claim(town)
        right = challenge_own_right_claim(town)
    for change in (wrong, right):
        if change.coin >= 0:
            raise SucceededError(f"it made work for nothing: {change}")
    return (
        "half of a lost bond is burned, whoever plays whom, and others are paid beside it in their"
        f" own time; own wrong claim: {wrong}; own right one, its reward apart: {right}"
    )


def challenge_own_wrong_claim(town: Town) -> Change:
    """Claim nonsense, be refuted by a friend; an honest worker builds beside it at once."""
    people = town.people
    books = Books(town, people.attacker, people.friend)
    bogus = town.claim(people.attacker, town.model.tip(), bytes(31) + b"\1")
    town.model.challenge(bogus, bytes(31) + b"\2", key=people.friend)
    honest = town.work(people.trainer)
    town.rule()
    town.settle()
    check_paid(town, honest)
    return books.check_no_gain()


def challenge_own_right_claim(town: Town) -> Change:
    """Claim honest work, have it challenged in the last minute, and upheld."""
    people, terms = town.people, town.model.terms
    books = Books(town, people.attacker, people.friend)
    reward = town.model.reward_for(1)  # for work that was done
    own = town.work(people.attacker)
    town.anvil.increase_time(terms.challenge_window - 60)
    town.model.challenge(own, bytes(31) + b"\2", key=people.friend)
    town.rule()
    town.anvil.increase_time(60)
    town.finish()
    if town.version(own).status is not Status.SETTLED:
        raise RuntimeError("an upheld claim settles")
    change = books.change()
    if change.tokens != reward:
        raise SucceededError(f"work that is worth {reward} wei was paid {change}")
    return replace(change, tokens=0)


if __name__ == "__main__":
    run(attack)
