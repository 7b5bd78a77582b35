"""Claims are piled on a wrong one, so that a verifier runs that one again for each, till too late.

Those on top get their bonds back, and beside the wrong claim another waits that is not looked at in
time. The defence: a session runs a claim once (`judge` and `replay` in `roles/session.py`).
"""

from typing import Any

from books import Books
from frame import SucceededError, run
from town import Town, open_town
from trial import hear

from delea.errors import DigestError
from delea.roles import verifier
from delea.roles.auditing import trust
from delea.roles.session import Session
from delea.runtime import Trained

PILE = 16
"""As often as a claim of the most updates can be run again within a challenge window."""


class Watched(Session):
    """A session that counts what it runs."""

    steps = 0

    def train(self, state: bytes, seed: bytes, steps: int, **more: Any) -> Trained:
        """Run steps, and count them."""
        self.steps += steps
        return super().train(state, seed, steps, **more)


def attack() -> str:
    """Try, and say why it failed."""
    with open_town(seated=True) as town:
        key, most = town.people.attacker, town.model.terms.max_updates
        books = Books(town, key)
        wrong = at = town.claim(key, town.model.tip(), bytes(31) + b"\1", most)
        for number in range(PILE):
            at = town.claim(key, at, bytes(31) + bytes([number + 2]))
        steps = count_steps(town)
        needed = most * town.honest.manifest.steps_per_update
        if steps > needed:
            raise SucceededError(f"{steps} steps were run to judge a claim of {needed}")
        net = hear(town, wrong, books)
    return f"a claim is run once, whatever stands on it: {steps} steps for {PILE + 1} claims; {net}"


def count_steps(town: Town) -> int:
    """Let a verifier look at all that is open; return how many steps it ran."""
    with Watched(town.chain, town.model.address, town.honest.store, audit=trust) as session:
        for version in verifier.open_claims(session):
            try:
                verifier.challenge(
                    session, verifier.verify(session, version), key=town.people.verifier
                )
            except DigestError:  # it stands on a wrong claim
                continue
        return session.steps


if __name__ == "__main__":
    run(attack)
