"""Work that was paid on one chain is claimed again on another, from a model at the same address.

The defence: the seed names the chain. (The bytes of a transaction are good for one chain, too.)
"""

from books import Books
from frame import refusal, run
from town import LOCAL_CHAIN_ID, Town, open_town
from trial import check_paid, hear

from delea.errors import ChainError

HERE, THERE = LOCAL_CHAIN_ID + 1, LOCAL_CHAIN_ID + 2


def attack() -> str:
    """Try, and say why it failed."""
    with open_town(chain_id=HERE) as here, open_town(chain_id=THERE) as there:
        for town in (here, there):
            move_to_twin(town)
        if here.model.address != there.model.address:
            raise RuntimeError("the same address expected on both chains")
        key = here.people.attacker
        work = here.train(key)
        call = (work.parent, work.root, work.updates, key.address, 0)
        sent = here.offer(key, "train", *call, amount=here.model.bond_for(work.updates))
        signed = here.rpc.call("eth_getRawTransactionByHash", sent)
        here.settle()
        check_paid(here, 1)
        told = refusal(lambda: there.rpc.call("eth_sendRawTransaction", signed), ChainError)
        books = Books(there, key)
        net = hear(there, there.claim(key, work.parent, work.root, work.updates), books)
    return f"the seed names the chain, so the root is wrong there; {net}; the same bytes: {told}"


def move_to_twin(town: Town) -> None:
    """Create a model whose address is the same on every chain with the same floors, and use it."""
    factory = town.chain.factory(town.chain.deploy_factory(key=town.people.creator))
    town.move(town.enter(factory.create(town.model.terms, key=town.people.creator, salt=bytes(32))))


if __name__ == "__main__":
    run(attack)
