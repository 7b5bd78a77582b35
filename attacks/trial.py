"""What attacks on claims share: work under another seed, and the trial of a claim."""

from books import Books
from frame import SucceededError
from town import Town

from delea.artifact import state_root
from delea.chain import Key
from delea.ids import Digest
from delea.protocol.seed import seed_of_claim
from delea.protocol.version import Status, Version
from delea.roles import steward


def resign(town: Town, work: Version, parent: Version, key: Key) -> Digest:
    """Return the root of an old state with the seed of another claim written into it."""
    seed = seed_of_claim(
        chain_id=town.chain.chain_id,
        model=town.model.address,
        parent=parent.id,
        parent_root=parent.root,
        sender=key.address,
        beneficiary=key.address,
    )
    return state_root(seed + town.honest.state(work)[len(seed) :])


def roll_back(town: Town, target: int) -> Version:
    """Put an earlier version back and return its copy."""
    holder = town.people.first_holder
    proposed = steward.propose(town.chain, town.model, target, key=holder)
    town.anvil.increase_time(town.model.terms.rollback_window)
    done = steward.execute(town.model, proposed.proposal, key=town.people.stranger)
    return town.version(done.version)


def hear(town: Town, version: int, attackers: Books) -> str:
    """Let the honest judge a claim, close everything and return what the attackers lost.

    Raises:
        SucceededError: the claim was not refuted, or the attackers won something.
    """
    if town.version(version).status is Status.PENDING:
        town.check(version)
    town.rule()
    town.finish()
    status = town.version(version).status
    if status is not Status.REFUTED:
        raise SucceededError(f"the claim is {status.name.lower()}")
    return f"the attacker's net: {attackers.check_no_gain()}"


def check_paid(town: Town, *versions: int) -> None:
    """Raise SucceededError unless honest claims were settled."""
    for version in versions:
        status = town.version(version).status
        if status is not Status.SETTLED:
            raise SucceededError(f"the honest claim {version} is {status.name.lower()}")
