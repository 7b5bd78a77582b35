"""A node that a trainer asks for the tip names one that takes the account's coin in fees.

The defence: a transaction offers no tip above `MAX_TIP` (`send` in `chain/evm.py`).
"""

from typing import Any

from books import Books, show
from frame import SucceededError, run
from town import open_town

from delea.chain import ModelClient
from delea.chain.evm import Evm
from delea.chain.rpc import Rpc
from delea.roles import trainer

FAIR = 10**17
"""What a claim may cost at most, in native wei: its gas at 200 gwei is a quarter of it."""


class LyingNode(Rpc):
    """A node that answers truly, but for the tip."""

    def call(self, method: str, *params: Any) -> Any:
        """Return what the chain answers, or a tip of 0.001 coin per gas."""
        return (
            hex(10**15) if method == "eth_maxPriorityFeePerGas" else super().call(method, *params)
        )


def attack() -> str:
    """Try, and say why it failed."""
    with open_town() as town:
        victim = town.people.trainer
        update = trainer.train(town.honest, sender=victim.address, updates=1)
        town.honest.model = ModelClient(Evm(LyingNode(town.anvil.url)), town.model.address)
        books = Books(town, victim)
        trainer.claim(town.honest, update, key=victim)
        cost = books.change()
        if cost.fees > FAIR:
            raise SucceededError(f"a claim cost {show(cost.fees)} coin in fees")
    return f"a tip is bounded: the claim's {cost.gas:,} gas cost {show(cost.fees)} coin"


if __name__ == "__main__":
    run(attack)
