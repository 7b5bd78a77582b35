"""The verifier: runs claims again, and challenges the wrong ones."""

from __future__ import annotations

from typing import ClassVar

from delea.simulation.actors.actor import Actor


class Verifier(Actor):
    """Checks what the audit rate gives it. It sleeps otherwise."""

    kind: ClassVar[str] = "verifier"
    audits: ClassVar[bool] = True

    def wake(self) -> None:
        """Wait for claims."""

    def audit(self, version: int) -> None:
        """Finish the re-run of a claim, and challenge it if it is wrong."""
        world = self.world
        world.do_work(self.account, world.twin.versions[version].updates)
        if version in world.wrong:
            world.challenge(self.account, version)
