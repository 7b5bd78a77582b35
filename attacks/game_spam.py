"""Many false challenges bury an honest claim, to make it wait, to tire the stewards, or to void it.

The defence: each challenge takes a bond as high as the claim's and loses it; a game the stewards
leave open costs its challenger a quarter.
"""

from books import COIN, Books, Change, compare_costs
from frame import SucceededError, run
from town import Town, open_town
from trial import check_paid

GAMES = 8


def attack() -> str:
    """Try, and say why it failed."""
    with open_town(seated=True) as town:
        ruled, others = spam(town, awake=True)
        if others.tokens <= 0:
            raise SucceededError(f"the honest worker was not paid: {others}")
        even = compare_costs(ruled, others)
        asleep, victims = spam(town, awake=False)
        if asleep.coin >= 0:
            raise SucceededError(f"it cost nothing: {asleep}")
    return (
        f"{GAMES} false challenges of a claim cost {ruled}, worker and stewards {others}: dearer"
        f" for the attacker {even}; with no steward awake the claim is void, for {asleep}, and the"
        f" worker loses the reward and {-victims.coin / COIN:.6g} coin"
    )


def spam(town: Town, *, awake: bool) -> tuple[Change, Change]:
    """Challenge an honest claim many times; return what it cost the attackers and the others."""
    people = town.people
    attackers = Books(town, people.attacker)
    others = Books(town, people.trainer, people.creator, *people.holders)
    honest = town.work(people.trainer)
    for number in range(GAMES):
        town.model.challenge(honest, bytes(31) + bytes([number + 1]), key=people.attacker)
    if awake:
        town.rule()
        town.settle()
        check_paid(town, honest)
    town.finish()
    return attackers.check_no_gain(), others.change()


if __name__ == "__main__":
    run(attack)
