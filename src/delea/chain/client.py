"""The door to a chain: what time it is, who owns what, and the models that live there."""

from typing import TYPE_CHECKING, Self

from delea.chain.arbiter import CreatorArbiter
from delea.chain.codec import check_address, encode_deploy, load_contract
from delea.chain.evm import Evm, read_quantity
from delea.chain.model import ModelClient
from delea.chain.rpc import ANSWER_S, Rpc
from delea.chain.values import Receipt, read_receipt
from delea.ids import Address, Wei
from delea.protocol.terms import Terms, check_terms

if TYPE_CHECKING:
    from delea.chain.keys import Key


class Chain:
    """One EVM chain behind one node."""

    def __init__(self, evm: Evm) -> None:
        self._evm = evm

    @classmethod
    def connect(cls, url: str, *, answer_s: float = ANSWER_S) -> "Chain":
        """Return the chain behind a node's http(s) URL, each of whose answers may take `answer_s`.

        Raises:
            UnreachableError: if no chain answers there.
            UsageError: if it is no such URL.
        """
        return cls(Evm(Rpc(url, answer_s=answer_s)))

    def close(self) -> None:
        """Close the connection."""
        self._evm.rpc.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def url(self) -> str:
        """Where its node answers."""
        return self._evm.rpc.url

    @property
    def chain_id(self) -> int:
        """Which chain it is (EIP-155)."""
        return self._evm.chain_id

    def block_number(self) -> int:
        """Return the latest block's number."""
        return self._evm.quantity("eth_blockNumber")

    def now(self, *, block: int | None = None) -> int:
        """Return a block's time in seconds, by default the latest's."""
        return read_quantity(self._evm.block(block).get("timestamp"), self._evm.rpc.shown)

    def balance_of(self, account: Address, *, block: int | None = None) -> Wei:
        """Return an account's native coin."""
        tag = "latest" if block is None else hex(block)
        return Wei(self._evm.quantity("eth_getBalance", check_address(account), tag))

    def fund(self, to: Address, amount: Wei, *, key: "Key") -> Receipt:
        """Send native coin."""
        to = check_address(to)
        return read_receipt(self._evm.send(key, to, amount=amount), to)

    def deploy_arbiter(self, *, key: "Key") -> Address:
        """Put an arbiter on the chain that lets creators decide the games of their models."""
        return self._deploy("CreatorArbiter", (), key)

    def deploy(self, terms: Terms, *, key: "Key") -> Address:
        """Put a model on the chain; whoever signs is its creator.

        Raises:
            RefusedError: if a term is out of bounds.
        """
        check_terms(terms)
        fields = tuple(getattr(terms, name) for name in Terms.__slots__)
        return self._deploy("Model", (fields, key.address), key)

    def model(self, address: Address) -> ModelClient:
        """Return the model at an address; raises UnknownModelError if none lives there."""
        return ModelClient(self._evm, address)

    def arbiter(self, address: Address) -> CreatorArbiter:
        """Return the arbiter at an address."""
        return CreatorArbiter(self._evm, address)

    def _deploy(self, name: str, values: tuple[object, ...], key: "Key") -> Address:
        mined = self._evm.send(key, None, encode_deploy(load_contract(name), values))
        assert mined.contract is not None, "a creation that is mined has an address"
        return mined.contract
