"""An attacker has the chain take a wrong claim back once it was re-run, and claims honest work.

A challenge names its claim by number alone: the verifier's would meet the honest claim, and lose
its bond. The defence: `challenge` in `roles/verifier.py` looks again before it sends.
"""

from books import Books
from frame import SucceededError, refusal, run
from town import open_town

from delea.errors import ReorgError
from delea.roles import verifier


def attack() -> str:
    """Try, and say why it failed."""
    with open_town(seated=True) as town:
        people, session = town.people, town.honest
        with town.taken_back():
            wrong = town.claim(people.attacker, town.model.tip(), bytes(31) + b"\1")
            check = verifier.verify(session, town.version(wrong))
        right = town.work(people.attacker)
        if right != wrong:
            raise RuntimeError("honest work expected under the number of the wrong claim")
        victim = Books(town, people.verifier)
        try:
            told = refusal(
                lambda: verifier.challenge(session, check, key=people.verifier), ReorgError
            )
        except SucceededError:
            town.rule()
            town.finish()
            raise SucceededError(f"an honest verifier lost {victim.change()}") from None
        victim.check_loss(0)
        if town.check(right).game is not None:
            raise SucceededError("honest work was challenged")
    return f"who challenges looks again at what it re-ran ({told}): nothing was at stake"


if __name__ == "__main__":
    run(attack)
