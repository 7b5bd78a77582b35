"""What models share on a chain: the factory, its blueprint, the arbiter, the texts of refusals.

Each stands where its code says: the deployer below gives the same code the same address on every
chain, so that nobody needs to be asked where it is.
"""

from typing import TYPE_CHECKING, Final

from eth_utils.crypto import keccak

from delea.chain.codec import check_address, encode_deploy, load_contract
from delea.chain.evm import Evm
from delea.errors import ChainError
from delea.ids import Address, Wei

if TYPE_CHECKING:
    from delea.chain.keys import Key

DEPLOYER: Final = Address("0x4e59b44847b379578588920cA78FbF26c0B4956C")
LOCAL_CHAIN_ID: Final = 31_337
MIN_CHALLENGE_WINDOW: Final = 86_400  # seconds
MIN_BOND: Final = Wei(10**16)
"""About four times what a challenge costs in gas."""

_SALT: Final = bytes(32)
_PREAMBLE: Final = b"\xfe\x71\x00"  # ERC-5202, version 0, no data


def floors(chain_id: int) -> tuple[int, Wei]:
    """Return the factory's floors: of the challenge window in seconds, of the bond."""
    return (1, Wei(0)) if chain_id == LOCAL_CHAIN_ID else (MIN_CHALLENGE_WINDOW, MIN_BOND)


def address_of(code: bytes) -> Address:
    """Return where the deployer puts code."""
    named = keccak(b"\xff" + bytes.fromhex(DEPLOYER[2:]) + _SALT + keccak(code))
    return check_address("0x" + named[12:].hex())


def texts_code() -> bytes:
    """Return what creates the texts of the reasons; the contracts that refuse hold its address."""
    return encode_deploy(load_contract("ReasonTexts"), ())


def arbiter_code() -> bytes:
    """Return what creates the stewards' arbiter."""
    return encode_deploy(load_contract("StewardArbiter"), ())


def blueprint_code() -> bytes:
    """Return what creates the blueprint of models."""
    code = _PREAMBLE + load_contract("Model").bytecode
    return b"\x61" + len(code).to_bytes(2, "big") + b"\x3d\x81\x60\x0a\x3d\x39\xf3" + code


def factory_code(chain_id: int) -> bytes:
    """Return what creates the factory of a chain."""
    values = (address_of(blueprint_code()), *floors(chain_id))
    return encode_deploy(load_contract("ModelFactory"), values)


def put(evm: Evm, code: bytes, *, key: "Key") -> Address:
    """Put a contract where its code says, unless it is there; return its address.

    Raises:
        ChainError: if the chain has no deployer.
    """
    address = address_of(code)
    if evm.code(address):
        return address
    if not evm.code(DEPLOYER):
        raise ChainError(f"the deterministic deployer expected at {DEPLOYER}, got no contract")
    evm.send(key, DEPLOYER, _SALT + code)
    if not evm.code(address):
        raise ChainError(f"a contract expected at {address} after its creation, got none")
    return address
