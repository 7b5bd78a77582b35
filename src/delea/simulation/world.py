"""The world of a simulated model: the twin, the clock, the truth, and everybody's coin."""

from __future__ import annotations

from heapq import heappop, heappush
from math import ceil
from typing import TYPE_CHECKING, Final

from delea import curve
from delea.errors import RevertError
from delea.ids import Address, Digest, Wei
from delea.protocol.twin import Twin
from delea.protocol.version import Status
from delea.simulation import arbiter, keeper
from delea.simulation.books import Account

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from delea.protocol.terms import Terms
    from delea.simulation.actors.actor import Actor
    from delea.simulation.assumptions import Assumptions

TOKEN: Final = 10**18
MODEL: Final = Address(f"0x{1:040x}")
CREATOR: Final = Address(f"0x{2:040x}")
_FIRST: Final = 3
AUDIT_DELAY: Final = 16
"""Whoever checks a claim starts within this part of the challenge window."""


class World:
    """Actors act through it alone; it pays their gas, and remembers which claims are true."""

    def __init__(self, terms: Terms, assumptions: Assumptions, rng: Random) -> None:
        self.terms = terms
        self.assumptions = assumptions
        self.rng = rng
        self.now = 0
        self.is_over = False
        self.twin = Twin(terms, CREATOR, MODEL)
        self.accounts: dict[Address, Account] = {}
        self.actors: dict[Address, Actor] = {}
        self.fees = 0  # coin paid for gas
        self.compute = 0  # coin paid for computing
        self.live: list[int] = []  # claims that wait for their end, by id
        self.wrong: set[int] = set()  # claims whose root nobody gets by doing the work
        self.wrong_settled: list[int] = []
        self.settled_updates = 0
        self.wanted = 0  # inferences
        self.served = 0
        self.was_seated = False
        self._queue: list[tuple[int, int, Callable[[], None]]] = []
        self._serial = 0
        self._tip: int | None = 0
        self._copiers: list[Actor] = []
        self._verifiers: list[Actor] = []
        self._sellers: list[Account] = []
        self._trainers = 0

    def join(self, kind: type[Actor], number: int) -> None:
        """Let one more of a kind come, who wakes at once."""
        address = Address(f"0x{_FIRST + len(self.accounts):040x}")
        if kind.is_creator:
            address = CREATOR
        name = kind.kind if kind.is_creator else f"{kind.kind} {number}"
        account = Account(address, name, kind.kind, given=self.twin.balances[address])
        actor = kind(self, account)
        self.accounts[address] = account
        self.actors[address] = actor
        if kind.audits:
            self._verifiers.append(actor)
        if kind.sells:
            self._sellers.append(account)
        self._trainers += kind.trains
        self.later(0, lambda: self._wake(actor))

    def wait_to_copy(self, copier: Actor) -> None:
        """Let an actor copy the next claim that somebody is about to send."""
        if copier not in self._copiers:
            self._copiers.append(copier)

    def front_run(self, parent: int, root: Digest, updates: int) -> int | None:
        """Let a waiting copier claim a root that it just saw; return the copy, if there is one."""
        if not self._copiers:
            return None
        copier = self._copiers.pop(0)
        return self.train(copier.account, parent, updates, root=root, right=False)

    def later(self, seconds: int, action: Callable[[], None]) -> None:
        """Do something in so many seconds."""
        self._serial += 1
        heappush(self._queue, (self.now + seconds, self._serial, action))

    def step(self, until: int) -> bool:
        """Do what is next, if it comes by `until`; False if nothing does."""
        if not self._queue or self._queue[0][0] > until:
            return False
        self.now, _, action = heappop(self._queue)
        action()
        return True

    def draw(self, least: int, most: int) -> int:
        """Return a whole number from `least` to `most`, both possible."""
        return self.rng.randrange(least, most + 1)

    def seconds_for(self, updates: int) -> int:
        """Return how long it takes to compute updates, rounded up."""
        return max(1, ceil(self.assumptions.seconds_per_update * updates))

    def pause(self) -> int:
        """Return a pause after which, on average, one of all who train is at work."""
        work = self.seconds_for((self.terms.max_updates + 1) // 2)
        return self.draw(1, 2 * work * max(1, self._trainers))

    def value(self, tokens: int) -> int:
        """Return what tokens are worth in native wei, rounded down."""
        return tokens * self.assumptions.token_value // TOKEN

    def train(
        self, account: Account, parent: int, updates: int, *, root: Digest, right: bool
    ) -> int | None:
        """Claim updates and return the version, or None if somebody was first."""
        bond = self.twin.bond_for(updates)
        address = account.address
        self.pay_gas(account)
        try:
            version = self.twin.train(
                address, parent, root, updates, address, 0, paid=bond, now=self.now
            )
        except RevertError:
            return None
        account.coin -= bond
        account.claims += 1
        self.live.append(version)
        self._tip = version if parent == self._tip else None
        if not right:
            self.wrong.add(version)
        self.later(self.terms.challenge_window, lambda: keeper.sweep(self))
        self._draw_audit(version)
        return version

    def challenge(self, account: Account, version: int) -> None:
        """Challenge a version; nothing happens if it is too late."""
        claim = self.twin.versions[version]
        bond = self.twin.bond_for(claim.updates)
        try:
            game = self.twin.challenge(
                account.address, version, self.new_root(), paid=bond, now=self.now
            )
        except RevertError:
            return
        self.pay_gas(account)
        account.coin -= bond
        account.challenges += 1
        self.tip_moved()
        wait = self.draw(1, max(1, self.terms.verdict_window // 2))
        self.later(wait, lambda: arbiter.decide(self, version, game))
        deadline = claim.submitted_at + self.terms.longest_case
        self.later(deadline - self.now, lambda: keeper.sweep(self))

    def opt_in(self, account: Account) -> None:
        """Switch on the right to a seat, once there is a token to it."""
        address = account.address
        if self.twin.balances[address] and address not in self.twin.rights:
            self.pay_gas(account)
            self.twin.opt_in(address, now=self.now)

    def infer(self, account: Account, units: int) -> None:
        """Pay for inferences with what the account has."""
        price = self.twin.infer(account.address, units, self.price(units), now=self.now)
        self.pay_gas(account)
        account.spent += price
        account.inferences += units
        self.served += units

    def buy(self, buyer: Account, tokens: int) -> bool:
        """Buy tokens from the seller who has most, at most half of them; False if too few."""
        seller, most = self.largest_seller()
        if seller is None or most // 2 < tokens:
            return False
        self.pay_gas(seller)
        self.twin.transfer(seller.address, buyer.address, tokens, now=self.now)
        price = self.value(tokens)
        buyer.coin -= price
        seller.coin += price
        buyer.bought += tokens
        seller.sold += tokens
        return True

    def give(self, sender: Account, receiver: Account, tokens: int) -> None:
        """Move tokens that the receiver shall begin with."""
        self.pay_gas(sender)
        self.twin.transfer(sender.address, receiver.address, tokens, now=self.now)
        sender.given -= tokens
        receiver.given += tokens

    def do_work(self, account: Account, updates: int) -> None:
        """Pay for computing updates, to train or to check them."""
        cost = self.assumptions.update_cost * updates
        account.coin -= cost
        self.compute += cost

    def withdraw_all(self) -> None:
        """Let everybody take the coin that the model owes."""
        for account in self.accounts.values():
            if self.twin.credits[account.address]:
                self.pay_gas(account)
                account.coin += self.twin.withdraw(account.address)

    def pay_gas(self, account: Account) -> None:
        """Pay for one transaction."""
        account.coin -= self.assumptions.gas
        self.fees += self.assumptions.gas

    def price(self, units: int) -> Wei:
        """Return what so many inferences cost now."""
        terms = self.terms
        return curve.price(self.twin.reserve, units, terms.horizon, terms.inferences_per_update)

    def holders(self) -> list[Address]:
        """Return who sits in the holders' seats."""
        seated = self.twin.top_holders(now=self.now)
        self.was_seated = self.was_seated or bool(seated)
        return seated

    def largest_seller(self) -> tuple[Account | None, int]:
        """Return who has most for sale, and how many tokens that one holds."""
        balances = self.twin.balances
        seller = max(self._sellers, key=lambda account: balances[account.address], default=None)
        return seller, 0 if seller is None else balances[seller.address]

    @property
    def tip(self) -> int:
        """The version to build on, for who has re-run whatever was challenged.

        From head along the oldest children that can still settle, past challenged ones that are
        wrong. What is wrong and was not challenged, nobody knows yet. It is walked again only when
        something on the way has changed.
        """
        if self._tip is None:
            self._tip = self.twin.head
            while (child := self._live_child(self._tip)) is not None:
                self._tip = child
        return self._tip

    def tip_moved(self) -> None:
        """Forget the tip: some version is not what it was."""
        self._tip = None

    def new_root(self) -> Digest:
        """Return a root that nothing else has."""
        self._serial += 1
        return Digest(self._serial.to_bytes(32))

    def _live_child(self, version: int) -> int | None:
        for child in self.twin.versions[version].children:
            status = self.twin.versions[child].status
            if status.is_live and not (status is Status.CHALLENGED and child in self.wrong):
                return child
        return None

    def _wake(self, actor: Actor) -> None:
        if self.is_over:
            return
        rest = actor.wake()
        if rest is not None:
            self.later(max(1, rest), lambda: self._wake(actor))

    def _draw_audit(self, version: int) -> None:
        """Draw whether a claim is checked, by whom, and when that one has its root."""
        rate = self.assumptions.audit_rate
        if not self._verifiers or self.draw(1, rate.denominator) > rate.numerator:
            return
        verifier = self._verifiers[self.draw(0, len(self._verifiers) - 1)]
        delay = self.draw(0, self.terms.challenge_window // AUDIT_DELAY)
        delay += self.seconds_for(self.twin.versions[version].updates)
        self.later(delay, lambda: verifier.audit(version))
