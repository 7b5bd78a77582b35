"""A customer takes the answer, and has the chain take the payment back, again and again.

The defence: who serves counts a payment from as many confirmations on as it chose (`answer` in
`roles/consumer.py`). A chain that takes more blocks back than that is the server's own risk.
"""

from books import Books
from frame import SucceededError, refusal, run
from orders import fund
from town import Town, open_town

from delea.errors import RefusedError
from delea.protocol.request import Request
from delea.roles import consumer

CONFIRMATIONS = 6
ROUNDS = 3


def ask(town: Town, request: Request) -> str:
    """Return why a request is not answered yet; raises SucceededError if it is."""
    node = town.honest
    return refusal(
        lambda: consumer.answer(node, request, confirmations=CONFIRMATIONS), RefusedError
    )


def attack() -> str:
    """Try, and say why it failed."""
    with open_town() as town:
        attacker = town.people.attacker
        fund(town, attacker, 100)
        town.anvil.mine(CONFIRMATIONS)
        town.rpc.call("evm_setIntervalMining", 0)  # only the attacker's blocks come
        town.rpc.call("evm_setAutomine", True)  # noqa: FBT003
        reserve, books = town.model.reserve(), Books(town, attacker)
        requests = []
        for number in range(ROUNDS):
            inputs = bytes([number]).ljust(town.honest.manifest.input.byte_length, b"\0")
            paid = consumer.pay(town.honest, inputs, key=attacker)
            requests.append(paid.request)
            for _ in range(1, CONFIRMATIONS):
                why = ask(town, paid.request)
                town.anvil.mine()
            town.anvil.reorg(CONFIRMATIONS)
            ask(town, paid.request)
        if books.change().tokens or town.model.reserve() != reserve:
            raise SucceededError("a payment that was taken back left something behind")
        for request in requests:
            why = ask(town, request)
        paid = consumer.pay(town.honest, inputs, key=attacker)
        town.anvil.mine(CONFIRMATIONS - 1)
        consumer.answer(town.honest, paid.request, confirmations=CONFIRMATIONS)
        if books.check_no_gain().tokens != -paid.price:
            raise SucceededError("the one answer was not paid")
    return f"the payment was gone before its {CONFIRMATIONS} confirmations were there: {why}"


if __name__ == "__main__":
    run(attack)
