"""A challenge that waits for its block is copied with a higher fee, to win the verifier's prize.

The copier re-ran nothing. The defence: a challenger names the right root sealed with his address,
and stewards vote for those who knew it.
"""

from books import Books
from frame import SucceededError, run
from town import Town, open_town

from delea.protocol.claim import Refuted, sealed_root
from delea.protocol.version import Status
from delea.roles import verifier


def attack() -> str:
    """Try, and say why it failed."""
    with open_town(seated=True) as town:
        people = town.people
        bogus = town.claim(people.friend, town.model.tip(), bytes(31) + b"\1")
        copier, honest = Books(town, people.attacker), Books(town, people.verifier)
        overtake(town, bogus)
        town.rule()
        town.finish()
        if town.version(bogus).status is not Status.REFUTED:
            raise SucceededError("the copy saved the claim")
        net, won = copier.check_no_gain(), honest.change()
        if won.coin <= 0:
            raise SucceededError(f"who re-ran the claim was left with {won}")
    return (
        "what a challenger names is bound to him, so a copy shows that its sender knew nothing;"
        f" copier: {net}; verifier: {won}"
    )


def overtake(town: Town, version: int) -> None:
    """Copy a verifier's pending challenge from the mempool, and be mined before it."""
    people, bond = town.people, town.version(version).bond
    verdict = verifier.verify(town.honest, town.version(version)).verdict
    assert isinstance(verdict, Refuted), "the claim is wrong"
    named = sealed_root(verdict.right_root, people.verifier.address)
    with town.one_block():
        first = town.offer(people.verifier, "challenge", version, named, amount=bond, tip=1)
        seen = town.rpc.call("eth_getTransactionByHash", first)
        data = bytes.fromhex(seen["input"][2:])
        copy = town.offer_bytes(people.attacker, town.model.address, data, amount=bond, tip=2)
    statuses = [town.receipt(each)["status"] for each in (first, copy)]
    game = town.model.game(version, 1)
    if statuses != ["0x1", "0x1"] or game is None or game.challenger != people.attacker.address:
        raise RuntimeError("the copy did not overtake the challenge")


if __name__ == "__main__":
    run(attack)
