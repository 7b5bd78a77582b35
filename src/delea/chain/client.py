"""The door to a chain: what time it is, who owns what, and the models that live there."""

from typing import TYPE_CHECKING, Self

from delea.chain import commons
from delea.chain.arbiter import StewardArbiter
from delea.chain.codec import check_address
from delea.chain.evm import Evm, read_quantity
from delea.chain.factory import ModelFactory
from delea.chain.model import ModelClient
from delea.chain.rpc import ANSWER_S, Rpc
from delea.chain.split import SplitClient, split_code
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

    def check_same(self) -> None:
        """Raise ChainError if its node tells another chain's id by now."""
        self._evm.check_same()

    def confirm(self) -> None:
        """Wait for what was perhaps sent when the node fell silent, so that none is paid twice.

        What the node lost is sent again as it was signed.

        Raises:
            ChainError: the node refuses it now, or it is not mined in time.
        """
        self._evm.confirm()

    def block_number(self) -> int:
        """Return the latest block's number."""
        return self._evm.quantity("eth_blockNumber")

    def now(self, *, block: int | None = None) -> int:
        """Return a block's time in seconds, by default the latest's."""
        return self._evm.now(block)

    def gas_used(self, *, block: int | None = None) -> int:
        """Return the gas of all transactions in a block, by default the latest."""
        return read_quantity(self._evm.block(block).get("gasUsed"), self._evm.rpc.shown)

    def balance_of(self, account: Address, *, block: int | None = None) -> Wei:
        """Return an account's native coin."""
        tag = "latest" if block is None else hex(block)
        return Wei(self._evm.quantity("eth_getBalance", check_address(account), tag))

    def fund(self, to: Address, amount: Wei, *, key: "Key") -> Receipt:
        """Send native coin."""
        to = check_address(to)
        return read_receipt(self._evm.send(key, to, amount=amount), to)

    def deploy_arbiter(self, *, key: "Key") -> Address:
        """Return where the stewards' arbiter is; it is put there unless it was."""
        commons.put(self._evm, commons.texts_code(), key=key)
        return commons.put(self._evm, commons.arbiter_code(), key=key)

    def deploy_factory(self, *, key: "Key") -> Address:
        """Return where this chain's factory of models is; it is put there unless it was."""
        commons.put(self._evm, commons.texts_code(), key=key)
        commons.put(self._evm, commons.blueprint_code(), key=key)
        return commons.put(self._evm, commons.factory_code(self.chain_id), key=key)

    def create(self, terms: Terms, *, key: "Key", factory: Address | None = None) -> Address:
        """Create a model by this chain's factory, or by another; whoever signs is its creator.

        Raises:
            RefusedError: if a term is out of bounds.
            RevertError: if it is below the factory's floors.
        """
        check_terms(terms)
        address = self.deploy_factory(key=key) if factory is None else factory
        return self.factory(address).create(terms, key=key)

    def factory(self, address: Address) -> ModelFactory:
        """Return the factory at an address; raises ChainError if it is none."""
        return ModelFactory(self._evm, address)

    def model(self, address: Address) -> ModelClient:
        """Return the model at an address; raises UnknownModelError if none lives there."""
        return ModelClient(self._evm, address)

    def create_split(self, model: Address, parts: int, *, key: "Key") -> SplitClient:
        """Return the split of a model's token in so many parts; it is created unless it was.

        Raises:
            UsageError: if the parts are out of bounds.
            UnknownModelError: if the model is none.
        """
        code = split_code(self.model(model).address, parts)
        commons.put(self._evm, code, key=key)
        return self.split(model, parts)

    def split(self, model: Address, parts: int) -> SplitClient:
        """Return the split of a model's token in so many parts; raises ChainError if none is."""
        return SplitClient(self._evm, model, parts)

    def arbiter(self, address: Address) -> StewardArbiter:
        """Return the stewards' arbiter at an address; raises ChainError if it is none."""
        return StewardArbiter(self._evm, address)
