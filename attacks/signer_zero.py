"""A forger signs for nobody: a broken signature recovers address zero, and zero would be the owner.

The defence: `_signed` in `signatures.vy` knows no owner zero; the model itself has no key either.
"""

from dataclasses import replace

from books import Books
from frame import SucceededError, refusal, run
from orders import REQUEST, bring_permit, order_for, permit_for
from town import open_town

from delea.errors import RevertError

NOBODY = "0x" + "00" * 20
BROKEN = [bytes(64) + bytes([v]) for v in (0, 27, 28)] + [b"\x01" * 65]


def attack() -> str:
    """Try, and say why it failed."""
    with open_town() as town:
        model, forger = town.model, town.people.attacker
        reserve = model.reserve()
        books = Books(town, forger)
        for owner in (NOBODY, model.address, town.people.creator.address):
            permit = replace(permit_for(town, forger, forger.address, reserve), owner=owner)
            order = replace(order_for(town, forger, 1), owner=owner, request=REQUEST)
            for signature in BROKEN:
                why = refusal(
                    lambda p=permit, s=signature: bring_permit(town, p, s, key=forger), RevertError
                )
                refusal(
                    lambda o=order, s=signature: model.infer_with_signature(o, s, key=forger),
                    RevertError,
                )
        books.check_no_gain()
        if model.reserve() != reserve:
            raise SucceededError(f"the reserve was {reserve} wei and is {model.reserve()}")
    return f"nobody signs for address zero, nor for the model ({why}): no allowance was given"


if __name__ == "__main__":
    run(attack)
