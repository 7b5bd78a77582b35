"""A thief makes the first parts of a split dear, cuts parts to dust or brings a victim's signature.

The defence: a token is always as many parts, whatever the split holds; parts are rounded down to
whole wei, and a deposit takes from its caller alone (`withdraw` and `_deposit` in `Split.vy`).
"""

from books import Books
from frame import SucceededError, refusal, run
from orders import TOKEN, bring_permit, domain_of, fund, permit_for
from town import Town, open_town

from delea.chain import Key
from delea.chain.codec import encode_call, load_contract
from delea.chain.evm import Evm
from delea.chain.split import SplitClient
from delea.errors import RevertError
from delea.ids import Wei

PARTS = 1000
DEPOSIT = Wei(100 * TOKEN)
GIFT = Wei(500 * TOKEN)


def deposit_signed(town: Town, split: SplitClient, owner: Key, thief: Key) -> str:
    """Deposit by a signature that the thief saw first; return why he could not use it himself."""
    permit = permit_for(town, owner, split.address, DEPOSIT)
    signature = owner.sign_digest(permit.digest(domain_of(town, town.model).separator))
    words = (permit.deadline, signature[64], signature[:32], signature[32:64])
    deposit = load_contract("Split").functions["deposit_with_permit"]
    data = encode_call(deposit, (DEPOSIT, *words))
    why = refusal(lambda: Evm(town.rpc).send(thief, split.address, data), RevertError)
    bring_permit(town, permit, signature, key=thief)
    refusal(lambda: Evm(town.rpc).send(thief, split.address, data), RevertError)
    Evm(town.rpc).send(owner, split.address, data)
    return why


def attack() -> str:
    """Try, and say why it failed."""
    with open_town() as town:
        model, people = town.model, town.people
        victim, thief, friend = people.consumer, people.attacker, people.friend
        for key in (victim, thief):
            fund(town, key)
        books, own = Books(town, victim), Books(town, thief, friend)
        split = town.chain.create_split(model.address, PARTS, key=people.stranger)
        split.deposit(Wei(1), key=thief)
        model.transfer(split.address, GIFT, key=thief)
        why = deposit_signed(town, split, victim, thief)
        if split.balance_of(victim.address) != DEPOSIT * PARTS:
            raise SucceededError(f"{DEPOSIT} wei gave {split.balance_of(victim.address)} parts")
        refusal(lambda: split.withdraw(Wei(2), key=thief), RevertError)
        split.transfer(friend.address, Wei(1), key=thief)
        for key in (thief, friend):
            refusal(lambda key=key: split.withdraw(Wei(1), key=key), RevertError)
        split.withdraw(DEPOSIT, key=victim)
        books.check_loss(0)
        lost = own.check_no_gain()
    return f"a part is a part, whatever is given or cut ({why}): the thief lost {lost}"


if __name__ == "__main__":
    run(attack)
