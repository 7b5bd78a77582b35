"""A creator's accomplice borrows a stake within one block, outvotes a holder and gives it back.

The defence: held is the lowest balance of two whole windows (`_lows` in `stewards.vy`).
"""

from books import Books
from frame import SucceededError, run
from loans import earn_stake, propose_against_holders
from town import open_town


def attack() -> str:
    """Try, and say why it failed."""
    with open_town(seated=True) as town:
        model, attacker = town.model, town.people.attacker
        lender = earn_stake(town)
        stake = model.balance_of(lender.address)
        model.opt_in(key=attacker)
        town.anvil.increase_time(2 * model.terms.rollback_window)
        proposal = propose_against_holders(town, attacker)
        town.anvil.increase_time(model.terms.rollback_window)
        books = Books(town, attacker, town.people.creator)
        with town.one_block():
            lent = town.offer(lender, "transfer", attacker.address, stake, tip=30 * 10**9)
            done = town.offer(attacker, "execute_rollback", proposal, tip=20 * 10**9)
            back = town.offer(attacker, "transfer", lender.address, stake, tip=10 * 10**9)
        blocks = {town.receipt(name)["blockNumber"] for name in (lent, done, back)}
        assert len(blocks) == 1, "all three are in one block"
        assert town.receipt(back)["status"] == "0x1", "the stake was lent and given back"
        if town.receipt(done)["status"] == "0x1" or model.line():
            raise SucceededError(f"{stake} wei that were borrowed for a block rolled training back")
        lost = books.check_no_gain()
    return f"what is held for less than a whole window has no weight: it lost {lost}"


if __name__ == "__main__":
    run(attack)
