"""An attacker has the chain take its claim back once others train on it, and claims other work.

A claim names its parent by number alone: theirs would land on the other work, be wrong there, and
lose its bond. The defence: `claim` in `roles/trainer.py` looks again before it sends.
"""

from books import Books
from frame import SucceededError, refusal, run
from town import open_town

from delea.errors import ReorgError
from delea.protocol.version import Status
from delea.roles import trainer


def attack() -> str:
    """Try, and say why it failed."""
    with open_town(seated=True) as town:
        people = town.people
        with town.taken_back():
            first = town.work(people.attacker, updates=1)
            work = town.train(people.trainer)
        again = town.work(people.attacker, updates=2)
        if not first == again == work.parent:
            raise RuntimeError("other work expected under the number that was trained on")
        attacker, worker = Books(town, people.attacker), Books(town, people.trainer)
        try:
            told = refusal(lambda: trainer.claim(town.honest, work, key=people.trainer), ReorgError)
        except SucceededError:
            lost = town.model.version_count() - 1
            town.check(lost, key=people.attacker)
            town.rule()
            town.finish()
            assert town.version(lost).status is Status.REFUTED, "it is wrong there"
            raise SucceededError(
                f"an honest trainer lost {worker.change()}, the attacker won {attacker.change()}"
            ) from None
        worker.check_loss(0)
    return f"who claims looks again at what it trained on ({told}): nothing was at stake"


if __name__ == "__main__":
    run(attack)
