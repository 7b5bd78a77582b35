"""All that happens in a life but rulings, how it begins, and how it ends."""

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import initialize
from life import sometimes
from steward_rules import StewardRules
from token_rules import TokenRules
from tree_rules import TreeRules


class WholeLife(TreeRules, TokenRules, StewardRules):
    """The rules of the model, a beginning, and an end."""

    @initialize(seats=st.sampled_from((0, 0, 0, 1, 2, 3)), poor=sometimes)
    def begin(self, seats, poor):
        """Begin with up to three holders who may sit, tokens for who signs, rarely a bare R."""
        for role in ("wallet", "signer"):
            self.move(self.person("creator"), self.person(role), 10**21)
        for role, updates in (("trainer", 500), ("other_trainer", 400), ("consumer", 900))[:seats]:
            self.train(drawn=2, updates=updates, role=role, paid=role, off=0, odd=False)
            self.opt_in(role=role, odd=False, other=role)
        if seats:
            self.world.chain.wait(10)
            for number in range(1, seats + 1):
                self.settle_one(number)
            self.world.chain.wait(20)
        if poor:
            self.drain()
            self.watch.check()

    def teardown(self):
        """In the end the twin can be emptied, too: all settle or are void, and are paid out."""
        try:
            self.world.chain.wait(30)
            self.empty()
        finally:
            self.world.chain.evm.revert(self.before)
            self.world.chain.now = self.start
            self.world.chain.wait(0)

    def empty(self):
        for number, version in enumerate(self.twin.versions):
            if version.status.is_live and not self.end(number):
                pytest.fail(f"version {number} can neither settle nor be void")
        for number, version in enumerate(self.twin.versions):
            for game, played in enumerate(version.games, 1):
                if played.is_open:
                    self.reclaim_one(number, game)
        for account in self.world.people.values():
            if self.twin.credits[account]:
                self.model.withdraw(sender=account)
                self.twin.withdraw(account)
        assert self.model.coin == self.model.burned() == self.twin.burned

    def end(self, number):
        """Settle a version or make it void; True if either is possible."""
        while self.settle_one(number):
            if not self.twin.versions[number].status.is_live:
                return True
        return self.void_one(number)
