#pragma version ==0.4.3
#pragma evm-version cancun
"""
@title A model of ill will, for tests: any game of it is open, and it calls its arbiter back
"""

from interfaces import IJudged

implements: IJudged

CREATOR: immutable(address)

answer: Bytes[512]
reentered: public(bool)
heard: public(Bytes[128])  # what the call back answered, or why it was refused


@deploy
def __init__():
    """
    @notice Whoever deploys it is its creator.
    """
    CREATOR = msg.sender


@external
def prepare(answer: Bytes[512]):
    """
    @notice Say how to call the arbiter back.
    @param answer With what
    """
    self.answer = answer


@external
@view
def creator() -> address:
    """
    @notice Who votes alone.
    @return The creator
    """
    return CREATOR


@external
@view
def top_holders() -> address[2]:
    """
    @notice Nobody sits.
    @return Zeros
    """
    return empty(address[2])


@external
@view
def challenge_window() -> uint256:
    """
    @notice No time.
    @return Zero
    """
    return 0


@external
@view
def verdict_window() -> uint256:
    """
    @notice No time.
    @return Zero
    """
    return 0


@external
@view
def version(version: uint256) -> IJudged.Version:
    """
    @notice Nobody's.
    @param version Any
    @return Zeros
    """
    return empty(IJudged.Version)


@external
@view
def game(version: uint256, game: uint256) -> IJudged.Game:
    """
    @notice Always open.
    @param version Any
    @param game Any
    @return Nobody's game
    """
    return IJudged.Game(challenger=empty(address), is_open=True)


@external
def rule(version: uint256, game: uint256, refuted: bool, rewarded: bool):
    """
    @notice Call the arbiter back.
    @param version Any
    @param game Any
    @param refuted Whatever
    @param rewarded Whatever
    """
    self.reentered, self.heard = raw_call(
        msg.sender, self.answer, max_outsize=128, revert_on_failure=False
    )
