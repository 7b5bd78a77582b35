"""A claim that waits for its block is copied in one's own name, with a higher fee.

The defence: the seed names sender and beneficiary, and it is in the state.
"""

from books import Books
from frame import SucceededError, run
from town import Town, open_town
from trial import check_paid, hear

from delea.chain import Key
from delea.ids import Address
from delea.roles.trainer import Update


def attack() -> str:
    """Try, and say why it failed."""
    with open_town(seated=True) as town:
        people = town.people
        thief = Books(town, people.attacker)
        worker = Books(town, people.trainer)
        work = town.train(people.trainer)
        copy = overtake(town, work, people.attacker)
        lost_gas = worker.change().gas
        if town.check(copy).game is None:
            raise SucceededError("the worker's root is right for the copier, too")
        # A challenged claim makes room at once, for the same work.
        again = town.claim(people.trainer, work.parent, work.root)
        net = hear(town, copy, thief)
        check_paid(town, again)
    return (
        f"the seed in the state names its worker, so the copy is refuted; {net}; the worker claimed"
        f" the same work again once that was challenged, and lost {lost_gas:,} gas"
    )


def overtake(town: Town, work: Update, thief: Key) -> int:
    """Copy a pending claim from the mempool, in one's own name, and be mined before it."""
    bond = town.model.bond_for(work.updates)
    with town.one_block():
        first = town.offer(
            town.people.trainer, "train", *_call(work, work.beneficiary), amount=bond
        )
        seen = town.rpc.call("eth_getTransactionByHash", first)
        data = bytes.fromhex(seen["input"][2:])
        data = data.replace(_word(work.beneficiary), _word(thief.address))
        second = town.offer_bytes(
            thief,
            town.model.address,
            data,
            amount=bond,
            tip=2 * int(seen["maxPriorityFeePerGas"], 16),
        )
    if town.receipt(second)["status"] != "0x1" or town.receipt(first)["status"] != "0x0":
        raise RuntimeError("the copy did not overtake the claim")
    return town.model.version_count() - 1


def _call(work: Update, beneficiary: Address) -> tuple[object, ...]:
    return (work.parent, work.root, work.updates, beneficiary, 0)


def _word(address: Address) -> bytes:
    return bytes(12) + bytes.fromhex(address[2:])


if __name__ == "__main__":
    run(attack)
