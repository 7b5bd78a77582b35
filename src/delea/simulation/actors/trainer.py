"""The honest trainer: does the work, if it pays, and is paid for it."""

from __future__ import annotations

from typing import ClassVar

from delea.simulation.actors.actor import Actor


class Honest(Actor):
    """Trains the tip, claims what came out, opts in, and sells tokens to whoever asks.

    It trains only what is worth its cost at the quote, and gives up if somebody was faster. A root
    that somebody else claimed first is a copy: that one it challenges, and claims beside it.
    """

    kind: ClassVar[str] = "honest"
    trains: ClassVar[bool] = True
    sells: ClassVar[bool] = True

    @property
    def tip(self) -> int:
        """The version that it would build on."""
        return self.world.tip

    def wake(self) -> int:
        """Take the tip and begin to train, if that pays."""
        world = self.world
        world.opt_in(self.account)
        parent = self.tip
        updates = world.draw(1, world.terms.max_updates)
        if not self._pays(parent, updates):
            return world.pause()
        world.do_work(self.account, updates)
        seconds = world.seconds_for(updates)
        world.later(seconds, lambda: self._submit(parent, updates))
        return seconds + world.pause()

    def _pays(self, parent: int, updates: int) -> bool:
        world = self.world
        cost = world.assumptions.update_cost * updates + 2 * world.assumptions.gas
        return world.value(world.twin.quote_after(parent, updates)) >= cost

    def _submit(self, parent: int, updates: int) -> None:
        world = self.world
        if world.is_over or self.tip != parent:
            self.account.updates_lost += updates
            return
        root = world.new_root()
        copied = world.front_run(parent, root, updates)
        version = world.train(self.account, parent, updates, root=root, right=True)
        if version is None and copied is not None:
            world.challenge(self.account, copied)
            version = world.train(self.account, parent, updates, root=root, right=True)
        if version is None:
            self.account.updates_lost += updates


class Follower(Honest):
    """An honest trainer who builds on the contract's tip, and so beside whatever is challenged.

    Where the challenge was false, it has worked for nothing.
    """

    kind: ClassVar[str] = "follower"

    @property
    def tip(self) -> int:
        """The contract's own."""
        return self.world.twin.tip
