#pragma version ==0.4.3
#pragma evm-version cancun
#pragma optimize codesize
#pragma nonreentrancy on
"""
@title The factory of models
@notice Creates models from one blueprint (ERC-5202) and keeps their list. Nobody owns it. A model
    in its list has the code of the blueprint, and terms above the factory's floors.
"""

import reasons
import terms

event Created:
    model: indexed(address)
    creator: indexed(address)
    number: uint256

CODE_AT: constant(uint256) = 3  # bytes of the blueprint's preamble

BLUEPRINT: immutable(address)
MIN_CHALLENGE_WINDOW: immutable(uint256)
MIN_BOND: immutable(uint256)

model_count: public(uint256)
models: public(HashMap[uint256, address])  # from 0
is_model: public(HashMap[address, bool])
model_of: public(HashMap[address, HashMap[bytes32, address]])  # by creator and salt


@deploy
def __init__(blueprint: address, min_challenge_window: uint256, min_bond: uint256):
    """
    @notice Fix the floors for ever.
    @param blueprint Where the code of models stands
    @param min_challenge_window In seconds; the other windows are at least as long
    @param min_bond The least bond of a claim of one update, in native wei
    """
    assert blueprint.is_contract, "factory: blueprint"
    assert reasons.TEXTS.is_contract, "factory: reason texts"
    BLUEPRINT = blueprint
    MIN_CHALLENGE_WINDOW = min_challenge_window
    MIN_BOND = min_bond


@external
def create(terms_: terms.Terms, salt: bytes32) -> address:
    """
    @notice Create a model; the caller is its creator.
    @param terms_ Its terms, fixed for ever
    @param salt Any, once; with the creator and the terms it gives the model's address
    @return The model
    """
    reasons._require(
        terms_.challenge_window >= MIN_CHALLENGE_WINDOW, reasons.CREATE_CHALLENGE_WINDOW
    )
    # saturates: the model refuses more than 2^96 of either
    bond: uint256 = max(terms_.bond_base, unsafe_add(terms_.bond_base, terms_.bond_per_update))
    reasons._require(bond >= MIN_BOND, reasons.CREATE_BOND)
    reasons._require(self.model_of[msg.sender][salt] == empty(address), reasons.CREATE_SALT)
    model: address = create_from_blueprint(
        BLUEPRINT,
        terms_,
        msg.sender,
        salt=keccak256(abi_encode(msg.sender, salt)),
        code_offset=CODE_AT,
    )
    number: uint256 = self.model_count
    self.model_count = unsafe_add(number, 1)
    self.models[number] = model
    self.is_model[model] = True
    self.model_of[msg.sender][salt] = model
    log Created(model=model, creator=msg.sender, number=number)
    return model


@external
@view
def blueprint() -> address:
    """
    @notice Where the code of models stands.
    @return The blueprint
    """
    return BLUEPRINT


@external
@view
def min_challenge_window() -> uint256:
    """
    @notice The floor of the windows.
    @return Seconds
    """
    return MIN_CHALLENGE_WINDOW


@external
@view
def min_bond() -> uint256:
    """
    @notice The floor of the bond of a claim of one update.
    @return Native wei
    """
    return MIN_BOND
