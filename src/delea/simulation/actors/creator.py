"""The creator: judges truthfully, and rolls back what turns out to be wrong."""

from __future__ import annotations

from typing import ClassVar

from delea.errors import RevertError
from delea.simulation.actors.actor import Actor
from delea.simulation.assumptions import DAY


class Creator(Actor):
    """Re-runs the whole line once a week; where wrong work has settled, it goes back before it.

    Every seated holder votes: the honest for it, those who cheat against it.
    """

    kind: ClassVar[str] = "creator"
    is_creator: ClassVar[bool] = True

    def wake(self) -> int:
        """Look at the line, from genesis or the last rollback on."""
        target = self._last_right()
        if target is not None:
            self._propose(target)
        return 7 * DAY

    def _last_right(self) -> int | None:
        """Return the parent of the first wrong version below the head, if there is one."""
        twin = self.world.twin
        version, found = twin.head, None
        while version:
            if version in self.world.wrong:
                found = twin.versions[version].parent
            version = twin.versions[version].parent
        return found

    def _propose(self, target: int) -> None:
        world = self.world
        try:
            proposal = world.twin.propose_rollback(self.account.address, target, now=world.now)
        except RevertError:  # an earlier one of its own is open
            return
        world.pay_gas(self.account)
        for holder in world.holders():
            actor = world.actors[holder]
            world.pay_gas(actor.account)
            vote = -1 if actor.cheats else 1
            world.twin.vote_rollback(holder, proposal, vote, now=world.now)
        world.later(world.terms.rollback_window, lambda: self._execute(proposal))

    def _execute(self, proposal: int) -> None:
        world = self.world
        try:
            world.twin.execute_rollback(proposal, now=world.now)
        except RevertError:  # outvoted
            return
        world.tip_moved()
        world.pay_gas(self.account)
