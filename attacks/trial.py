"""What becomes of a claim that the honest re-run: it is refuted, and its sender won nothing."""

from books import Books
from frame import SucceededError
from town import Town

from delea.protocol.version import Status


def hear(town: Town, version: int, attackers: Books) -> str:
    """Let the honest judge a claim, close everything and return what the attackers lost.

    Raises:
        SucceededError: the claim was not refuted, or the attackers won something.
    """
    if not town.version(version).games:
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
