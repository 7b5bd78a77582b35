"""The arbiter that lets a model's creator decide its games."""

from typing import TYPE_CHECKING

from delea.chain.codec import check_address, encode_call, load_contract
from delea.chain.evm import Evm
from delea.chain.values import Receipt, read_receipt
from delea.chain.views import ModelViews
from delea.ids import Address

if TYPE_CHECKING:
    from delea.chain.keys import Key


class CreatorArbiter:
    """One contract for any number of models."""

    def __init__(self, evm: Evm, address: Address) -> None:
        self.address = check_address(address)
        self._evm = evm

    def decide(
        self, model: ModelViews, version: int, game: int, *, refuted: bool, key: "Key"
    ) -> Receipt:
        """Decide a game as the model's creator; the model logs Ruled, and Refuted if it is."""
        function = load_contract("CreatorArbiter").functions["decide"]
        data = encode_call(function, (model.address, version, game, refuted))
        return read_receipt(self._evm.send(key, self.address, data), model.address)
