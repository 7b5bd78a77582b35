"""Those who want tokens: to use the model, or to keep them."""

from __future__ import annotations

from typing import ClassVar

from delea.simulation.actors.actor import Actor
from delea.simulation.assumptions import DAY


class Consumer(Actor):
    """Wants inferences about once a day, and buys the tokens for them when it does."""

    kind: ClassVar[str] = "consumer"

    def wake(self) -> int:
        """Buy what is missing, and pay."""
        world = self.world
        terms = world.terms
        units = min(world.assumptions.demand, terms.horizon * terms.inferences_per_update)
        world.wanted += units
        missing = world.price(units) - world.twin.balances[self.account.address]
        if missing <= 0 or world.buy(self.account, missing):
            world.infer(self.account, units)
        return world.draw(1, 2 * DAY)


class Hoarder(Actor):
    """Buys a tenth of what the largest trainer has, about once a week, and keeps it for a seat."""

    kind: ClassVar[str] = "hoarder"

    def wake(self) -> int:
        """Buy, and opt in."""
        world = self.world
        _, most = world.largest_seller()
        if most >= 10 and world.buy(self.account, most // 10):
            world.opt_in(self.account)
        return world.draw(1, 14 * DAY)
