"""A contract that answers like a model, from a factory that lists it, keeps the bonds it is sent.

The defence: clients compare the code of models and factories (`is_deployed` in `chain/codec.py`),
and a factory lists only what it made.
"""

from frame import SucceededError, refusal, run
from town import Town, open_town

from delea.chain.codec import load_contract
from delea.chain.evm import Evm
from delea.errors import ChainError, UnknownModelError
from delea.ids import Address


def put(town: Town, code: bytes) -> Address:
    """Put bare code on the chain."""
    start = b"\x61" + len(code).to_bytes(2) + b"\x3d\x81\x60\x0a\x3d\x39\xf3"
    made = Evm(town.rpc).send(town.people.attacker, None, start + code).contract
    assert made is not None, "a contract was created"
    return made


def attack() -> str:
    """Try, and say why it failed."""
    with open_town() as town:
        factory = town.chain.deploy_factory(key=town.people.stranger)
        real = {"Model": town.model.address, "ModelFactory": factory}
        code = {name: Evm(town.rpc).code(address) for name, address in real.items()}
        opened = {"Model": town.chain.model, "ModelFactory": town.chain.factory}
        why = ""
        for name, whole in code.items():
            size = len(load_contract(name).runtime)
            fakes = [whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :] for at in (9, size - 1)]
            fakes += [whole + b"\x00", whole[:-32], bytes(len(whole))]
            for fake in fakes:
                address = put(town, fake)
                why = refusal(lambda a=address, n=name: opened[n](a), ChainError)
                if town.chain.factory(factory).is_model(address):
                    raise SucceededError("the factory lists what it did not make")
        refusal(lambda: town.chain.model(town.people.attacker.address), UnknownModelError)
    return f"a model and a factory are known by their code, not by their word: {why}"


if __name__ == "__main__":
    run(attack)
