"""The twin's rollbacks, and with them the whole model."""

from collections import defaultdict
from dataclasses import dataclass

from delea.ids import Address
from delea.protocol.terms import Terms
from delea.protocol.twin.ledger import require
from delea.protocol.twin.tree import Tree
from delea.protocol.version import Status


@dataclass(slots=True)
class TwinProposal:
    """A rollback that was proposed."""

    proposer: Address
    target: int
    proposed_at: int
    executed: bool = False


@dataclass(frozen=True, slots=True)
class Rollback:
    """One that was carried out: its score, and how many proposals there were."""

    score: int
    proposals: int


class Twin(Tree):
    """A model: tokens, tree, bonds and rollbacks. A refused call raises and changes nothing."""

    def __init__(self, terms: Terms, creator: Address, address: Address) -> None:
        super().__init__(terms, creator, address)
        self.proposals: list[TwinProposal] = []
        self.votes: defaultdict[tuple[int, Address], int] = defaultdict(int)
        self.rollbacks: list[Rollback] = []

    def propose_rollback(self, sender: Address, target: int, *, now: int) -> int:
        """Propose to go back to a settled version, vote for it, and return its number."""
        stewards = [self.creator, *self.top_holders(now=now)]
        require(sender in stewards, "propose_rollback: no seat")
        require(target < len(self.versions), "propose_rollback: unknown")
        status = self.versions[target].status
        require(status is Status.SETTLED, "propose_rollback: not settled")
        mine = [p for p in self.proposals if p.proposer == sender]
        busy = any(self.is_open(p, now=now) for p in mine)
        require(not busy, "propose_rollback: one is open")
        self.proposals.append(TwinProposal(sender, target, now))
        self.votes[len(self.proposals), sender] = 1
        return len(self.proposals)

    def vote_rollback(self, sender: Address, proposal: int, vote: int, *, now: int) -> None:
        """Vote on a proposal: 1, 0 or -1."""
        require(1 <= proposal <= len(self.proposals), "vote_rollback: unknown")
        proposed = self.proposals[proposal - 1]
        require(self.is_open(proposed, now=now), "vote_rollback: closed")
        require(vote in {-1, 0, 1}, "vote_rollback: vote")
        self.votes[proposal, sender] = vote

    def score(self, proposal: int, *, now: int) -> int:
        """Return a proposal's score with the seats as they are now."""
        holders = sum(self.votes[proposal, holder] for holder in self.top_holders(now=now))
        return 2 * holders + self.votes[proposal, self.creator]

    def execute_rollback(self, proposal: int, *, now: int) -> int:
        """Append a copy of the proposal's target on a new line and return its id."""
        known = 1 <= proposal <= len(self.proposals)
        require(known, "execute_rollback: unknown")
        proposed = self.proposals[proposal - 1]
        require(not proposed.executed, "execute_rollback: executed")
        opens = proposed.proposed_at + self.terms.rollback_window
        require(now >= opens, "execute_rollback: window")
        require(self.is_open(proposed, now=now), "execute_rollback: expired")
        score = self.score(proposal, now=now)
        require(score > 0, "execute_rollback: outvoted")
        since = [done.score for done in self.rollbacks if done.proposals >= proposal]
        require(score > max(since, default=0), "execute_rollback: overruled")
        self.rollbacks.append(Rollback(score, len(self.proposals)))
        proposed.executed = True
        self.line += 1
        root = self.versions[proposed.target].root
        self.head = self._append(proposed.target, root, proposed.proposer, now)
        return self.head

    def is_open(self, proposed: TwinProposal, *, now: int) -> bool:
        """Return whether a proposal can still be voted on."""
        expires = proposed.proposed_at + 2 * self.terms.rollback_window
        return not proposed.executed and now < expires
