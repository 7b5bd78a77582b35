"""A trainer claims and never publishes its state, so that nobody else can go on or judge.

The defence: whoever re-runs a claim has its state, so nobody waits for its bytes.
"""

from books import Books
from frame import SucceededError, refusal, run
from town import Town, open_town
from trial import check_paid, hear

from delea.errors import DigestError, MissingError
from delea.protocol.version import Status
from delea.roles import trainer, verifier


def attack() -> str:
    """Try, and say why it failed."""
    with open_town(seated=True) as town:
        withhold_work(town)
        told, net = withhold_nothing(town)
    return (
        "re-running a claim gives its state: honest work went on from one that was withheld, which"
        f" was paid no more than its work; on a root of no state nobody builds ({told}), {net}"
    )


def withhold_work(town: Town) -> None:
    """Claim honest work and keep its state; an honest worker goes on from it."""
    people = town.people
    keeper = town.visit("the attacker's")
    tip = town.version(town.model.tip())
    keeper.store.put_state(tip.root, town.honest.state(tip))
    work = trainer.train(keeper, sender=people.attacker.address, updates=2)
    fair = town.model.reward_for(work.updates)
    books = Books(town, people.attacker)
    withheld = trainer.claim(keeper, work, key=people.attacker).version
    refusal(lambda: town.honest.store.get_state(work.root), MissingError)
    try:
        after = town.work(people.trainer)
    except MissingError as fault:
        raise SucceededError(f"nobody could build on it: {fault}") from None
    if town.version(after).parent != withheld:
        raise SucceededError("nobody could build on the withheld state")
    town.settle()
    check_paid(town, withheld, after)
    if books.change().tokens != fair:
        raise SucceededError(f"withheld work was paid {books.change()}")


def withhold_nothing(town: Town) -> tuple[str, str]:
    """Claim a root that no state has, and another on top of it, which nobody can re-run."""
    people = town.people
    books = Books(town, people.attacker)
    bogus = town.claim(people.attacker, town.model.tip(), bytes(31) + b"\1")
    on_top = town.claim(people.attacker, bogus, bytes(31) + b"\2")
    told = refusal(lambda: town.train(people.trainer), DigestError)
    refusal(lambda: verifier.verify(town.honest, town.version(on_top)), DigestError)
    net = hear(town, bogus, books)
    if town.version(on_top).status is not Status.VOID:
        raise SucceededError("what stands on a wrong claim was not void")
    return told.split(":")[0], net


if __name__ == "__main__":
    run(attack)
