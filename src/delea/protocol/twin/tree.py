"""The twin's tree of versions: claims, games, settlement, and the bonds in native coin."""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Final

from delea import curve
from delea.ids import Address, Digest, Wei
from delea.protocol.terms import Terms
from delea.protocol.twin.ledger import NOBODY, Ledger, require
from delea.protocol.version import Status

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
    total_updates: int = 0  # updates since the start of its line, its own included

    @property
    def open_games(self) -> int:
        """How many games hold a bond."""
        return sum(game.is_open for game in self.games)


class Tree(Ledger):
    """The versions of a model and the coin at stake."""

    def __init__(self, terms: Terms, creator: Address, address: Address) -> None:
        super().__init__(terms, creator, address)
        self.credits: defaultdict[Address, int] = defaultdict(int)
        self.burned = 0
        self.coin = 0
        self.line = 0
        self.head = 0
        self.versions: list[TwinVersion] = []
        self._append(0, terms.genesis_root, NOBODY, 0)

    def bond_for(self, updates: int) -> Wei:
        """Return the bond of a claim, and of each challenge to it, in native wei."""
        return self.terms.bond_for(updates)

    @property
    def tip(self) -> int:
        """The version to build on: from head along latest children that are unchallenged."""
        at = self.head
        while children := self.versions[at].children:
            if self.versions[children[-1]].status is not Status.PENDING:
                break
            at = children[-1]
        return at

    def quote_after(self, parent: int, updates: int) -> Wei:
        """Return the forecast of a claim's reward once all below it has settled."""
        pending = 0
        if self.versions[parent].line == self.line:
            done = self.versions[self.head].total_updates
            pending = max(0, self.versions[parent].total_updates - done)
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
        require(1 <= updates <= self.terms.max_updates, "train: updates")
        require(beneficiary not in (NOBODY, self.address), "train: beneficiary")
        require(paid == self.bond_for(updates), "train: bond")
        require(parent < len(self.versions), "train: unknown parent")
        above = self.versions[parent]
        require(not above.status.is_dead, "train: dead parent")
        require(above.line == self.line, "train: stale parent")
        siblings = [self.versions[child] for child in above.children]
        require(all(s.status is not Status.SETTLED for s in siblings), "train: stale parent")
        rival = 0
        if siblings:
            require(siblings[-1].status is not Status.PENDING, "train: stale parent")
            rival = siblings[-1].rival if siblings[-1].status.is_dead else above.children[-1]
        require(self.quote_after(parent, updates) >= min_reward, "train: min_reward")
        version = self._append(parent, root, sender, now)
        claim = self.versions[version]
        claim.status, claim.rival = Status.PENDING, rival
        claim.beneficiary, claim.updates = beneficiary, updates
        claim.total_updates = above.total_updates + updates
        above.children.append(version)
        self.coin += paid
        return version

    def challenge(
        self, sender: Address, version: int, right_root: Digest, *, paid: int, now: int
    ) -> int:
        """Doubt a version and return the number of the game."""
        require(version < len(self.versions), "challenge: unknown version")
        claim = self.versions[version]
        require(claim.status.is_live, "challenge: decided")
        window_ends = claim.submitted_at + self.terms.challenge_window
        require(now < window_ends, "challenge: too late")
        require(right_root != claim.root, "challenge: same root")
        require(paid == self.bond_for(claim.updates), "challenge: bond")
        claim.status = Status.CHALLENGED
        claim.games.append(TwinGame(sender))
        self.coin += paid
        return len(claim.games)

    def rule(
        self, version: int, game: int, *, refuted: bool, now: int, rewarded: bool = True
    ) -> None:
        """Answer a game, as the arbiter; without a reward all of the lost bond is burned."""
        played = self._open_game(version, game, "rule: no open game")
        claim = self.versions[version]
        require(claim.status is Status.CHALLENGED, "rule: decided")
        require(now < self._deadline(claim), "rule: too late")
        played.is_open = False
        bond = self.bond_for(claim.updates)
        winner = played.challenger if refuted else claim.sender
        if refuted:
            claim.status = Status.REFUTED
            self.credits[played.challenger] += bond
        half = bond // 2 if rewarded else 0  # down: the odd wei is burned
        self.credits[winner] += half
        self.burned += bond - half

    def reclaim(self, version: int, game: int) -> Wei:
        """Return the bond of a game that its version's end left open."""
        played = self._open_game(version, game, "reclaim: no open game")
        claim = self.versions[version]
        require(claim.status.is_dead, "reclaim: undecided")
        played.is_open = False
        return self._give_back(claim, played.challenger)

    def settle(self, version: int, *, now: int) -> bool:
        """Pay a claim that stood; False if only dead rivals were skipped."""
        require(version < len(self.versions), "settle: unknown version")
        claim = self.versions[version]
        require(claim.status.is_live, "settle: decided")
        require(claim.open_games == 0, "settle: open game")
        require(now >= claim.submitted_at + self.terms.challenge_window, "settle: window")
        require(self.versions[claim.parent].status is Status.SETTLED, "settle: parent")
        require(not self._has_settled_rival(claim), "settle: rival settled")
        rival = claim.rival
        for _ in range(RIVALS_PER_CALL):
            if self.versions[rival].status.is_dead:  # genesis, which stands for none, never is
                rival = self.versions[rival].rival
        if rival:
            require(self.versions[rival].status.is_dead, "settle: live rival")
            claim.rival = rival
            return False
        reward = curve.reward(self.reserve, claim.updates, self.terms.horizon)
        claim.status = Status.SETTLED
        if claim.line == self.line:
            self.head = version
        self.credits[claim.sender] += self.bond_for(claim.updates)
        self._pay(self.address, claim.beneficiary, reward, reward, now)
        return True

    def void(self, version: int, *, now: int) -> None:
        """Close a claim that cannot settle any more, or that nobody decided in time."""
        require(version < len(self.versions), "void: unknown version")
        claim = self.versions[version]
        require(claim.status.is_live, "void: decided")
        parent_is_dead = self.versions[claim.parent].status.is_dead
        if not parent_is_dead and not self._has_settled_rival(claim):
            require(claim.open_games > 0, "void: still valid")
            require(now >= self._deadline(claim), "void: still valid")
            claim.timed_out = True
        claim.status = Status.VOID
        self._give_back(claim, claim.sender)

    def withdraw(self, account: Address) -> Wei:
        """Take all the coin that an account is owed."""
        amount = self.credits[account]
        require(amount > 0, "withdraw: nothing")
        self.credits[account] = 0
        self.coin -= amount
        return Wei(amount)

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
        require(version < len(self.versions), reason)
        games = self.versions[version].games
        require(1 <= game <= len(games) and games[game - 1].is_open, reason)
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
        return claim.submitted_at + self.terms.longest_case
