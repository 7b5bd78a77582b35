"""A squatter sees a creator's transaction and creates the same model first, with the same salt.

The defence: a salt belongs to who uses it (`create` in `ModelFactory.vy`).
"""

from frame import SucceededError, run
from town import open_town

from delea.chain.codec import encode_call, load_contract
from delea.protocol.terms import Terms

GAS = 5_000_000
SALT = b"the creator's salt".ljust(32, b".")


def attack() -> str:
    """Try, and say why it failed."""
    with open_town() as town:
        people = town.people
        factory = town.chain.factory(town.chain.deploy_factory(key=people.stranger))
        values = tuple(getattr(town.model.terms, name) for name in Terms.__slots__)
        create = load_contract("ModelFactory").functions["create"]
        data, count = encode_call(create, (values, SALT)), len(factory.models())
        with town.one_block():
            ways = ((people.attacker, 30), (people.creator, 20))
            names = [
                town.offer_bytes(key, factory.address, data, tip=tip * 10**9, gas=GAS)
                for key, tip in ways
            ]
        statuses = [town.receipt(name)["status"] for name in names]
        models = [town.chain.model(address) for address in factory.models()[count:]]
        creators = [model.creator() for model in models]
        if statuses != ["0x1"] * 2 or creators != [people.attacker.address, people.creator.address]:
            raise SucceededError(f"the creator's transaction ended with status {statuses[1]}")
        addresses = {model.address for model in models}
        assert len(addresses) == 2, "two models live at two addresses"
    return "the creator is in the salt: each of the two has a model of its own, at its own address"


if __name__ == "__main__":
    run(attack)
