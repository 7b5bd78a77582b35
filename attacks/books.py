"""What people own before and after an attack: tokens, native coin, and what their gas cost."""

from dataclasses import dataclass

from frame import SucceededError
from town import Town

from delea.chain import Key, ModelClient
from delea.chain.evm import read_quantity

COIN = 10**18
GWEI = 10**9
FAIR_GAS_PRICE = 20 * GWEI
"""Native wei. Up to this price at least, spam must cost the attacker more than everybody else."""


@dataclass(frozen=True, slots=True)
class Change:
    """What some people won or lost, in wei; gas is apart."""

    tokens: int
    coin: int  # native; what the model owes counts, what gas cost doesn't
    gas: int  # units
    fees: int  # native wei, of that gas

    def __str__(self) -> str:
        parts = [f"{show(self.coin)} coin", f"{show(self.tokens)} tokens"]
        return f"{parts[0]}, {parts[1]}, {self.gas:,} gas"


class Books:
    """The common books of one or more people with one model, from now on."""

    def __init__(self, town: Town, *people: Key, model: ModelClient | None = None) -> None:
        self._town = town
        self._people = [key.address for key in people]
        self._model = model or town.model
        self._block = town.chain.block_number()
        self._tokens, self._coin = self._owned()

    def change(self) -> Change:
        """Return what changed since; coin of bonds that are still held counts as lost."""
        tokens, coin = self._owned()
        gas, fees = self._burnt_gas()
        return Change(tokens - self._tokens, coin - self._coin + fees, gas, fees)

    def check_no_gain(self) -> Change:
        """Return what changed; raise SucceededError if it is more than nothing."""
        change = self.change()
        if change.coin > 0 or change.tokens > 0:
            raise SucceededError(f"the attacker won {change}")
        return change

    def check_loss(self, tokens: int, coin: int = 0) -> Change:
        """Return what changed; raise SucceededError if it is a loss of more than they agreed to."""
        change = self.change()
        if change.tokens < -tokens or change.coin < -coin:
            most = f"{show(tokens)} tokens and {show(coin)} coin"
            raise SucceededError(f"others lost {change}, where {most} were at stake")
        return change

    def _owned(self) -> tuple[int, int]:
        chain, model = self._town.chain, self._model
        tokens = sum(model.balance_of(address) for address in self._people)
        owed = sum(model.credit_of(address) for address in self._people)
        return tokens, owed + sum(chain.balance_of(address) for address in self._people)

    def _burnt_gas(self) -> tuple[int, int]:
        """Return the gas of these people's transactions since, and what it cost."""
        rpc = self._town.rpc
        own = {address.lower() for address in self._people}
        gas = fees = 0
        for block in range(self._block + 1, self._town.chain.block_number() + 1):
            for receipt in rpc.call("eth_getBlockReceipts", hex(block)):
                if receipt["from"].lower() in own:
                    used = read_quantity(receipt["gasUsed"], rpc.shown)
                    gas += used
                    fees += used * read_quantity(receipt["effectiveGasPrice"], rpc.shown)
        return gas, fees


def compare_costs(attackers: Change, others: Change) -> str:
    """Return up to which price of gas an attack costs the attackers more than the others.

    Raises:
        SucceededError: at a fair price it costs the others more.
    """
    more_coin = others.coin - attackers.coin  # lost by the attackers
    more_gas = others.gas - attackers.gas  # burnt by the others
    if more_coin < more_gas * FAIR_GAS_PRICE:
        raise SucceededError(f"the attackers paid {attackers}, and made the others pay {others}")
    return "at any price of gas" if more_gas <= 0 else f"up to {more_coin // more_gas // GWEI} gwei"


def show(wei: int) -> str:
    """Return an amount in whole coins or tokens, to six digits."""
    return f"{wei / COIN:.6g}"
