"""Those who cheat: each tries, over and over, to be paid for what it did not do."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

from delea.errors import RevertError
from delea.simulation.actors.actor import Actor
from delea.simulation.assumptions import DAY


class Cheat(Actor):
    """Gives up once it has lost so many more bonds than it won; it learns, as others do."""

    cheats: ClassVar[bool] = True

    def wake(self) -> int | None:
        """Cheat once more, and pause."""
        account = self.account
        lost = account.refuted + account.games_lost - account.settled - account.games_won
        if lost >= self.world.assumptions.patience:
            return None
        self.cheat()
        return self.world.pause()

    @abstractmethod
    def cheat(self) -> None:
        """Try to be paid for nothing."""


class Lazy(Cheat):
    """Claims as many updates as a claim may hold, and hands in the old weights."""

    kind: ClassVar[str] = "lazy"
    trains: ClassVar[bool] = True
    sells: ClassVar[bool] = True

    def cheat(self) -> None:
        """Claim the tip's own root again."""
        world = self.world
        world.opt_in(self.account)
        parent = world.tip
        root, updates = world.twin.versions[parent].root, world.terms.max_updates
        world.train(self.account, parent, updates, root=root, right=False)


class Copier(Cheat):
    """Waits for an honest claim, and sends the same root first, with a higher fee."""

    kind: ClassVar[str] = "copier"
    trains: ClassVar[bool] = True
    sells: ClassVar[bool] = True

    def cheat(self) -> None:
        """Lie in wait for the next claim."""
        self.world.opt_in(self.account)
        self.world.wait_to_copy(self)


class Liar(Cheat):
    """Challenges right claims, for half of the bond behind them."""

    kind: ClassVar[str] = "liar"

    def cheat(self) -> None:
        """Challenge a right claim whose window is not over, if there is one."""
        world = self.world
        since = world.now - world.terms.challenge_window
        right = [
            version
            for version in world.live
            if version not in world.wrong and world.twin.versions[version].submitted_at > since
        ]
        if right:
            world.challenge(self.account, right[world.draw(0, len(right) - 1)])


class Sybil(Actor):
    """An account of the creator's with a part of the grant, in want of a seat."""

    kind: ClassVar[str] = "sybil"
    cheats: ClassVar[bool] = True
    _is_rich = False

    def wake(self) -> int:
        """Take a part of the grant and opt in; then try to roll back all that was trained."""
        world = self.world
        if not self._is_rich:
            self._is_rich = True
            count = sum(isinstance(actor, Sybil) for actor in world.actors.values())
            creator = world.accounts[world.twin.creator]
            world.give(creator, self.account, world.twin.grant // (count + 1))  # down
            world.opt_in(self.account)
            return world.draw(1, 7 * DAY)
        try:
            world.twin.propose_rollback(self.account.address, 0, now=world.now)
        except RevertError:  # no seat; a wallet sees that before it pays
            return world.draw(1, 14 * DAY)
        world.pay_gas(self.account)
        return world.draw(1, 14 * DAY)
