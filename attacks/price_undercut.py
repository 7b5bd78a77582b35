"""A rival sinks the reserve just before a trainer's claim, so that it works for less than it saw.

The defence: `min_reward` in `train` (`claims.vy`), against a forecast that foresees pending claims.
"""

from books import Books
from frame import SucceededError, run
from town import open_town

from delea.roles import trainer


def attack() -> str:
    """Try, and say why it failed."""
    with open_town() as town:
        model, people = town.model, town.people
        # A claim on a line that was left pays its work, and no forecast of the new line sees it.
        old = town.work(people.attacker, model.terms.max_updates)
        model.propose_rollback(0, key=people.creator)
        town.anvil.increase_time(model.terms.rollback_window)
        model.execute_rollback(1, key=people.creator)
        victim, books = people.trainer, Books(town, people.trainer)
        update = trainer.train(town.honest, sender=victim.address, updates=1)
        least = model.quote_after(update.parent, 1)
        claim = (update.parent, update.root, 1, victim.address, least)
        with town.one_block():
            first = town.offer(people.attacker, "settle", old, tip=30 * 10**9)
            name = town.offer(victim, "train", *claim, amount=model.bond_for(1), tip=20 * 10**9)
        assert town.receipt(first)["status"] == "0x1", "the old claim is due"
        now = model.quote_after(model.tip(), 1)
        if town.receipt(name)["status"] == "0x1":
            raise SucceededError(f"{least} wei at least were asked for, {now} are forecast")
        lost = books.check_loss(0)
    fall = 100 - 100 * now / least
    return f"the claim that would earn {fall:.2g} % less than it asked for was not taken: {lost}"


if __name__ == "__main__":
    run(attack)
