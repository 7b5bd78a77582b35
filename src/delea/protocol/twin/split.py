"""The twin of a split: one token of a model is so many of the split's, for ever."""

from collections import defaultdict
from contextlib import suppress
from typing import Final

from delea.errors import RevertError
from delea.ids import Address, Wei
from delea.protocol.terms import MAX_SUPPLY
from delea.protocol.twin.ledger import INFINITE, NOBODY, Approvals, Ledger, require

MIN_PARTS: Final = 2
MAX_PARTS: Final = 10**18
"""A whole token of such a split is one wei of the model's."""


class TwinSplit(Approvals):
    """A split beside the twin of its model; amounts are wei, of the model's token where said."""

    def __init__(self, model: Ledger, address: Address, parts: int) -> None:
        super().__init__()
        require(MIN_PARTS <= parts <= MAX_PARTS, "split: parts")
        self.model = model
        self.address = address
        self.parts = parts
        self.balances: defaultdict[Address, int] = defaultdict(int)

    @property
    def supply(self) -> Wei:
        """All the tokens of the split that there are now."""
        return Wei(sum(self.balances.values()))

    def deposit(self, account: Address, amount: int, *, now: int) -> None:
        """Change `amount` of the model's wei into their parts."""
        require(amount <= MAX_SUPPLY, "deposit: amount")
        self.model.transfer_from(self.address, account, self.address, amount, now=now)
        self.balances[account] += amount * self.parts

    def deposit_with_permit(
        self, account: Address, amount: int, deadline: int, *, signer: Address, now: int
    ) -> None:
        """Deposit by a signature to the model; `signer` is whose it is, NOBODY if it is none.

        A signature that was brought before is no fault: the allowance counts.
        """
        model, pair = self.model, (account, self.address)
        before = model.nonces[account], model.allowances[pair]
        with suppress(RevertError):
            model.permit(account, self.address, amount, deadline, signer=signer, now=now)
        try:
            self.deposit(account, amount, now=now)
        except RevertError:
            model.nonces[account], model.allowances[pair] = before
            raise

    def withdraw(self, account: Address, amount: int, *, now: int) -> None:
        """Change parts back into `amount` of the model's wei."""
        require(self.balances[account] >= amount * self.parts, "token: balance")
        self.model.transfer(self.address, account, amount, now=now)
        self.balances[account] -= amount * self.parts

    def transfer(self, sender: Address, receiver: Address, amount: int) -> None:
        """Move tokens of the split; never to whom could not give them back."""
        nowhere = (NOBODY, self.address, self.model.address)
        require(receiver not in nowhere, "token: receiver")
        require(self.balances[sender] >= amount, "token: balance")
        self.balances[sender] -= amount
        self.balances[receiver] += amount

    def transfer_from(
        self, spender: Address, owner: Address, receiver: Address, amount: int
    ) -> None:
        """Move another's tokens within the allowance; an infinite one never shrinks."""
        allowed = self.allowances[owner, spender]
        require(allowed >= amount, "token: allowance")
        self.transfer(owner, receiver, amount)
        if allowed != INFINITE:
            self.allowances[owner, spender] = allowed - amount
