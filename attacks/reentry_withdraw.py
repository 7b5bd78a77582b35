"""A contract that is paid its bond calls for it again while it is paid, to take those of others.

The defence: `withdraw` in `bonds.vy` sets the credit to zero before the coin leaves, under a lock.
"""

from books import Books
from frame import SucceededError, refusal, run
from thief import Thief
from town import open_town

from delea.errors import RevertError
from delea.roles import trainer


def attack() -> str:
    """Try, and say why it failed."""
    with open_town() as town:
        model, people = town.model, town.people
        thief = Thief(town, people.attacker)
        bond = model.bond_for(1)
        books = Books(town, people.trainer)
        update = trainer.train(town.honest, sender=thief.address, updates=1)
        thief.forward("train", 0, update.root, 1, thief.address, 0, amount=bond)
        town.honest.store.put_state(update.root, update.state)
        town.settle()
        for _ in range(3):  # their bonds lie in the model, and are not the thief's
            town.work(people.trainer)
        town.settle()
        held = town.chain.balance_of(model.address)
        thief.prepare("withdraw")
        thief.forward("withdraw")
        refusal(lambda: thief.forward("withdraw"), RevertError)
        got, left = town.chain.balance_of(thief.address), town.chain.balance_of(model.address)
        if got != bond or held - left != bond:
            raise SucceededError(f"a bond of {bond} wei was due, {got} came")
        trainer.withdraw(town.honest, key=people.trainer)
        books.check_loss(0)
    return f"the credit was gone before the coin left: it got its own bond, {bond} wei, and no more"


if __name__ == "__main__":
    run(attack)
