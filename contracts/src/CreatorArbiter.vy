#pragma version ==0.4.3
#pragma evm-version cancun
#pragma nonreentrancy on
"""
@title The creator as arbiter
@notice The first arbiter: the creator of a model decides its games. One contract serves any number
    of models and keeps nothing: a model itself knows which games are open.
"""

from interfaces import IArbiter
from interfaces import IRuled

implements: IArbiter

event Opened:
    model: indexed(address)
    version: indexed(uint256)
    game: indexed(uint256)
    claimed_root: bytes32
    named_root: bytes32

event Decided:
    model: indexed(address)
    version: indexed(uint256)
    game: indexed(uint256)
    refuted: bool


@external
def open(version: uint256, game: uint256, claimed_root: bytes32, named_root: bytes32):
    """
    @notice A game was opened; the caller is the model.
    @param version The challenged version
    @param game The number of the game among those of this version, from 1
    @param claimed_root The root that the version claims
    @param named_root The root that the challenger says is right
    """
    log Opened(
        model=msg.sender,
        version=version,
        game=game,
        claimed_root=claimed_root,
        named_root=named_root,
    )


@external
def decide(model: address, version: uint256, game: uint256, refuted: bool):
    """
    @notice Decide a game; only the model's creator may.
    @param model The model
    @param version The challenged version
    @param game The number of the game
    @param refuted Whether the claimed root is wrong
    """
    assert msg.sender == staticcall IRuled(model).creator(), "decide: not the creator"
    extcall IRuled(model).rule(version, game, refuted)
    log Decided(model=model, version=version, game=game, refuted=refuted)
