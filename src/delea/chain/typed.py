"""Orders that are signed instead of sent: EIP-712."""

from dataclasses import dataclass

from eth_utils.crypto import keccak

from delea.chain.codec import encode_values
from delea.ids import Address, Digest, Wei

_DOMAIN = "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
_DOMAIN_TYPES = ("bytes32", "bytes32", "bytes32", "uint256", "address")
_VERSION = "1"
_INFER = (
    "Infer(address owner,uint256 units,uint256 max_price,bytes32 request,uint256 nonce,"
    "uint256 deadline)"
)
_INFER_TYPES = ("bytes32", "address", "uint256", "uint256", "bytes32", "uint256", "uint256")
_PERMIT = "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"
_PERMIT_TYPES = ("bytes32", "address", "address", "uint256", "uint256", "uint256")


@dataclass(frozen=True, slots=True)
class InferOrder:
    """An owner's order to pay for inferences."""

    owner: Address
    units: int
    max_price: Wei
    request: Digest
    nonce: int
    deadline: int  # seconds

    def digest(self, domain: bytes) -> bytes:
        """Return what is signed, bound to a model's domain."""
        values = (self.owner, self.units, self.max_price, self.request, self.nonce, self.deadline)
        return _digest(domain, _INFER, _INFER_TYPES, values)


@dataclass(frozen=True, slots=True)
class PermitOrder:
    """An owner's word that a spender may move tokens of his (EIP-2612)."""

    owner: Address
    spender: Address
    amount: Wei
    nonce: int
    deadline: int  # seconds

    def digest(self, domain: bytes) -> bytes:
        """Return what is signed, bound to a token's domain."""
        values = (self.owner, self.spender, self.amount, self.nonce, self.deadline)
        return _digest(domain, _PERMIT, _PERMIT_TYPES, values)


def separator_of(name: str, chain_id: int, contract: Address) -> bytes:
    """Return the domain of a token of ours, made here: a node could name that of another one."""
    texts = (keccak(text=_DOMAIN), keccak(text=name), keccak(text=_VERSION))
    values = (*texts, chain_id, contract)
    return keccak(encode_values(_DOMAIN_TYPES, values, what="EIP712Domain"))


def _digest(domain: bytes, form: str, types: tuple[str, ...], values: tuple[object, ...]) -> bytes:
    encoded = encode_values(types, (keccak(text=form), *values), what=form.partition("(")[0])
    return keccak(b"\x19\x01" + domain + keccak(encoded))
