"""A griefer gives the reserve some dust between a customer's quote and payment, to have it refused.

The defence: without a limit of one's own `pay` in `roles/consumer.py` allows for a rise of 1 %.
"""

from books import Books, show
from frame import SucceededError, run
from orders import TOKEN, fund
from town import Town, open_town

from delea.chain import ModelClient
from delea.chain.evm import Evm
from delea.errors import RevertError
from delea.ids import Wei
from delea.roles import consumer

GIFTS = tuple(map(Wei, (1, 10**12, TOKEN, 1000 * TOKEN)))


class Watched(ModelClient):
    """The model as the customer sees it: the griefer acts as soon as a price was asked for."""

    town: Town
    gift: Wei

    def price_for(self, units: int, *, block: int | None = None) -> Wei:
        """Return the price, and have it lifted."""
        price = super().price_for(units, block=block)
        self.transfer(self.address, self.gift, key=self.town.people.attacker)
        return price


def attack() -> str:
    """Try, and say why it failed."""
    with open_town() as town:
        people = town.people
        fund(town, people.attacker, 2000)
        fund(town, people.consumer, 100)
        watched = Watched(Evm(town.rpc), town.model.address)
        watched.town, town.honest.model = town, watched
        victim, own = Books(town, people.consumer), Books(town, people.attacker)
        inputs, agreed = bytes(town.honest.manifest.input.byte_length), 0
        for gift in GIFTS:
            watched.gift = gift
            agreed += town.model.price_for(1) * 101 // 100  # down
            try:
                consumer.pay(town.honest, inputs, key=people.consumer)
            except RevertError as fault:
                raise SucceededError(f"a gift of {gift} wei stopped a payment: {fault}") from None
        victim.check_loss(agreed)
        cost = own.check_no_gain()
        needed = town.model.reserve() // 100
    return (
        f"{len(GIFTS)} payments went through, though gifts of {show(-cost.tokens)} tokens came"
        f" between: to stop one takes {show(needed)} tokens, a hundredth of the reserve"
    )


if __name__ == "__main__":
    run(attack)
