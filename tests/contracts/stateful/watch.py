"""A model and its twin side by side, compared after every call; invariants as in SPEC.md."""

from dataclasses import dataclass, field
from typing import Any

from delea import curve
from delea.errors import RevertError
from delea.protocol.twin import NOBODY, Twin
from delea.protocol.version import Status

MOVES = {
    Status.PENDING: {Status.CHALLENGED, Status.SETTLED, Status.VOID},
    Status.CHALLENGED: {Status.SETTLED, Status.REFUTED, Status.VOID},
    Status.SETTLED: set(),
    Status.REFUTED: set(),
    Status.VOID: set(),
}


@dataclass(frozen=True)
class Refused:
    """What both answered."""

    reason: str


def answer_of(call: Any) -> Any:
    """What a call answers, or why it is refused."""
    try:
        return call()
    except RevertError as fault:
        return Refused(fault.reason)


def end_version(model: Any, version: int) -> None:
    """Settle a version on the chain, in as many calls as it takes, or make it void."""
    try:
        while not model.settle(version):
            pass
    except RevertError:
        model.void(version)


@dataclass
class Watch:
    """Calls both, compares what they answer, and checks every invariant."""

    world: Any
    twin: Twin
    funded: int = 0
    rewarded: int = 0
    claims: dict[int, tuple] = field(default_factory=dict)
    statuses: dict[int, Status] = field(default_factory=dict)
    heads: list[int] = field(default_factory=lambda: [0])
    is_changed: bool = False  # since it was last looked whether anything is locked

    @property
    def model(self) -> Any:
        return self.world.model

    def both(self, on_chain: Any, in_python: Any) -> Any:
        """Invariant 1: the same answer, or refused for the same reason."""
        expected = answer_of(in_python)
        assert answer_of(on_chain) == expected
        if isinstance(expected, Refused):
            return expected
        self.is_changed = True
        for event in self.model.events():
            if event.name == "Settled":
                self.rewarded += event.fields["reward"]
            if event.name == "Transfer" and event.fields["receiver"] == self.model.address:
                self.funded += event.fields["value"]
        return expected

    def check(self) -> None:
        self.check_views()
        self.check_versions()
        self.check_tokens()
        self.check_coin()
        self.check_head()
        self.check_tree()
        self.check_seats()
        self.check_tip()
        if self.is_changed:
            self.check_nothing_is_locked()
            self.is_changed = False

    def check_tip(self) -> None:
        """Invariant 12: the tip takes work."""
        evm, tip = self.world.chain.evm, self.model.tip()
        before = evm.snapshot()
        assert self.world.model.version(self.world.train(tip, 1))["parent"] == tip
        evm.revert(before)

    def check_nothing_is_locked(self) -> None:
        """Invariant 13, tried on the chain alone: all coin but what was burned gets out."""
        chain = self.world.chain
        before, now = chain.evm.snapshot(), chain.now
        chain.wait(self.world.terms.challenge_window + self.world.terms.verdict_window)
        for number, version in enumerate(self.twin.versions):
            if version.status.is_live:
                end_version(self.model, number)
        for number, version in enumerate(self.twin.versions):
            for game, played in enumerate(version.games, 1):
                if played.is_open:
                    self.model.reclaim(number, game)
        for person in self.world.people.values():
            if self.model.credit_of(person):
                self.model.withdraw(sender=person)
        assert self.model.coin == self.model.burned()
        chain.evm.revert(before)
        chain.wait(now - chain.now)

    def check_views(self) -> None:
        """Invariant 1, for whatever can be read."""
        model, twin = self.model, self.twin
        assert model.head() == twin.head
        assert model.line() == twin.line
        assert model.tip() == twin.tip
        assert model.version_count() == len(twin.versions)
        assert model.reserve() == twin.reserve
        assert model.burned() == twin.burned
        assert model.rollback_proposal_count() == len(twin.proposals)
        for number, proposal in enumerate(twin.proposals, 1):
            assert model.rollback_proposal(number) == {
                "proposer": proposal.proposer,
                "target": proposal.target,
                "proposed_at": proposal.proposed_at,
                "executed": proposal.executed,
            }
            score = twin.score(number, now=self.world.chain.now)
            assert model.rollback_score(number) == score
            open_one = [n for n in self.open_proposals() if self.proposer(n) == proposal.proposer]
            assert model.open_rollback_of(proposal.proposer) == sum(open_one)
        for person in self.world.people.values():
            assert model.balanceOf(person) == twin.balances[person]
            assert model.credit_of(person) == twin.credits[person]
            assert model.nonces(person) == twin.nonces[person]

    def open_proposals(self) -> list[int]:
        """The proposals that can still be voted on."""
        now = self.world.chain.now
        proposals = enumerate(self.twin.proposals, 1)
        return [n for n, proposed in proposals if self.twin.is_open(proposed, now=now)]

    def proposer(self, proposal: int) -> str:
        return self.twin.proposals[proposal - 1].proposer

    def check_seats(self) -> None:
        """Invariants 16 to 18: the seats are exact at all times, the roster bounded and closed."""
        model, twin, now = self.model, self.twin, self.world.chain.now
        top = twin.top_holders(now=now)
        assert model.top_holders() == (*top, *[NOBODY] * (2 - len(top)))
        size = model.roster_size()
        roster = [model.roster(place) for place in range(1, size + 1)]
        assert len(set(roster)) == size < 200
        assert set(roster) == twin.roster()
        assert model.roster(size + 1) == NOBODY
        assert set(top) <= set(roster)
        assert not {self.world.creator, model.address} & set(roster)
        for person in self.world.people.values():
            assert model.earned_of(person) == twin.earned[person] <= twin.balances[person]
            assert model.weight_of(person) == twin.weight_of(person, now=now)
            assert model.has_opted_in(person) == (person in twin.rights)

    def check_versions(self) -> None:
        """Invariants 1, 8 and 9: every version as the twin has it, its claim as it was made."""
        for number, version in enumerate(self.twin.versions):
            settled = [c for c in version.children if self.status(c) is Status.SETTLED]
            assert len(settled) <= 1
            assert self.model.version(number) == {
                "parent": version.parent,
                "root": version.root,
                "line": version.line,
                "sender": version.sender,
                "beneficiary": version.beneficiary,
                "updates": version.updates,
                "total_updates": version.total_updates,
                "bond": self.twin.bond_for(version.updates) if version.updates else 0,
                "submitted_at": version.submitted_at,
                "games": version.open_games,
                "games_opened": len(version.games),
                "child": version.children[-1] if version.children else 0,
                "next": settled[0] if settled else 0,
                "rival": version.rival,
                "status": version.status.value,
                "timed_out": version.timed_out,
            }
            claim = (version.parent, version.root, version.line, version.sender)
            claim += (version.beneficiary, version.updates, version.submitted_at)
            assert self.claims.setdefault(number, claim) == claim
            before = self.statuses.get(number, version.status)
            assert version.status is before or version.status in MOVES[before]
            self.statuses[number] = version.status
            for game, played in enumerate(version.games, 1):
                assert self.model.game(number, game) == {
                    "challenger": played.challenger,
                    "is_open": played.is_open,
                }

    def check_tokens(self) -> None:
        """Invariants 2 and 3: all balances make the supply, and R is what it should be."""
        terms = self.world.terms
        assert sum(self.twin.balances.values()) == terms.supply == self.model.totalSupply()
        share = terms.supply - terms.supply // 20
        assert self.model.reserve() == share + self.funded - self.rewarded

    def check_coin(self) -> None:
        """Invariant 4: the coin held is what is owed, what is at stake and what is burned."""
        at_stake = 0
        for version in self.twin.versions:
            bond = self.twin.bond_for(version.updates)
            at_stake += bond * (version.status.is_live + version.open_games)
        credited = sum(self.twin.credits.values())
        assert self.model.coin == self.twin.burned + credited + at_stake == self.twin.coin

    def check_head(self) -> None:
        """Invariants 5 and 6: head is settled, last of the current line, and never falls back."""
        head = self.twin.head
        version = self.twin.versions[head]
        assert version.status is Status.SETTLED
        assert version.line == self.twin.line
        assert self.model.version(head)["next"] == 0
        if head != self.heads[-1]:
            assert version.parent == self.heads[-1] or version.updates == 0
            assert head not in self.heads
            self.heads.append(head)

    def check_tree(self) -> None:
        """Invariants 7, 10, 11 and 14."""
        for number, version in enumerate(self.twin.versions):
            if version.status is Status.SETTLED:
                assert self.status(version.parent) is Status.SETTLED
                assert version.open_games == 0
            if version.status is Status.CHALLENGED:
                assert version.games
            if version.status is Status.PENDING:
                assert not version.games
            if version.updates:
                assert 0 <= version.rival < number
        self.check_forecast()

    def check_forecast(self) -> None:
        """Invariant 14: the quote counts the updates of pending ancestors up to head."""
        pending, at = 0, self.twin.tip
        while at != self.twin.head:
            pending += self.twin.versions[at].updates
            at = self.twin.versions[at].parent
        horizon = self.world.terms.horizon
        left = self.twin.reserve - curve.reward(self.twin.reserve, pending, horizon)
        found = self.model.quote_after(self.twin.tip, 3)
        assert found == curve.reward(left, 3, horizon)

    def status(self, version: int) -> Status:
        return self.twin.versions[version].status
