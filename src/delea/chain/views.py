"""Everything a model answers, now or at the end of an earlier block."""

from collections.abc import Iterator
from functools import cached_property
from typing import Any

from delea.chain.codec import (
    Contract,
    check_address,
    is_deployed,
    load_contract,
)
from delea.chain.events import EVENTS, Challenged, Event, Trained
from delea.chain.evm import Evm
from delea.chain.values import E, Game, Proposal, form_of, read_events, read_version
from delea.errors import UnknownModelError
from delea.ids import Address, Digest, Wei
from delea.protocol.terms import Terms
from delea.protocol.version import Version

_ZERO_ADDRESS = "0x" + "0" * 40


class ModelViews:
    """A model to read; `block` means the state at the end of that block, None the latest.

    Every call raises RevertError if the contract refuses (such as an unknown version).
    """

    def __init__(self, evm: Evm, address: Address) -> None:
        """Take the contract at an address; raises UnknownModelError if it is no model."""
        self.address = check_address(address)
        self._evm = evm
        self._contract: Contract = load_contract("Model")
        code = evm.code(self.address)
        if not code:
            raise UnknownModelError(f"no contract lives at {self.address}")
        if not is_deployed(self._contract, code):
            # One that only answers like a model could keep the bonds it is sent.
            raise UnknownModelError(f"the contract at {self.address} is not a model of this Delea")

    @cached_property
    def terms(self) -> Terms:
        """What was fixed at the creation."""
        max_updates = int(self._view("max_updates"))
        first_bond = self.bond_for(1)
        # With one update a claim, base and part are one: the same bond either way.
        per_update = self.bond_for(2) - first_bond if max_updates > 1 else 0
        return Terms(
            name=self._view("name"),
            symbol=self._view("symbol"),
            supply=self.total_supply(),
            horizon=self._view("horizon"),
            inferences_per_update=self._view("inferences_per_update"),
            max_updates=max_updates,
            artifact=Digest(self._view("artifact")),
            dataset=Digest(self._view("dataset")),
            genesis_root=Digest(self._view("genesis_root")),
            challenge_window=self._view("challenge_window"),
            verdict_window=self._view("verdict_window"),
            rollback_window=self._view("rollback_window"),
            bond_base=Wei(first_bond - per_update),
            bond_per_update=Wei(per_update),
            arbiter=self._view("arbiter"),
        )

    def block_number(self) -> int:
        """Return the latest block's number."""
        return self._evm.quantity("eth_blockNumber")

    def creator(self) -> Address:
        """Return who created the model."""
        return Address(self._view("creator"))

    def head(self, *, block: int | None = None) -> int:
        """Return the id of the last settled version of the current line."""
        return int(self._view("head", block=block))

    def tip(self, *, block: int | None = None) -> int:
        """Return the id of the version to build on."""
        return int(self._view("tip", block=block))

    def line(self, *, block: int | None = None) -> int:
        """Return the current line: how many rollbacks there have been."""
        return int(self._view("line", block=block))

    def version_count(self, *, block: int | None = None) -> int:
        """Return how many versions there are; ids run from 0 below it."""
        return int(self._view("version_count", block=block))

    def version(self, version: int, *, block: int | None = None) -> Version:
        """Return all about one version."""
        return read_version(version, self._view("version", version, block=block))

    def versions(self, start: int = 0, *, block: int | None = None) -> tuple[Version, ...]:
        """Return the versions from id `start` on, one call each."""
        count = self.version_count(block=block)
        return tuple(self.version(at, block=block) for at in range(start, count))

    def versions_after(self, second: int, *, block: int | None = None) -> tuple[Version, ...]:
        """Return the versions that came after a second, by id, for one call each and one more."""
        found: list[Version] = []
        for at in range(self.version_count(block=block) - 1, 0, -1):
            version = self.version(at, block=block)
            if version.submitted_at <= second:  # and so it is with all before it
                break
            found.append(version)
        return tuple(reversed(found))

    def game(self, version: int, number: int, *, block: int | None = None) -> Game | None:
        """Return a dispute about a version, numbered from 1, or None if there is no such one."""
        challenger, is_open = self._view("game", version, number, block=block)
        return None if challenger == _ZERO_ADDRESS else Game(version, number, challenger, is_open)

    def proposal(self, proposal: int, *, block: int | None = None) -> Proposal | None:
        """Return a proposed rollback, numbered from 1, or None if there is no such one."""
        fields = self._view("rollback_proposal", proposal, block=block)
        return None if fields[0] == _ZERO_ADDRESS else Proposal(proposal, *fields)

    def open_games(self, version: Version) -> Iterator[Game]:
        """Yield the games of a version whose bonds are held, each as it is when its turn comes."""
        for number in range(1, version.games_opened + 1):
            game = self.game(version.id, number)
            if game is not None and game.is_open:
                yield game

    def proposal_count(self, *, block: int | None = None) -> int:
        """Return how many rollbacks were proposed."""
        return int(self._view("rollback_proposal_count", block=block))

    def open_rollback_of(self, proposer: Address, *, block: int | None = None) -> int | None:
        """Return the number of an account's open proposal, if it has one."""
        return int(self._view("open_rollback_of", proposer, block=block)) or None

    def score_of(self, proposal: int, *, block: int | None = None) -> int:
        """Return a proposal's score with the seats as they are: above 0 it passes."""
        return int(self._view("rollback_score", proposal, block=block))

    def rollback_vote_of(self, proposal: int, voter: Address, *, block: int | None = None) -> int:
        """Return how an account voted on a proposal, seated or not."""
        return int(self._view("rollback_vote_of", proposal, voter, block=block))

    def top_holders(self, *, block: int | None = None) -> tuple[Address, ...]:
        """Return who sits in the holders' seats, the heaviest first; at most two."""
        seats = self._view("top_holders", block=block)
        return tuple(seat for seat in seats if seat != _ZERO_ADDRESS)

    def roster(self, *, block: int | None = None) -> tuple[Address, ...]:
        """Return who may sit, now or once two rollback windows have passed."""
        size = int(self._view("roster_size", block=block))
        return tuple(self._view("roster", place, block=block) for place in range(1, size + 1))

    def weight_of(self, account: Address, *, block: int | None = None) -> Wei:
        """Return what an account weighs for a seat, in tokens; 0 if it did not opt in."""
        return Wei(self._view("weight_of", account, block=block))

    def earned_of(self, account: Address, *, block: int | None = None) -> Wei:
        """Return the rewards of an account that it never gave away."""
        return Wei(self._view("earned_of", account, block=block))

    def has_opted_in(self, account: Address, *, block: int | None = None) -> bool:
        """Return whether an account's right to a seat is switched on."""
        return bool(self._view("has_opted_in", account, block=block))

    def nonce_of(self, account: Address, *, block: int | None = None) -> int:
        """Return how many signed orders of an account were brought."""
        return int(self._view("nonces", account, block=block))

    def domain_separator(self) -> bytes:
        """Return the EIP-712 domain of this model on this chain."""
        return bytes(self._view("DOMAIN_SEPARATOR"))

    def reserve(self, *, block: int | None = None) -> Wei:
        """Return R, the tokens that are left to earn."""
        return Wei(self._view("reserve", block=block))

    def reward_for(self, updates: int, *, block: int | None = None) -> Wei:
        """Return what a claim of `updates` would be paid if it settled now."""
        return Wei(self._view("reward_for", updates, block=block))

    def price_for(self, units: int, *, block: int | None = None) -> Wei:
        """Return what `units` inferences cost, in tokens."""
        return Wei(self._view("price_for", units, block=block))

    def quote_after(self, parent: int, updates: int, *, block: int | None = None) -> Wei:
        """Return a forecast of a claim's reward once all that `parent` stands on has settled."""
        return Wei(self._view("quote_after", parent, updates, block=block))

    def bond_for(self, updates: int) -> Wei:
        """Return the bond of a claim, and of each challenge to it, in native coin."""
        return Wei(self._view("bond_for", updates))

    def credit_of(self, account: Address, *, block: int | None = None) -> Wei:
        """Return the native coin an account may withdraw."""
        return Wei(self._view("credit_of", account, block=block))

    def burned(self, *, block: int | None = None) -> Wei:
        """Return the native coin that lost bonds left behind for ever."""
        return Wei(self._view("burned", block=block))

    def balance_of(self, account: Address, *, block: int | None = None) -> Wei:
        """Return an account's tokens."""
        return Wei(self._view("balanceOf", account, block=block))

    def allowance(self, owner: Address, spender: Address, *, block: int | None = None) -> Wei:
        """Return how many of `owner`'s tokens `spender` may move."""
        return Wei(self._view("allowance", owner, spender, block=block))

    def total_supply(self) -> Wei:
        """Return all the tokens there are and ever will be."""
        return Wei(self._view("totalSupply"))

    def events(
        self, kind: type[E], *, from_block: int = 0, to_block: int | None = None
    ) -> tuple[E, ...]:
        """Return the events of a kind in a range of blocks, both ends included, in order."""
        found = self._events([kind], from_block, to_block)
        return tuple(event for event in found if isinstance(event, kind))

    def challenges(self, version: int) -> tuple[Challenged, ...]:
        """Return the challenges of a version, in order."""
        topics = [form_of(Challenged).topic]
        found = read_events(self._evm.logs(self.address, topics, number=version, from_block=0))
        return tuple(e for e in found if isinstance(e, Challenged) and e.version == version)

    def claims_of(self, sender: Address) -> tuple[int, ...]:
        """Return the versions that an account claimed, in order; one call, whatever others did."""
        found = self._events_of(Trained, sender)
        return tuple(event.version for event in found if event.sender == sender)

    def challenges_of(self, challenger: Address) -> tuple[Challenged, ...]:
        """Return the challenges of an account, in order; one call, whatever others did."""
        found = self._events_of(Challenged, challenger)
        return tuple(event for event in found if event.challenger == challenger)

    def history(self, *, from_block: int = 0, to_block: int | None = None) -> tuple[Event, ...]:
        """Return all events in a range of blocks, both ends included, in order."""
        return self._events(list(EVENTS), from_block, to_block)

    def _events(
        self, kinds: list[type[Event]], from_block: int, to_block: int | None
    ) -> tuple[Event, ...]:
        topics = [form_of(kind).topic for kind in kinds]
        logs = self._evm.logs(self.address, topics, from_block=from_block, to_block=to_block)
        return read_events(logs)

    def _events_of(self, kind: type[E], account: Address) -> tuple[E, ...]:
        topics = [form_of(kind).topic]
        logs = self._evm.logs(self.address, topics, account=account, from_block=0)
        return tuple(event for event in read_events(logs) if isinstance(event, kind))

    def _view(self, name: str, *values: Any, block: int | None = None) -> Any:
        return self._evm.view(self._contract, self.address, name, *values, block=block)
