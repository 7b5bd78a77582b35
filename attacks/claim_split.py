"""One claim of five updates is cut into five, by five sybils, to be paid more for the same work.

The defence: each reward is computed from what the one before it left in the reserve, rounded down.
"""

from books import Books, Change
from frame import SucceededError, run
from town import Town, open_town
from trial import check_paid

from delea.chain import Key

UPDATES = 5
ROUNDING = 1
"""Wei that cutting may win: a reward is within 1 wei of its real value, and never above it."""


def attack() -> str:
    """Try, and say why it failed."""
    with open_town() as town:
        sybils = town.sybils(UPDATES)
        here = town.anvil.snapshot()
        whole = earn(town, sybils[:1], UPDATES)
        town.anvil.revert(here)
        cut = earn(town, sybils, 1)
    more = cut.tokens - whole.tokens
    if more > ROUNDING or cut.coin > 0:
        raise SucceededError(f"cutting earned {more} wei more")
    return (
        f"{UPDATES} claims of one update earned {more:+,} wei against one claim of {UPDATES}, and"
        f" took {cut.gas:,} gas instead of {whole.gas:,}, and {UPDATES} bonds"
    )


def earn(town: Town, keys: list[Key], updates: int) -> Change:
    """Let each of these people claim so many updates, and settle them."""
    books = Books(town, *keys)
    claims = [town.work(key, updates) for key in keys]
    town.settle()
    check_paid(town, *claims)
    return books.change()


if __name__ == "__main__":
    run(attack)
