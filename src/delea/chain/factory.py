"""The factory that models come from."""

import secrets
from typing import TYPE_CHECKING, Any

from delea.chain.codec import (
    check_address,
    decode_log,
    encode_call,
    is_deployed,
    load_contract,
)
from delea.chain.evm import Evm
from delea.errors import ChainError
from delea.ids import Address, Wei
from delea.protocol.terms import Terms, check_terms

if TYPE_CHECKING:
    from delea.chain.keys import Key


class ModelFactory:
    """One contract for all models of a chain."""

    def __init__(self, evm: Evm, address: Address) -> None:
        """Take the factory at an address; raises ChainError if it is none of this Delea."""
        self.address = check_address(address)
        self._contract = load_contract("ModelFactory")
        self._evm = evm
        if not is_deployed(self._contract, evm.code(self.address)):
            raise ChainError(f"a model factory expected at {self.address}, got another contract")

    def create(self, terms: Terms, *, key: "Key", salt: bytes | None = None) -> Address:
        """Create a model; whoever signs is its creator. Without a salt one is drawn.

        Raises:
            RefusedError: if a term is out of bounds.
            RevertError: if it is below the factory's floors, or the salt was used.
        """
        check_terms(terms)
        fields = tuple(getattr(terms, name) for name in Terms.__slots__)
        salt = secrets.token_bytes(32) if salt is None else salt
        data = encode_call(self._contract.functions["create"], (fields, salt))
        mined = self._evm.send(key, self.address, data)
        form = self._contract.events["Created"]
        for log in mined.logs:
            if log.address == self.address and log.topics[:1] == (form.topic,):
                return Address(decode_log(form, log.topics, log.data)["model"])
        raise ChainError(f"a model created in {mined.transaction} expected, got none")

    def is_model(self, address: Address) -> bool:
        """Return whether this factory created the model at an address."""
        return bool(self._view("is_model", check_address(address)))

    def models(self) -> tuple[Address, ...]:
        """Return all models that it created, oldest first."""
        count = self._view("model_count")
        return tuple(Address(self._view("models", number)) for number in range(count))

    def floors(self) -> tuple[int, Wei]:
        """Return the least challenge window in seconds, and the least bond of one update."""
        return self._view("min_challenge_window"), Wei(self._view("min_bond"))

    def _view(self, name: str, *values: Any) -> Any:
        return self._evm.view(self._contract, self.address, name, *values)
