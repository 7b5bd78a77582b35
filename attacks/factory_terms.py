"""A creator asks for terms under which nobody has time to look, or one claim takes all.

The defence: the bounds of the model (`__init__` in `terms.vy`) and the floors of the factory.
"""

from dataclasses import replace

from frame import SucceededError, refusal, run
from town import Town, open_town

from delea.chain.codec import encode_call, encode_deploy, load_contract
from delea.chain.commons import MIN_BOND, MIN_CHALLENGE_WINDOW
from delea.chain.evm import Evm
from delea.errors import RevertError
from delea.ids import Address
from delea.protocol.terms import Terms

DAY = 86_400
HOSTILE: tuple[dict[str, object], ...] = (
    {"challenge_window": 0},
    {"challenge_window": DAY - 1},
    {"challenge_window": 30 * DAY + 1, "verdict_window": 30 * DAY + 1},
    {"verdict_window": DAY - 1},
    {"verdict_window": 30 * DAY + 1},
    {"rollback_window": DAY - 1},
    {"rollback_window": 30 * DAY + 1},
    {"bond_base": 0, "bond_per_update": MIN_BOND - 1},
    {"bond_base": 2**255, "bond_per_update": 2**255},
    {"bond_base": MIN_BOND, "bond_per_update": 2**256 - 1},
    {"horizon": 320, "max_updates": 6},
    {"horizon": 2**48, "max_updates": 2**16 + 1},
    {"horizon": 1, "max_updates": 1},
    {"max_updates": 0},
    {"horizon": 2**48 + 1},
    {"supply": 10**24 - 1},
    {"supply": 2**112},
    {"supply": 10**24, "horizon": 10**12 + 1},
    {"inferences_per_update": 0},
    {"inferences_per_update": 2**40 + 1},
    {"name": "x" * 65},
)


def production_factory(town: Town) -> Address:
    """Return a factory with the floors of a production chain."""
    local = town.chain.factory(town.chain.deploy_factory(key=town.people.creator))
    view = load_contract("ModelFactory").functions["blueprint"].selector
    blueprint = "0x" + Evm(town.rpc).read(local.address, view)[-20:].hex()
    code = encode_deploy(load_contract("ModelFactory"), (blueprint, MIN_CHALLENGE_WINDOW, MIN_BOND))
    made = Evm(town.rpc).send(town.people.attacker, None, code).contract
    assert made is not None, "a contract was created"
    return made


def attack() -> str:
    """Try, and say why it failed."""
    with open_town() as town:
        factory, terms = production_factory(town), town.model.terms
        create = load_contract("ModelFactory").functions["create"]

        def ask(changes: dict[str, object]) -> None:
            values = tuple(getattr(replace(terms, **changes), name) for name in Terms.__slots__)
            data = encode_call(create, (values, bytes(32)))
            Evm(town.rpc).send(town.people.attacker, factory, data)

        for changes in (*HOSTILE, {"arbiter": town.people.friend.address}):
            try:
                why = refusal(lambda changes=changes: ask(changes), RevertError)
            except SucceededError:
                raise SucceededError(f"a model was created with {changes}") from None
        assert not town.chain.factory(factory).models(), "nothing was created"
        ask({})
    return f"{len(HOSTILE) + 1} hostile terms were refused by model or factory, the last: {why}"


if __name__ == "__main__":
    run(attack)
