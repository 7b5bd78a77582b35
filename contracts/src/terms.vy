#pragma version ==0.4.3
"""
@title The terms of a model, fixed at its creation
@notice Checks every bound once and answers for each term. Nothing here is storage, hence no lock:
    an arbiter may read the terms while the model calls it.
"""

import reasons

struct Terms:
    name: String[64]
    symbol: String[16]
    supply: uint256  # wei
    horizon: uint256  # updates
    inferences_per_update: uint256
    max_updates: uint256  # of one claim
    artifact: bytes32  # SHA-256 of the module
    dataset: bytes32  # SHA-256 of the dataset file
    genesis_root: bytes32
    challenge_window: uint256  # seconds
    verdict_window: uint256  # seconds
    rollback_window: uint256  # seconds
    bond_base: uint256  # native wei
    bond_per_update: uint256  # native wei
    arbiter: address

GRANTS_PER_SUPPLY: constant(uint256) = 20
SEATS_PER_SUPPLY: constant(uint256) = 200
MIN_SUPPLY: constant(uint256) = 10**24
MAX_SUPPLY: constant(uint256) = 2**112 - 1
MIN_SUPPLY_PER_UPDATE: constant(uint256) = 10**12
MIN_HORIZON: constant(uint256) = 64
MAX_HORIZON: constant(uint256) = 2**48
MAX_INFERENCES_PER_UPDATE: constant(uint256) = 2**40
MAX_MAX_UPDATES: constant(uint256) = 2**16
MIN_CHALLENGE_WINDOW: constant(uint256) = 1
MAX_WINDOW: constant(uint256) = 30 * 86_400
MAX_BOND: constant(uint256) = 2**96

NAME: immutable(String[64])
SYMBOL: immutable(String[16])
SUPPLY: immutable(uint256)
TOO_LIGHT: immutable(uint256)  # a holder's seat takes more weight, in wei
CREATOR: immutable(address)
HORIZON: immutable(uint256)
INFERENCES_PER_UPDATE: immutable(uint256)
MAX_UPDATES: immutable(uint256)
ARTIFACT: immutable(bytes32)
DATASET: immutable(bytes32)
GENESIS_ROOT: immutable(bytes32)
CHALLENGE_WINDOW: immutable(uint256)
VERDICT_WINDOW: immutable(uint256)
ROLLBACK_WINDOW: immutable(uint256)
BOND_BASE: immutable(uint256)
BOND_PER_UPDATE: immutable(uint256)
ARBITER: immutable(address)


@deploy
def __init__(terms: Terms, creator: address):
    """
    @notice Refuse terms out of bounds, keep the others for ever.
    @param terms The terms
    @param creator Who creates the model
    """
    assert creator != empty(address), "terms: creator"
    assert terms.horizon >= MIN_HORIZON and terms.horizon <= MAX_HORIZON, "terms: horizon"
    assert terms.supply >= MIN_SUPPLY and terms.supply <= MAX_SUPPLY, "terms: supply"
    assert terms.supply >= MIN_SUPPLY_PER_UPDATE * terms.horizon, "terms: supply for the horizon"
    assert (
        terms.inferences_per_update >= 1
        and terms.inferences_per_update <= MAX_INFERENCES_PER_UPDATE
    ), "terms: inferences_per_update"
    assert (
        terms.max_updates >= 1
        and terms.max_updates <= min(MAX_MAX_UPDATES, terms.horizon // 64)  # down
    ), "terms: max_updates"
    assert (
        terms.challenge_window >= MIN_CHALLENGE_WINDOW and terms.challenge_window <= MAX_WINDOW
    ), "terms: challenge_window"
    assert (
        terms.verdict_window >= terms.challenge_window and terms.verdict_window <= MAX_WINDOW
    ), "terms: verdict_window"
    assert (
        terms.rollback_window >= terms.challenge_window and terms.rollback_window <= MAX_WINDOW
    ), "terms: rollback_window"
    assert terms.bond_base <= MAX_BOND, "terms: bond_base"
    assert terms.bond_per_update <= MAX_BOND, "terms: bond_per_update"
    assert terms.arbiter.is_contract, "terms: arbiter"
    NAME = terms.name
    SYMBOL = terms.symbol
    SUPPLY = terms.supply
    TOO_LIGHT = (terms.supply - 1) // SEATS_PER_SUPPLY  # one less than half a percent, rounded up
    CREATOR = creator
    HORIZON = terms.horizon
    INFERENCES_PER_UPDATE = terms.inferences_per_update
    MAX_UPDATES = terms.max_updates
    ARTIFACT = terms.artifact
    DATASET = terms.dataset
    GENESIS_ROOT = terms.genesis_root
    CHALLENGE_WINDOW = terms.challenge_window
    VERDICT_WINDOW = terms.verdict_window
    ROLLBACK_WINDOW = terms.rollback_window
    BOND_BASE = terms.bond_base
    BOND_PER_UPDATE = terms.bond_per_update
    ARBITER = terms.arbiter


@external
@view
def creator() -> address:
    """
    @notice Who created the model.
    @return The creator
    """
    return CREATOR


@external
@view
def horizon() -> uint256:
    """
    @notice The horizon of the emission curve.
    @return In updates
    """
    return HORIZON


@external
@view
def inferences_per_update() -> uint256:
    """
    @notice How many inferences the tokens of one update buy.
    @return A count
    """
    return INFERENCES_PER_UPDATE


@external
@view
def max_updates() -> uint256:
    """
    @notice The most updates that one claim may hold.
    @return A count
    """
    return MAX_UPDATES


@external
@view
def artifact() -> bytes32:
    """
    @notice Which Wasm module trains and infers.
    @return Its SHA-256
    """
    return ARTIFACT


@external
@view
def dataset() -> bytes32:
    """
    @notice Which dataset it is trained on.
    @return The SHA-256 of the file
    """
    return DATASET


@external
@view
def genesis_root() -> bytes32:
    """
    @notice The state root of version 0.
    @return The root
    """
    return GENESIS_ROOT


@external
@view
def challenge_window() -> uint256:
    """
    @notice How long a claim may be challenged.
    @return Seconds after its submission
    """
    return CHALLENGE_WINDOW


@external
@view
def verdict_window() -> uint256:
    """
    @notice How long games may go on after the challenge window.
    @return Seconds
    """
    return VERDICT_WINDOW


@external
@view
def rollback_window() -> uint256:
    """
    @notice How long a rollback waits after its proposal.
    @return Seconds
    """
    return ROLLBACK_WINDOW


@external
@view
def arbiter() -> address:
    """
    @notice Who decides the games.
    @return The arbiter
    """
    return ARBITER


@external
@view
def bond_for(updates: uint256) -> uint256:
    """
    @notice The bond of a claim, and of each challenge to it.
    @param updates How many the claim holds, 1 to max_updates
    @return Native wei
    """
    return self._bond_of_claim(updates, reasons.BOND_FOR_UPDATES)


@internal
@view
def _bond_of_claim(updates: uint256, reason: uint256) -> uint256:
    """
    @notice The bond of a claim yet to be made.
    @param updates How many it holds
    @param reason The reason to refuse if it may not hold so many
    @return Native wei
    """
    reasons._require(unsafe_sub(updates, 1) < MAX_UPDATES, reason)  # 0 wraps
    return self._bond_for(updates)


@internal
@view
def _bond_for(updates: uint256) -> uint256:
    # cannot wrap: 2^96 + 2^96 * 2^16
    return unsafe_add(BOND_BASE, unsafe_mul(BOND_PER_UPDATE, updates))
