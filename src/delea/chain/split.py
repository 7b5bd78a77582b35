"""A split of a model's token: it stands where its model and its number of parts say."""

from typing import TYPE_CHECKING, Any

from delea.chain import commons
from delea.chain.codec import check_address, encode_call, encode_deploy, load_contract
from delea.chain.evm import Evm
from delea.chain.model import ModelClient
from delea.chain.typed import PermitOrder
from delea.chain.values import Receipt, read_receipt
from delea.errors import ChainError, UsageError
from delea.ids import Address, Wei
from delea.protocol.twin import MAX_PARTS, MIN_PARTS

if TYPE_CHECKING:
    from delea.chain.keys import Key

PERMIT_S = 3_600
"""How long the signature for a deposit counts; its transaction is waited for only minutes."""


def split_code(model: Address, parts: int) -> bytes:
    """Return what creates a split; raises UsageError if the parts are out of bounds."""
    if not MIN_PARTS <= parts <= MAX_PARTS:
        raise UsageError(f"parts of {MIN_PARTS} to {MAX_PARTS} expected, got {parts}")
    return encode_deploy(load_contract("Split"), (check_address(model), parts))


class SplitClient:
    """A split to read and to act on: one token of its model is `parts` of its own.

    Every action raises RevertError, with the contract's reason, before anything is sent or paid.
    """

    def __init__(self, evm: Evm, model: Address, parts: int) -> None:
        """Take the split of a model in so many parts.

        Raises:
            UsageError: if the parts are out of bounds.
            UnknownModelError: if the model is none.
            ChainError: if nobody has created the split yet.
        """
        self.parts = parts
        self.address = commons.address_of(split_code(model, parts))
        self.model = ModelClient(evm, model)
        self._contract = load_contract("Split")
        self._evm = evm
        if not evm.code(self.address):
            raise ChainError(
                f"a split of {self.model.address} in {parts} parts expected at {self.address},"
                " got none (delea split create makes it)"
            )

    def name(self) -> str:
        """Return the name of its token, such as `Split 1000 of Sine`."""
        return str(self._view("name"))

    def symbol(self) -> str:
        """Return the symbol of its token, such as `SIN/1000`."""
        return str(self._view("symbol"))

    def supply(self) -> Wei:
        """Return all its tokens; they grow by deposits and shrink by withdrawals."""
        return Wei(self._view("totalSupply"))

    def balance_of(self, account: Address) -> Wei:
        """Return an account's tokens of the split."""
        return Wei(self._view("balanceOf", account))

    def withdrawable_by(self, account: Address) -> Wei:
        """Return what an account may withdraw, in the model's token."""
        return Wei(self.balance_of(account) // self.parts)  # down: whole wei of the model's

    def held(self) -> Wei:
        """Return the model's tokens that it holds: those deposited, and any sent straight to it."""
        return self.model.balance_of(self.address)

    def nonce_of(self, account: Address) -> int:
        """Return how many permits of an account were brought."""
        return int(self._view("nonces", account))

    def domain_separator(self) -> bytes:
        """Return the EIP-712 domain of this split on this chain."""
        return bytes(self._view("DOMAIN_SEPARATOR"))

    def deposit(self, amount: Wei, *, key: "Key") -> Receipt:
        """Change an amount of the model's token into its parts, in one transaction; logs Transfer.

        The allowance is signed on the way, for exactly this amount.
        """
        order = PermitOrder(
            owner=key.address,
            spender=self.address,
            amount=amount,
            nonce=self.model.nonce_of(key.address),
            deadline=self._evm.now() + PERMIT_S,
        )
        signature = key.sign_digest(order.digest(self.model.own_domain()))
        r, s, v = signature[:32], signature[32:64], signature[64]
        return self._send(key, "deposit_with_permit", amount, order.deadline, v, r, s)

    def withdraw(self, amount: Wei, *, key: "Key") -> Receipt:
        """Change parts back into an amount of the model's token; logs Transfer."""
        return self._send(key, "withdraw", amount)

    def transfer(self, receiver: Address, amount: Wei, *, key: "Key") -> Receipt:
        """Send tokens of the split; logs Transfer."""
        return self._send(key, "transfer", receiver, amount)

    def _send(self, key: "Key", name: str, *values: Any) -> Receipt:
        data = encode_call(self._contract.functions[name], values)
        return read_receipt(self._evm.send(key, self.address, data), self.address)

    def _view(self, name: str, *values: Any) -> Any:
        return self._evm.view(self._contract, self.address, name, *values)
