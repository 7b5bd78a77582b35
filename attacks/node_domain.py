"""A node that is asked for a signature's domain names that of a dearer model, which then is paid.

The defence: the domain is made of the address that one means (`separator_of` in `chain/typed.py`).
"""

from dataclasses import replace
from typing import Any

from books import Books
from frame import refusal, run
from orders import REQUEST, TOKEN, fund
from town import OFFER, open_town

from delea.chain import ModelClient
from delea.chain.codec import encode_call, load_contract
from delea.chain.evm import Evm
from delea.chain.rpc import Rpc
from delea.errors import RevertError
from delea.ids import Address, Wei

UNITS = 10
LIMIT = Wei(100 * TOKEN)
ASKED = "0x" + encode_call(load_contract("Model").functions["DOMAIN_SEPARATOR"], ()).hex()


class LyingNode(Rpc):
    """A node that answers truly, but for the domain."""

    instead: Address

    def call(self, method: str, *params: Any) -> Any:
        """Return what the chain answers; the domain is that of another model."""
        if method == "eth_call" and params[0]["data"] == ASKED:
            params = ({**params[0], "to": self.instead}, *params[1:])
        return super().call(method, *params)


def attack() -> str:
    """Try, and say why it failed."""
    with open_town() as town:
        people = town.people
        victim, relayer = people.consumer, people.attacker
        dear = town.open_model(replace(OFFER, name="dear")).model
        dear.transfer(victim.address, LIMIT, key=people.creator)
        fund(town, victim)
        node = LyingNode(town.anvil.url)
        node.instead = dear.address
        seen = ModelClient(Evm(node), town.model.address)
        books = Books(town, victim, model=dear)
        deadline = town.chain.now() + 86_400
        signed = seen.order_inference(UNITS, LIMIT, REQUEST, deadline, key=victim)
        why = refusal(lambda: dear.infer_with_signature(*signed, key=relayer), RevertError)
        books.check_loss(0)
        town.model.infer_with_signature(*signed, key=relayer)  # it is good where it was meant
    return f"whoever signs makes the domain himself, so the order is good for one model: {why}"


if __name__ == "__main__":
    run(attack)
