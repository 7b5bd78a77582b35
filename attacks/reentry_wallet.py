"""A wallet that is asked for its signature moves its tokens before it says yes, and pays nothing.

The defence: the question is a static call (`_approved` in `signatures.vy`), under the model's lock;
either alone would do.
"""

from books import Books
from frame import SucceededError, run
from orders import REQUEST, TOKEN, fund
from thief import Thief, model_call
from town import open_town

from delea.chain.events import Inferred

UNITS = 100


def attack() -> str:
    """Try, and say why it failed."""
    with open_town() as town:
        model, attacker, friend = town.model, town.people.attacker, town.people.friend
        thief = Thief(town, attacker)
        fund(town, attacker, 10_000)
        model.transfer(thief.address, 10_000 * TOKEN, key=attacker)
        price, deadline = model.price_for(UNITS), town.chain.now() + 86_400
        reserve, paid = model.reserve(), 0
        books = Books(town, friend)
        for strike in (
            ("transfer", friend.address, TOKEN),
            ("transfer", model.address, TOKEN),
            ("infer", 1, 2**255, REQUEST),
            ("approve", attacker.address, TOKEN),
            ("opt_in",),
        ):
            thief.prepare(*strike)
            order = (thief.address, UNITS, 2 * price, REQUEST, deadline, b"yes")
            data = model_call("infer_with_signature", *order)
            receipt = town.receipt(town.offer_bytes(attacker, model.address, data))
            assert receipt["status"] == "0x1", "the wallet says yes, so the order is paid"
            paid += model.events(Inferred)[-1].price
        gained = books.check_no_gain()
        others = model.allowance(thief.address, attacker.address)
        if model.reserve() != reserve + paid or others or model.has_opted_in(thief.address):
            raise SucceededError(f"more than {paid} wei moved while the wallet was asked")
    return f"a wallet is asked by a static call, and changed nothing: 5 orders paid, {gained}"


if __name__ == "__main__":
    run(attack)
