"""A walk through every kind of state that a version can be in: from each, all coin gets out.

Every sequence of calls on a tree of up to two claims (three under DELEA_FUZZ), with up to two games
and one rollback, is tried once for each picture of the tree that it makes.
"""

import os
from dataclasses import dataclass, field
from typing import Any

from watch import end_version

from delea.errors import RevertError

CLAIMS = 3 if os.environ.get("DELEA_FUZZ") == "1" else 2
GAMES = 2
LIVE, DEAD = (1, 2), (4, 5)
NAMES = {1: "pending", 2: "challenged", 3: "settled", 4: "refuted", 5: "void"}
PICTURES, KINDS = 1_642, 126  # of two claims
EXAMPLES = (
    "pending, old line, under one settled, alone",
    "challenged, game open, under one pending, alone",
    "challenged, under one settled, beside one settled",
    "refuted, game open, old line, under one settled, alone",
    "void, game open, timed out, under one settled, beside one refuted",
    "void, game open, under one refuted, alone",
    "settled, old line, under one settled, beside one void",
)
WINDOWS = (10, 30)  # when challenges end, when games end


@dataclass
class Walk:
    """Where the walk has been."""

    world: Any
    seen: set = field(default_factory=set)
    kinds: set = field(default_factory=set)

    @property
    def model(self):
        return self.world.model

    def picture(self):
        """All that decides what can happen next: the tree, its games, how late it is."""
        now = self.world.chain.now
        rows = []
        for number in range(self.model.version_count()):
            row = dict(self.model.version(number))
            age = now - row.pop("submitted_at")
            late = sum(age >= end for end in WINDOWS) if row["status"] in LIVE else 0
            games = tuple(
                self.model.game(number, n)["is_open"] for n in range(1, row["games_opened"] + 1)
            )
            rows.append((*row.values(), games, late))
        return (self.model.head(), self.model.line(), *rows)

    def kind(self, number):
        """What a version is to the rules, in words."""
        version = self.model.version(number)
        above, rival = (self.model.version(version[name]) for name in ("parent", "rival"))
        beside = "alone"
        if version["rival"]:
            beside = f"beside one {NAMES[rival['status']]}"
        line = "" if version["line"] == self.model.line() else ", old line"
        games = ", game open" if version["games"] else ""
        out = ", timed out" if version["timed_out"] else ""
        told = f"{NAMES[version['status']]}{games}{out}{line}, under one {NAMES[above['status']]}"
        return f"{told}, {beside}"

    def steps(self):
        """Every call that may change something, accepted or not."""
        world, model, count = self.world, self.model, self.model.version_count()
        versions = [model.version(number) for number in range(count)]
        games = sum(version["games_opened"] for version in versions)
        claims = [n for n in range(count) if versions[n]["updates"]]
        for number in range(count) if len(claims) < CLAIMS else ():
            yield lambda number=number: world.train(number, 1)
        for number in claims:
            if versions[number]["status"] in LIVE:
                yield lambda number=number: model.settle(number)
                yield lambda number=number: model.void(number)
                if games < GAMES:
                    yield lambda number=number: world.challenge(number)
            for game in range(1, versions[number]["games_opened"] + 1):
                yield lambda number=number, game=game: model.reclaim(number, game)
                for refuted in (False, True):
                    yield lambda number=number, game=game, refuted=refuted: world.rule(
                        number, game, refuted=refuted
                    )
        if model.line() == 0:
            yield lambda: world.rolled_back(0)
        if any(version["status"] in LIVE for version in versions):
            for seconds in WINDOWS:
                yield lambda seconds=seconds: world.chain.wait(seconds)

    def go(self):
        """Look at the state, empty it on trial, and go on to all that follow."""
        picture = self.picture()
        if picture in self.seen:
            return
        self.seen.add(picture)
        self.kinds |= {self.kind(number) for number in range(1, self.model.version_count())}
        self.trial(self.empty)
        for step in self.steps():
            self.trial(step, go_on=True)

    def trial(self, step, *, go_on=False):
        """Take a step, go on from there if it was accepted, and take it back."""
        chain = self.world.chain
        before, now = chain.evm.snapshot(), chain.now
        try:
            step()
        except RevertError:
            if not go_on:
                raise
        else:
            if go_on:
                self.go()
        chain.evm.revert(before)
        chain.wait(now - chain.now)

    def empty(self):
        """Settle all or make it void, reclaim, withdraw: what was burned alone is left."""
        model, world = self.model, self.world
        world.chain.wait(max(WINDOWS))
        for number in range(model.version_count()):
            if model.version(number)["status"] in LIVE:
                end_version(model, number)
        for number in range(model.version_count()):
            for game in range(1, model.version(number)["games_opened"] + 1):
                if model.game(number, game)["is_open"]:
                    model.reclaim(number, game)
        for person in (world.trainer, world.challenger):
            if model.credit_of(person):
                model.withdraw(sender=person)
        assert model.coin == model.burned()


def test_from_every_kind_of_state_all_coin_gets_out(small):
    walk = Walk(small)
    walk.go()
    print(len(walk.seen), len(walk.kinds))  # noqa: T201
    assert len(walk.seen) >= PICTURES
    assert len(walk.kinds) >= KINDS
    assert set(EXAMPLES) <= walk.kinds
