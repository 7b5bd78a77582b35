"""The stewards' arbiter: votes on games, and where they stand."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from delea.chain.codec import check_address, encode_call, is_deployed, load_contract
from delea.chain.evm import Evm
from delea.chain.values import Receipt, read_receipt
from delea.chain.views import ModelViews
from delea.errors import ChainError
from delea.ids import Address

if TYPE_CHECKING:
    from delea.chain.keys import Key


@dataclass(frozen=True, slots=True)
class Tally:
    """Where a game stands: above 0 it is refuted, below upheld; `missing` votes may turn it."""

    score: int
    missing: int
    by_holder: bool

    @property
    def is_certain(self) -> bool:
        """Whether no vote that is missing can turn it."""
        return abs(self.score) > self.missing


class StewardArbiter:
    """One contract for any number of models."""

    def __init__(self, evm: Evm, address: Address) -> None:
        """Take the arbiter at an address; raises ChainError if it is another contract."""
        self.address = check_address(address)
        self._contract = load_contract("StewardArbiter")
        self._evm = evm
        if not is_deployed(self._contract, evm.code(self.address)):
            # One of somebody's own could hear no challenge, and rule as it likes.
            raise ChainError(f"the stewards' arbiter expected at {address}, got another contract")

    def vote(
        self, model: ModelViews, version: int, game: int, *, refuted: bool, key: "Key"
    ) -> Receipt:
        """Vote on an open game, once and for all."""
        return self._send(model, "vote", model.address, version, game, refuted, key=key)

    def decide(self, model: ModelViews, version: int, game: int, *, key: "Key") -> Receipt:
        """Pass the stewards' decision on; the model logs Ruled, and Refuted if it is."""
        return self._send(model, "decide", model.address, version, game, key=key)

    def tally(self, model: ModelViews, version: int, game: int) -> Tally:
        """Return where a game stands with the seats as they are now."""
        return Tally(*self._view("tally", model.address, version, game))

    def vote_of(self, model: ModelViews, version: int, game: int, voter: Address) -> int:
        """Return how an account voted: 1 refuted, -1 upheld, 0 not yet."""
        return int(self._view("vote_of", model.address, version, game, voter))

    def _send(self, model: ModelViews, name: str, *values: Any, key: "Key") -> Receipt:
        data = encode_call(self._contract.functions[name], values)
        return read_receipt(self._evm.send(key, self.address, data), model.address)

    def _view(self, name: str, *values: Any) -> Any:
        return self._evm.view(self._contract, self.address, name, *values)
