"""Many wrong claims, side by side and on top of each other, tire verifiers and block honest work.

The defence: each wrong claim needs a bond of its own and loses it; whoever refutes it wins half.
"""

from books import Books, Change, compare_costs
from frame import run
from town import Town, open_town
from trial import check_paid

from delea.chain import Key

CLAIMS = 9
"""One more than the dead rivals that one call of settle passes over."""


def attack() -> str:
    """Try, and say why it failed."""
    with open_town(seated=True) as town:
        beside, others_beside = claim_beside(town)
        on_top, others_on_top = claim_on_top(town)
    return (
        f"{CLAIMS} wrong claims side by side cost {beside}, all others {others_beside}: dearer for"
        f" the attacker {compare_costs(beside, others_beside)}; on top of each other, where one"
        f" refutation fells all, {on_top}, the others {others_on_top}: dearer for the attacker"
        f" {compare_costs(on_top, others_on_top)}"
    )


def claim_beside(town: Town) -> tuple[Change, Change]:
    """Claim nonsense again and again on one parent, always before the honest work."""
    people = town.people
    attackers, others = Books(town, people.attacker), Books(town, *everyone_else(town))
    work = town.train(people.trainer)
    for number in range(CLAIMS):
        town.check(town.claim(people.attacker, work.parent, bytes(31) + bytes([number + 1])))
    honest = town.claim(people.trainer, work.parent, work.root)
    town.rule()
    town.settle()
    check_paid(town, honest)
    return attackers.check_no_gain(), others.change()


def claim_on_top(town: Town) -> tuple[Change, Change]:
    """Claim nonsense on top of nonsense; nobody can re-run but the first."""
    attacker = town.people.attacker
    attackers, others = Books(town, attacker), Books(town, *everyone_else(town))
    parent = bogus = town.claim(attacker, town.model.tip(), bytes(31) + b"\1")
    for number in range(1, CLAIMS):
        parent = town.claim(attacker, parent, bytes(31) + bytes([number + 1]))
    town.check(bogus)
    town.rule()
    town.finish()
    return attackers.check_no_gain(), others.change()


def everyone_else(town: Town) -> tuple[Key, ...]:
    """Return the worker, the verifier, the stewards and whoever closes what is due."""
    people = town.people
    return people.trainer, people.verifier, people.creator, *people.holders, people.stranger


if __name__ == "__main__":
    run(attack)
