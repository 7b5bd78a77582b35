"""Games with 1 wei: rewards and prices at the bottom, cut payments, dust in the way.

The defence: a reward is rounded down and a price up, to at least 1 wei; seats need half a percent;
a consumer allows the price to rise by a hundredth until it pays.
"""

from books import Books
from eth_utils.crypto import keccak
from frame import SucceededError, run
from town import Town, open_town
from trial import check_paid

from delea.chain.codec import encode_values
from delea.roles.consumer import MAX_BPS, SLACK_BPS

CALLS = 10
DUST = 10**9  # wei
SLOTS = 64


def attack() -> str:
    """Try, and say why it failed."""
    with open_town(seated=True) as town:
        cut, whole = cut_a_payment(town)
        block_a_payment(town)
        crowd_the_roster(town)
        lost = cycle_at_the_bottom(town)
    return (
        f"{CALLS} calls of one unit cost {cut - whole:,} wei more than one of {CALLS}; dust moved"
        f" no seat and blocked no payment; with 1 wei left in the reserve, rewards were 0 and every"
        f" inference took at least 1 wei: {lost}"
    )


def cut_a_payment(town: Town) -> tuple[int, int]:
    """Buy units one by one, and at once; return what each cost."""
    here = town.anvil.snapshot()
    before = town.model.balance_of(town.people.first_holder.address)
    for number in range(CALLS):
        town.model.infer(1, before, bytes([number]) * 32, key=town.people.first_holder)
    cut = before - town.model.balance_of(town.people.first_holder.address)
    town.anvil.revert(here)
    whole = town.model.price_for(CALLS)
    if cut < whole:
        raise SucceededError(f"{CALLS} units cost {whole - cut} wei less one by one")
    return cut, whole


def block_a_payment(town: Town) -> None:
    """Raise the price by dust, in the same block as a payment and before it."""
    people, model = town.people, town.model
    model.transfer(people.attacker.address, DUST, key=people.first_holder)
    ceiling = model.price_for(1) * (MAX_BPS + SLACK_BPS) // MAX_BPS
    with town.one_block():
        paid = town.offer(people.second_holder, "infer", 1, ceiling, bytes(32), tip=1)
        town.offer(people.attacker, "transfer", model.address, DUST, tip=2)
    if town.receipt(paid)["status"] != "0x1":
        raise SucceededError(f"{DUST} wei of dust blocked a payment")


def crowd_the_roster(town: Town) -> None:
    """Send a wei to many accounts that want a seat, and from an account to itself."""
    model, people = town.model, town.people
    size, seats = len(model.roster()), model.top_holders()
    for key in town.sybils(3):
        model.opt_in(key=key)
        model.transfer(key.address, 1, key=people.first_holder)
        model.transfer(key.address, 1, key=key)
    town.anvil.increase_time(2 * model.terms.rollback_window)
    if (len(model.roster()), model.top_holders()) != (size, seats):
        raise SucceededError("dust changed who sits")


def cycle_at_the_bottom(town: Town) -> str:
    """Train and infer in turns, with a reserve of 1 wei."""
    people, model = town.people, town.model
    model.transfer(people.attacker.address, CALLS, key=people.first_holder)
    set_reserve(town, 1)
    books = Books(town, people.attacker)
    for number in range(3):
        claim = town.work(people.attacker, updates=5)
        town.settle()
        check_paid(town, claim)
        price = model.price_for(1)
        model.infer(1, price, bytes([number]) * 32, key=people.attacker)
        if price < 1:
            raise SucceededError("an inference was free")
    lost = books.check_no_gain()
    if lost.tokens > -3:
        raise SucceededError(f"three inferences cost {-lost.tokens} wei")
    return f"{lost.tokens} wei after three claims and three inferences"


def set_reserve(town: Town, amount: int) -> None:
    """Write the model's own balance into the chain: no life is long enough to get there."""
    full = town.model.reserve()
    for slot in range(SLOTS):
        values = [slot, town.model.address]
        key = keccak(encode_values(["uint256", "address"], values, what="a place"))
        place = "0x" + key.hex()
        word = int(town.rpc.call("eth_getStorageAt", town.model.address, place, "latest"), 16)
        shift, rest = divmod(word, full)  # the balance may stand above other, empty fields
        if shift and not rest and shift.bit_count() == 1:
            new = "0x" + (amount * shift).to_bytes(32, "big").hex()
            town.rpc.call("anvil_setStorageAt", town.model.address, place, new)
    if town.model.reserve() != amount:
        raise RuntimeError("the reserve stands in one word")


if __name__ == "__main__":
    run(attack)
