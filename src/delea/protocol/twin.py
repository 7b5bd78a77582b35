"""The model contract over again in Python: same rules, same integers, same reasons.

Pure: who calls, with how much native coin, and when, are arguments. Tests run it beside the
contract, clients forecast with it. It keeps to the wording of the rules (it walks rivals and
ancestors) where the contract keeps a counter or a flag, so that either can prove the other wrong.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Final

from delea import curve
from delea.errors import RevertError
from delea.ids import Address, Digest, Wei
from delea.protocol.terms import Terms
from delea.protocol.version import Status

NOBODY: Final = Address("0x" + "00" * 20)
INFINITE: Final = (1 << 256) - 1
RIVALS_PER_CALL: Final = 8


@dataclass(slots=True)
class TwinGame:
    """A challenger's word against a version."""

    challenger: Address
    is_open: bool = True


@dataclass(slots=True)
class TwinVersion:
    """A node of the tree."""

    parent: int
    root: Digest
    line: int
    sender: Address
    beneficiary: Address
    updates: int
    submitted_at: int
    rival: int
    status: Status
    children: list[int] = field(default_factory=list)
    games: list[TwinGame] = field(default_factory=list)
    timed_out: bool = False

    @property
    def open_games(self) -> int:
        """How many games hold a bond."""
        return sum(game.is_open for game in self.games)


@dataclass(slots=True)
class TwinProposal:
    """A rollback that was proposed."""

    proposer: Address
    target: int
    proposed_at: int
    executed: bool = False


class Twin:
    """A model: tokens, tree, bonds and rollbacks. A refused call raises and changes nothing."""

    def __init__(self, terms: Terms, creator: Address, address: Address, *, now: int) -> None:
        self.terms = terms
        self.creator = creator
        self.address = address
        grant = terms.supply * 500 // 10_000  # down
        self.balances: defaultdict[Address, int] = defaultdict(int, {creator: grant})
        self.balances[address] += terms.supply - grant
        self.allowances: defaultdict[tuple[Address, Address], int] = defaultdict(int)
        self.credits: defaultdict[Address, int] = defaultdict(int)
        self.burned = 0
        self.coin = 0
        self.line = 0
        self.head = 0
        self.versions: list[TwinVersion] = []
        self.proposals: list[TwinProposal] = []
        self._append(0, terms.genesis_root, creator, now)

    @property
    def reserve(self) -> Wei:
        """R: the tokens that the model itself holds."""
        return Wei(self.balances[self.address])

    def bond_for(self, updates: int) -> Wei:
        """Return the bond of a claim, and of each challenge to it, in native wei."""
        return Wei(self.terms.bond_base + self.terms.bond_per_update * updates)

    @property
    def tip(self) -> int:
        """The version to build on: from head along latest children that are unchallenged."""
        at = self.head
        while children := self.versions[at].children:
            if self.versions[children[-1]].status is not Status.PENDING:
                break
            at = children[-1]
        return at

    def transfer(self, sender: Address, receiver: Address, amount: int) -> None:
        """Move tokens; nothing is ever sent to nobody."""
        _require(receiver != NOBODY, "token: receiver")
        _require(self.balances[sender] >= amount, "token: balance")
        self.balances[sender] -= amount
        self.balances[receiver] += amount

    def approve(self, owner: Address, spender: Address, amount: int) -> None:
        """Let `spender` move up to `amount` of the owner's tokens."""
        self.allowances[owner, spender] = amount

    def transfer_from(
        self, spender: Address, owner: Address, receiver: Address, amount: int
    ) -> None:
        """Move another's tokens within the allowance; an infinite one never shrinks."""
        allowed = self.allowances[owner, spender]
        _require(allowed >= amount, "token: allowance")
        self.transfer(owner, receiver, amount)
        if allowed != INFINITE:
            self.allowances[owner, spender] = allowed - amount

    def infer(self, payer: Address, units: int, max_price: int) -> Wei:
        """Pay for inferences into the reserve and return the price."""
        terms = self.terms
        _require(1 <= units <= terms.horizon * terms.inferences_per_update, "infer: units")
        price = curve.price(self.reserve, units, terms.horizon, terms.inferences_per_update)
        _require(price <= max_price, "infer: max_price")
        self.transfer(payer, self.address, price)
        return price

    def total_updates(self, version: int) -> int:
        """Return the updates from the start of a version's line, its own included."""
        total = 0
        while self.versions[version].updates:
            total += self.versions[version].updates
            version = self.versions[version].parent
        return total

    def quote_after(self, parent: int, updates: int) -> Wei:
        """Return the forecast of a claim's reward once all below it has settled."""
        pending = 0
        if self.versions[parent].line == self.line:
            pending = max(0, self.total_updates(parent) - self.total_updates(self.head))
        return curve.quote(self.reserve, pending, updates, self.terms.horizon)

    def train(
        self,
        sender: Address,
        parent: int,
        root: Digest,
        updates: int,
        beneficiary: Address,
        min_reward: int,
        *,
        paid: int,
        now: int,
    ) -> int:
        """Claim `updates` updates on top of `parent` and return the new version."""
        _require(1 <= updates <= self.terms.max_updates, "train: updates")
        _require(beneficiary not in (NOBODY, self.address), "train: beneficiary")
        _require(paid == self.bond_for(updates), "train: bond")
        _require(parent < len(self.versions), "train: unknown parent")
        above = self.versions[parent]
        _require(not above.status.is_dead, "train: dead parent")
        _require(above.line == self.line, "train: stale parent")
        siblings = [self.versions[child] for child in above.children]
        _require(all(s.status is not Status.SETTLED for s in siblings), "train: stale parent")
        rival = 0
        if siblings:
            _require(siblings[-1].status is not Status.PENDING, "train: stale parent")
            rival = siblings[-1].rival if siblings[-1].status.is_dead else above.children[-1]
        _require(self.quote_after(parent, updates) >= min_reward, "train: min_reward")
        version = self._append(parent, root, sender, now)
        claim = self.versions[version]
        claim.status, claim.rival = Status.PENDING, rival
        claim.beneficiary, claim.updates = beneficiary, updates
        above.children.append(version)
        self.coin += paid
        return version

    def challenge(
        self, sender: Address, version: int, right_root: Digest, *, paid: int, now: int
    ) -> int:
        """Doubt a version and return the number of the game."""
        _require(version < len(self.versions), "challenge: unknown version")
        claim = self.versions[version]
        _require(claim.status.is_live, "challenge: decided")
        window_ends = claim.submitted_at + self.terms.challenge_window
        _require(now < window_ends, "challenge: too late")
        _require(right_root != claim.root, "challenge: same root")
        _require(paid == self.bond_for(claim.updates), "challenge: bond")
        claim.status = Status.CHALLENGED
        claim.games.append(TwinGame(sender))
        self.coin += paid
        return len(claim.games)

    def rule(self, version: int, game: int, *, refuted: bool, now: int) -> None:
        """Answer a game, as the arbiter."""
        played = self._open_game(version, game, "rule: no open game")
        claim = self.versions[version]
        _require(claim.status is Status.CHALLENGED, "rule: decided")
        _require(now < self._deadline(claim), "rule: too late")
        played.is_open = False
        bond = self.bond_for(claim.updates)
        winner = played.challenger if refuted else claim.sender
        if refuted:
            claim.status = Status.REFUTED
            self.credits[played.challenger] += bond
        self.credits[winner] += bond // 2  # down: the odd wei is burned
        self.burned += bond - bond // 2

    def reclaim(self, version: int, game: int) -> Wei:
        """Return the bond of a game that its version's end left open."""
        played = self._open_game(version, game, "reclaim: no open game")
        claim = self.versions[version]
        _require(claim.status.is_dead, "reclaim: undecided")
        played.is_open = False
        return self._give_back(claim, played.challenger)

    def settle(self, version: int, *, now: int) -> bool:
        """Pay a claim that stood; False if only dead rivals were skipped."""
        _require(version < len(self.versions), "settle: unknown version")
        claim = self.versions[version]
        _require(claim.status.is_live, "settle: decided")
        _require(claim.open_games == 0, "settle: open game")
        _require(now >= claim.submitted_at + self.terms.challenge_window, "settle: window")
        _require(self.versions[claim.parent].status is Status.SETTLED, "settle: parent")
        _require(not self._has_settled_rival(claim), "settle: rival settled")
        rival = claim.rival
        for _ in range(RIVALS_PER_CALL):
            if rival and self.versions[rival].status.is_dead:
                rival = self.versions[rival].rival
        if rival:
            _require(self.versions[rival].status.is_dead, "settle: live rival")
            claim.rival = rival
            return False
        reward = curve.reward(self.reserve, claim.updates, self.terms.horizon)
        claim.status = Status.SETTLED
        if claim.line == self.line:
            self.head = version
        self.credits[claim.sender] += self.bond_for(claim.updates)
        self.transfer(self.address, claim.beneficiary, reward)
        return True

    def void(self, version: int, *, now: int) -> None:
        """Close a claim that cannot settle any more, or that nobody decided in time."""
        _require(version < len(self.versions), "void: unknown version")
        claim = self.versions[version]
        _require(claim.status.is_live, "void: decided")
        parent_is_dead = self.versions[claim.parent].status.is_dead
        if not parent_is_dead and not self._has_settled_rival(claim):
            _require(claim.open_games > 0, "void: still valid")
            _require(now >= self._deadline(claim), "void: still valid")
            claim.timed_out = True
        claim.status = Status.VOID
        self._give_back(claim, claim.sender)

    def withdraw(self, account: Address) -> Wei:
        """Take all the coin that an account is owed."""
        amount = self.credits[account]
        _require(amount > 0, "withdraw: nothing")
        self.credits[account] = 0
        self.coin -= amount
        return Wei(amount)

    def propose_rollback(self, sender: Address, target: int, *, now: int) -> int:
        """Propose to go back to a settled version and return the proposal's number."""
        _require(sender == self.creator, "propose_rollback: not the creator")
        _require(target < len(self.versions), "propose_rollback: unknown version")
        status = self.versions[target].status
        _require(status is Status.SETTLED, "propose_rollback: not settled")
        mine = [p for p in self.proposals if p.proposer == sender]
        _require(all(p.executed for p in mine), "propose_rollback: one is open")
        self.proposals.append(TwinProposal(sender, target, now))
        return len(self.proposals)

    def execute_rollback(self, proposal: int, *, now: int) -> int:
        """Append a copy of the proposal's target on a new line and return its id."""
        known = 1 <= proposal <= len(self.proposals)
        _require(known, "execute_rollback: unknown proposal")
        proposed = self.proposals[proposal - 1]
        _require(not proposed.executed, "execute_rollback: executed")
        opens = proposed.proposed_at + self.terms.rollback_window
        _require(now >= opens, "execute_rollback: window")
        proposed.executed = True
        self.line += 1
        root = self.versions[proposed.target].root
        self.head = self._append(proposed.target, root, proposed.proposer, now)
        return self.head

    def _append(self, parent: int, root: Digest, sender: Address, now: int) -> int:
        """Append a settled version without updates on the current line."""
        version = TwinVersion(
            parent=parent,
            root=root,
            line=self.line,
            sender=sender,
            beneficiary=NOBODY,
            updates=0,
            submitted_at=now,
            rival=0,
            status=Status.SETTLED,
        )
        self.versions.append(version)
        return len(self.versions) - 1

    def _open_game(self, version: int, game: int, reason: str) -> TwinGame:
        _require(version < len(self.versions), reason)
        games = self.versions[version].games
        _require(1 <= game <= len(games) and games[game - 1].is_open, reason)
        return games[game - 1]

    def _give_back(self, claim: TwinVersion, account: Address) -> Wei:
        bond = self.bond_for(claim.updates)
        kept = bond * 3 // 4 if claim.timed_out else bond  # down: the odd wei is burned
        self.credits[account] += kept
        self.burned += bond - kept
        return Wei(kept)

    def _has_settled_rival(self, claim: TwinVersion) -> bool:
        rival = claim.rival
        while rival:
            if self.versions[rival].status is Status.SETTLED:
                return True
            rival = self.versions[rival].rival
        return False

    def _deadline(self, claim: TwinVersion) -> int:
        windows = self.terms.challenge_window + self.terms.verdict_window
        return claim.submitted_at + windows


def _require(condition: bool, reason: str) -> None:  # noqa: FBT001
    if not condition:
        raise RevertError(reason)
