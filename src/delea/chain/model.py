"""A model to act on: each call is tried first, then signed, sent and waited for."""

from typing import TYPE_CHECKING, Any

from delea.chain.codec import encode_call
from delea.chain.evm import NO_COIN
from delea.chain.typed import InferOrder, separator_of
from delea.chain.values import Receipt, read_receipt
from delea.chain.views import ModelViews
from delea.errors import UsageError
from delea.ids import Address, Digest, Wei

if TYPE_CHECKING:
    from delea.chain.keys import Key


class ModelClient(ModelViews):
    """A model to read and to act on.

    Every action raises RevertError, with the contract's reason, before anything is sent or paid.
    """

    def train(
        self,
        parent: int,
        root: Digest,
        updates: int,
        beneficiary: Address,
        min_reward: Wei,
        *,
        key: "Key",
        bond: Wei | None = None,
    ) -> Receipt:
        """Claim that `updates` updates on top of `parent` end in `root`; logs Trained.

        The bond is what the contract asks, unless another is named.
        """
        values = (parent, _root(root), updates, beneficiary, min_reward)
        if bond is None:  # of any count: the contract refuses a wrong one with its reason
            bond = self.terms.bond_for(max(updates, 0))
        return self._send(key, "train", *values, amount=bond)

    def challenge(
        self, version: int, right_root: Digest, *, key: "Key", bond: Wei | None = None
    ) -> Receipt:
        """Say that a version's root is wrong; logs Challenged with the number of the game.

        The bond is the claim's, unless another is named.
        """
        amount = self.version(version).bond if bond is None else bond
        return self._send(key, "challenge", version, _root(right_root), amount=amount)

    def settle(self, version: int, *, key: "Key") -> Receipt:
        """Pay a claim that stood; logs Settled, or nothing if dead rivals are left: call again."""
        return self._send(key, "settle", version)

    def void(self, version: int, *, key: "Key") -> Receipt:
        """Close a claim that can never settle or was never ruled on; logs Voided."""
        return self._send(key, "void", version)

    def reclaim(self, version: int, game: int, *, key: "Key") -> Receipt:
        """Credit the bond of a game that was open when its version died; logs Reclaimed."""
        return self._send(key, "reclaim", version, game)

    def infer(self, units: int, max_price: Wei, request: Digest, *, key: "Key") -> Receipt:
        """Pay for `units` inferences in the model's tokens; logs Inferred."""
        return self._send(key, "infer", units, max_price, _root(request))

    def infer_with_signature(self, order: InferOrder, signature: bytes, *, key: "Key") -> Receipt:
        """Bring another account's order, paid from its tokens; logs Inferred."""
        values = (order.owner, order.units, order.max_price, _root(order.request), order.deadline)
        return self._send(key, "infer_with_signature", *values, signature)

    def order_inference(
        self, units: int, max_price: Wei, request: Digest, deadline: int, *, key: "Key"
    ) -> tuple[InferOrder, bytes]:
        """Sign an order that anyone may bring, once, until `deadline`; return it with r, s, v."""
        nonce = self.nonce_of(key.address)
        order = InferOrder(key.address, units, max_price, _root(request), nonce, deadline)
        return order, key.sign_digest(order.digest(self.own_domain()))

    def own_domain(self) -> bytes:
        """Return the EIP-712 domain of this model, for which alone a signature shall be good."""
        return separator_of(self._view("name"), self._evm.chain_id, self.address)

    def opt_in(self, *, key: "Key") -> Receipt:
        """Switch on one's right to a steward's seat; logs OptedIn."""
        return self._send(key, "opt_in")

    def opt_out(self, *, key: "Key") -> Receipt:
        """Switch it off; logs OptedOut."""
        return self._send(key, "opt_out")

    def withdraw(self, *, key: "Key") -> Receipt:
        """Take all the native coin that one is owed; logs Withdrawn."""
        return self._send(key, "withdraw")

    def propose_rollback(self, target: int, *, key: "Key") -> Receipt:
        """Propose to go back to a settled version; logs RollbackProposed."""
        return self._send(key, "propose_rollback", target)

    def vote_rollback(self, proposal: int, vote: int, *, key: "Key") -> Receipt:
        """Vote on an open proposal: 1 for it, -1 against it, 0 neither; logs RollbackVoted."""
        return self._send(key, "vote_rollback", proposal, vote)

    def execute_rollback(self, proposal: int, *, key: "Key") -> Receipt:
        """Carry out a proposal whose window is over; logs RolledBack."""
        return self._send(key, "execute_rollback", proposal)

    def transfer(self, receiver: Address, amount: Wei, *, key: "Key") -> Receipt:
        """Send tokens; sent to the model itself they fund its reserve. Logs Transfer."""
        return self._send(key, "transfer", receiver, amount)

    def approve(self, spender: Address, amount: Wei, *, key: "Key") -> Receipt:
        """Let `spender` move tokens of one's own; logs Approval."""
        return self._send(key, "approve", spender, amount)

    def _send(self, key: "Key", name: str, *values: Any, amount: Wei = NO_COIN) -> Receipt:
        data = encode_call(self._contract.functions[name], values)
        return read_receipt(self._evm.send(key, self.address, data, amount=amount), self.address)


def _root(digest: Digest) -> Digest:
    """Return a digest of 32 bytes; the ABI would fill up a shorter one with zeros."""
    if len(digest) != 32:
        raise UsageError(f"a digest of 32 bytes expected, got {len(digest)}")
    return digest
