"""The attacker's own contract, Thief.vy: wallet, receiver of coin, arbiter, all of ill will."""

from pathlib import Path

from town import Town
from vyper.compiler import compile_from_file_input
from vyper.compiler.input_bundle import FilesystemInputBundle

from delea.chain import Key
from delea.chain.codec import check_address, encode_call, encode_values, load_contract
from delea.chain.evm import NO_COIN, Evm, Mined
from delea.ids import Address, Wei

SOURCE = Path(__file__).resolve().parent / "Thief.vy"


class Thief:
    """The contract on a town's chain, led by its owner."""

    def __init__(self, town: Town, key: Key) -> None:
        bundle = FilesystemInputBundle([SOURCE.parent])
        compiled = compile_from_file_input(
            bundle.load_file(SOURCE),
            input_bundle=bundle,
            output_formats=["bytecode", "method_identifiers"],
        )
        self._town, self._key = town, key
        self.at: Address = town.model.address
        self._selectors = compiled["method_identifiers"]
        mined = self._send(None, bytes.fromhex(compiled["bytecode"][2:]))
        self.address: Address = check_address(mined.contract)

    def prepare(self, name: str, *values: object) -> None:
        """Say which call of the model it makes when it is its turn."""
        self._lead("prepare", self.at, model_call(name, *values))

    def forward(self, name: str, *values: object, amount: Wei = NO_COIN) -> Mined:
        """Let it call the model, as itself."""
        data = model_call(name, *values)
        return self._lead("forward", self.at, data, amount=amount)

    def _lead(self, name: str, target: Address, data: bytes, *, amount: Wei = NO_COIN) -> Mined:
        selector = bytes.fromhex(self._selectors[f"{name}(address,bytes)"][2:].zfill(8))
        values = encode_values(("address", "bytes"), (target, data), what=name)
        return self._send(self.address, selector + values, amount=amount)

    def _send(self, to: Address | None, data: bytes, *, amount: Wei = NO_COIN) -> Mined:
        return Evm(self._town.rpc).send(self._key, to, data, amount=amount)


def model_call(name: str, *values: object) -> bytes:
    """Return the data of a call of a model."""
    return encode_call(load_contract("Model").functions[name], values)
