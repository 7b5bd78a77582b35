"""A trainer gives tokens to the reserve just before a claim of its own is paid, to earn more.

The defence: a claim is paid a part of the reserve, at most 1/64 (`_reward` in `curve.vy`, the bound
of `max_updates` in `terms.vy`), and a gift leaves its giver (`_pay` in `token.vy`).
"""

from books import Books, show
from frame import SucceededError, refusal, run
from orders import TOKEN, fund
from town import Town, open_town

from delea.chain.evm import Evm
from delea.errors import RevertError

GIFTS = (1, TOKEN, 1000 * TOKEN, 20_000 * TOKEN)


def play(town: Town, claim: int, gift: int) -> int:
    """Give, settle and return what the trainer has won, in wei."""
    model, attacker = town.model, town.people.attacker
    before = town.anvil.snapshot()
    books = Books(town, attacker)
    with town.one_block():
        if gift:
            town.offer(attacker, "transfer", model.address, gift, tip=30 * 10**9)
        last = town.offer(attacker, "settle", claim, tip=20 * 10**9)
    assert town.receipt(last)["status"] == "0x1", "the claim is due"
    won = books.change().tokens
    town.anvil.revert(before)
    return won


def attack() -> str:
    """Try, and say why it failed."""
    with open_town() as town:
        model, attacker = town.model, town.people.attacker
        fund(town, attacker, 20_000)
        claim = town.work(attacker, model.terms.max_updates)
        town.anvil.increase_time(model.terms.challenge_window)
        honest = play(town, claim, 0)
        tries = [play(town, claim, gift) for gift in GIFTS]
        if max(tries) > honest:
            raise SucceededError(f"{tries} wei were won with gifts, {honest} without")
        address = model.address
        coin = refusal(lambda: Evm(town.rpc).send(attacker, address, amount=1), RevertError)
    back = 1 - (honest - tries[-1]) / GIFTS[-1]
    return (
        f"of a gift of {show(GIFTS[-1])} tokens the next reward gives {100 * back:.2g} % back,"
        f" and native coin is not taken ({coin})"
    )


if __name__ == "__main__":
    run(attack)
