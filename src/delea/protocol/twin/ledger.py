"""The twin's tokens: who holds and earned what, who sits in the stewards' seats."""

from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Final

from delea import curve
from delea.errors import RevertError
from delea.ids import Address, Wei
from delea.protocol.terms import Terms

NOBODY: Final = Address("0x" + "00" * 20)
INFINITE: Final = (1 << 256) - 1
SEATS: Final = 2


@dataclass(slots=True)
class Right:
    """A right to a seat that was switched on, and every balance since then."""

    since: int  # seconds
    balances: list[tuple[int, int]] = field(default_factory=list)  # from when on, how much


class Approvals:
    """Who may move whose tokens, and how many of each owner's signatures were taken."""

    def __init__(self) -> None:
        self.allowances: defaultdict[tuple[Address, Address], int] = defaultdict(int)
        self.nonces: defaultdict[Address, int] = defaultdict(int)

    def approve(self, owner: Address, spender: Address, amount: int) -> None:
        """Let `spender` move up to `amount` of the owner's tokens."""
        self.allowances[owner, spender] = amount

    def permit(
        self,
        owner: Address,
        spender: Address,
        amount: int,
        deadline: int,
        *,
        signer: Address,
        now: int,
    ) -> None:
        """Approve by a signature; `signer` is whose it is, NOBODY if it is none."""
        require(now <= deadline, "permit: expired")
        require(signer == owner != NOBODY, "permit: signature")
        self.nonces[owner] += 1
        self.approve(owner, spender, amount)


class Ledger(Approvals):
    """The tokens of a model and the rights they give."""

    def __init__(self, terms: Terms, creator: Address, address: Address) -> None:
        super().__init__()
        self.terms = terms
        self.creator = creator
        self.address = address
        self.grant = terms.grant
        self.balances: defaultdict[Address, int] = defaultdict(int, {creator: self.grant})
        self.balances[address] += terms.supply - self.grant
        self.earned: defaultdict[Address, int] = defaultdict(int)
        self.rights: dict[Address, Right] = {}

    @property
    def reserve(self) -> Wei:
        """R: the tokens that the model itself holds."""
        return Wei(self.balances[self.address])

    def transfer(self, sender: Address, receiver: Address, amount: int, *, now: int) -> None:
        """Move tokens; nothing is ever sent to nobody."""
        self._pay(sender, receiver, amount, 0, now)

    def transfer_from(
        self, spender: Address, owner: Address, receiver: Address, amount: int, *, now: int
    ) -> None:
        """Move another's tokens within the allowance; an infinite one never shrinks."""
        allowed = self.allowances[owner, spender]
        require(allowed >= amount, "token: allowance")
        self.transfer(owner, receiver, amount, now=now)
        if allowed != INFINITE:
            self.allowances[owner, spender] = allowed - amount

    def infer(self, payer: Address, units: int, max_price: int, *, now: int) -> Wei:
        """Pay for inferences into the reserve and return the price."""
        terms = self.terms
        require(1 <= units <= terms.horizon * terms.inferences_per_update, "infer: units")
        price = curve.price(self.reserve, units, terms.horizon, terms.inferences_per_update)
        require(price <= max_price, "infer: max_price")
        self.transfer(payer, self.address, price, now=now)
        return price

    def infer_with_signature(
        self,
        owner: Address,
        units: int,
        max_price: int,
        deadline: int,
        *,
        signer: Address,
        now: int,
    ) -> Wei:
        """Pay by the owner's order; `signer` is whose the signature is, NOBODY if it is none."""
        require(now <= deadline, "infer: expired")
        require(signer == owner != NOBODY, "infer: signature")
        price = self.infer(owner, units, max_price, now=now)
        self.nonces[owner] += 1
        return price

    def opt_in(self, account: Address, *, now: int) -> None:
        """Switch on an account's right to a seat."""
        require(account != self.creator, "opt_in: creator")
        require(account not in self.rights, "opt_in: already")
        self.rights[account] = Right(now, [(now, self.balances[account])])

    def opt_out(self, account: Address) -> None:
        """Switch it off."""
        require(account in self.rights, "opt_out: already")
        del self.rights[account]

    def held_of(self, account: Address, *, now: int) -> Wei:
        """Return the lowest balance in this and the previous window, 0 if not all is known."""
        right = self.rights.get(account)
        window = self.terms.rollback_window
        start = (now // window - 1) * window
        if right is None or right.since >= start:
            return Wei(0)
        first = bisect_left(right.balances, start, key=lambda known: known[0])  # from start on
        return Wei(min(balance for _, balance in right.balances[first - 1 :]))

    def weight_of(self, account: Address, *, now: int) -> Wei:
        """Return what an account weighs, 0 without the right."""
        return self._weight(account, self.held_of(account, now=now))

    def top_holders(self, *, now: int) -> list[Address]:
        """Return who sits in the holders' seats, the heaviest first; at most two."""
        weights = {account: self.weight_of(account, now=now) for account in self.rights}
        able = [account for account, weight in weights.items() if self._is_enough(weight)]
        return sorted(able, key=lambda account: (-weights[account], account.lower()))[:SEATS]

    def roster(self) -> set[Address]:
        """Return who may sit, now or once two windows have passed without a transfer."""
        return {
            account
            for account in self.rights
            if self._is_enough(self._weight(account, Wei(self.balances[account])))
        }

    def _weight(self, account: Address, held: Wei) -> Wei:
        return Wei(max(min(held, self.earned[account]), held - self.grant, 0))

    def _is_enough(self, weight: Wei) -> bool:
        return weight >= self.terms.seat

    def _pay(self, sender: Address, receiver: Address, amount: int, earned: int, now: int) -> None:
        require(receiver != NOBODY, "token: receiver")
        require(self.balances[sender] >= amount, "token: balance")
        self.balances[sender] -= amount
        self.balances[receiver] += amount
        self.earned[sender] = min(self.earned[sender], self.balances[sender])
        self.earned[receiver] += earned
        for account in (sender, receiver):
            if account in self.rights:
                self.rights[account].balances.append((now, self.balances[account]))


def require(condition: bool, reason: str) -> None:  # noqa: FBT001
    """Refuse a call, unless something holds."""
    if not condition:
        raise RevertError(reason)
