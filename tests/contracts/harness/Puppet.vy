#pragma version ==0.4.3
#pragma evm-version cancun
"""
@title An arbiter that says what it is told, for tests
"""

from interfaces import IArbiter
from interfaces import IJudged

implements: IArbiter

event Opened:
    model: indexed(address)
    version: indexed(uint256)
    game: indexed(uint256)
    claimed_root: bytes32
    named_root: bytes32


@external
def open(version: uint256, game: uint256, claimed_root: bytes32, named_root: bytes32):
    """
    @notice A game was opened.
    @param version The challenged version
    @param game The number of the game
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
def answer(model: address, version: uint256, game: uint256, refuted: bool, rewarded: bool):
    """
    @notice Answer a game as told.
    @param model The model
    @param version The challenged version
    @param game The number of the game
    @param refuted Whether the claimed root is wrong
    @param rewarded Whether the winner receives half of the lost bond
    """
    extcall IJudged(model).rule(version, game, refuted, rewarded)
