"""Honest work is made to stand on a wrong claim, or on one in dispute, to be lost or never paid.

The defence: descendants of a dead claim get their bonds back, one call each; a dispute ends by its
version's deadline, and whatever stands on it settles right after.
"""

from books import Books, Change
from frame import SucceededError, run
from town import Town, open_town
from trial import check_paid

from delea.artifact import state_root
from delea.protocol.version import Status

DEPTH = 3


def attack() -> str:
    """Try, and say why it failed."""
    with open_town(seated=True) as town:
        lost, workers = stand_on_a_wrong_claim(town)
        frozen, hours = stand_on_a_dispute(town)
    return (
        f"{DEPTH} workers who built on a wrong claim unseen got their bonds back, worked again"
        f" and were paid, for {workers.gas:,} gas in all, which cost {lost}; a false challenge in"
        f" the last minute held {DEPTH + 1} claims up for {hours:.0f} h and cost {frozen}"
    )


def stand_on_a_wrong_claim(town: Town) -> tuple[Change, Change]:
    """Publish a wrong state; trainers who don't check build on it; a verifier does check."""
    people = town.people
    attacker = Books(town, people.attacker)
    workers = Books(town, people.trainer, *people.holders)
    work = town.train(people.attacker)
    bent = work.state[:-4] + bytes(4)
    town.honest.store.put_state(state_root(bent), bent)
    bogus = town.claim(people.attacker, work.parent, state_root(bent))
    doomed = [town.work(key) for key in (people.trainer, *people.holders)]
    if town.version(doomed[0]).parent != bogus:
        raise RuntimeError("the honest work stands on the wrong claim")
    town.check(bogus)
    town.rule()
    again = [town.work(key) for key in (people.trainer, *people.holders)]
    town.settle()
    check_paid(town, *again)
    if {town.version(version).status for version in doomed} != {Status.VOID}:
        raise SucceededError("work on a wrong claim is frozen")
    change = workers.change()
    if change.coin < 0 or change.tokens <= 0:
        raise SucceededError(f"the honest workers were left with {change}")
    return attacker.check_no_gain(), change


def stand_on_a_dispute(town: Town) -> tuple[Change, float]:
    """Challenge honest work in the last minute; the stewards rule in the last minute, too."""
    people, terms = town.people, town.model.terms
    books = Books(town, people.attacker)
    base = town.work(people.trainer)
    after = [town.work(key) for key in (*people.holders, people.trainer)]
    claimed_at = town.version(base).submitted_at
    town.anvil.increase_time(terms.challenge_window - 60)
    town.model.challenge(base, bytes(31) + b"\1", key=people.attacker)
    town.anvil.increase_time(terms.verdict_window - 60)
    town.rule()
    town.settle_now()
    check_paid(town, base, *after)
    late = town.chain.now() - claimed_at - terms.challenge_window
    if late > terms.verdict_window:
        raise SucceededError(f"honest claims waited {late} s beyond their window")
    return books.check_no_gain(), late / 3600


if __name__ == "__main__":
    run(attack)
