"""What a victim signs and an attacker bends: permits and orders, their domains and other form."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from eth_utils.crypto import keccak
from town import Town

from delea.chain import Key, ModelClient
from delea.chain.codec import encode_call, encode_values, load_contract
from delea.chain.evm import Evm, Mined
from delea.chain.typed import InferOrder, PermitOrder
from delea.ids import Address, Digest, Wei

TOKEN = 10**18
REQUEST = Digest(b"what the victim asks".ljust(32, b"."))
CURVE = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
"""How many points secp256k1 has: s and this less s fit the same digest."""

_DOMAIN = "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"


@dataclass(frozen=True, slots=True)
class Domain:
    """What a signature is bound to (EIP-712)."""

    name: str
    version: str
    chain_id: int
    contract: Address

    @property
    def separator(self) -> bytes:
        """Its digest."""
        texts = (keccak(text=_DOMAIN), keccak(text=self.name), keccak(text=self.version))
        types = ("bytes32", "bytes32", "bytes32", "uint256", "address")
        values = (*texts, self.chain_id, self.contract)
        return keccak(encode_values(types, values, what="EIP712Domain"))


def domain_of(town: Town, model: ModelClient) -> Domain:
    """Return the domain of a model, as its contract makes it."""
    domain = Domain(model.terms.name, "1", town.chain.chain_id, model.address)
    assert domain.separator == model.domain_separator(), "the contract makes the same"
    return domain


def other_domains(town: Town) -> Iterator[tuple[str, Domain]]:
    """Yield domains that are not the model's; the last is of a model with the same name."""
    own = domain_of(town, town.model)
    yield "another chain", replace(own, chain_id=1)
    yield "no chain", replace(own, chain_id=0)
    yield "another version of the scheme", replace(own, version="2")
    yield "another name", replace(own, name=own.name + " ")
    address = town.chain.create(town.model.terms, key=town.people.attacker)
    yield "another model", domain_of(town, town.chain.model(address))


def permit_for(town: Town, owner: Key, spender: Address, value: Wei) -> PermitOrder:
    """Return an owner's first permit; it counts for a day."""
    return PermitOrder(owner.address, spender, value, 0, town.chain.now() + 86_400)


def order_for(town: Town, owner: Key, units: int, *, slack: int = 1) -> InferOrder:
    """Return an owner's first order; it counts for a day, at up to `slack` times today's price."""
    limit, deadline = Wei(slack * town.model.price_for(units)), town.chain.now() + 86_400
    return InferOrder(owner.address, units, limit, REQUEST, 0, deadline)


def other_form(signature: bytes) -> bytes:
    """Return the signature with the other s, which anyone can make of the first."""
    s = CURVE - int.from_bytes(signature[32:64])
    return signature[:32] + s.to_bytes(32) + bytes([55 - signature[64]])


def bring_permit(town: Town, permit: PermitOrder, signature: bytes, *, key: Key) -> Mined:
    """Bring a permit to the model."""
    words = (signature[64], signature[:32], signature[32:64])
    values = (permit.owner, permit.spender, permit.amount, permit.deadline, *words)
    return call(town, key, "permit", *values)


def call(town: Town, key: Key, name: str, *values: object) -> Mined:
    """Send the model a call that its client has no need for; raises RevertError if it refuses."""
    data = encode_call(load_contract("Model").functions[name], values)
    return Evm(town.rpc).send(key, town.model.address, data)


def spend(town: Town, owner: Address, amount: int, *, key: Key) -> Mined:
    """Take an owner's tokens within an allowance."""
    return call(town, key, "transferFrom", owner, key.address, amount)


def fund(town: Town, key: Key, tokens: int = 1000) -> None:
    """Give somebody some of the creator's tokens."""
    town.model.transfer(key.address, Wei(tokens * TOKEN), key=town.people.creator)
