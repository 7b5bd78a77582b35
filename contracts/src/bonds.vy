#pragma version ==0.4.3
#pragma nonreentrancy on
"""
@title Bonds and winnings in native coin
@notice Nothing pushes coin: what an account is owed is credited, and taken by `withdraw`. What is
    burned stays in the model out of everybody's reach. At all times
    balance >= burned + credits + bonds of undecided versions and open games, with equality unless
    someone forced coin in.
"""

uses: tree

import reasons
import tree

event Withdrawn:
    account: indexed(address)
    amount: uint256

burned_coin: uint256
credits: HashMap[address, uint256]


@external
def withdraw() -> uint256:
    """
    @notice Take all the native coin the caller is owed.
    @return How much, in native wei
    """
    amount: uint256 = self.credits[msg.sender]
    reasons._require(amount != 0, reasons.WITHDRAW_NOTHING)
    self.credits[msg.sender] = 0
    taken: bool = raw_call(msg.sender, b"", value=amount, revert_on_failure=False)
    reasons._require(taken, reasons.WITHDRAW_REFUSED)
    log Withdrawn(account=msg.sender, amount=amount)
    return amount


@external
@view
@reentrant
def credit_of(account: address) -> uint256:
    """
    @notice What an account may withdraw.
    @param account Any address
    @return Native wei
    """
    return self.credits[account]


@external
@view
@reentrant
def burned() -> uint256:
    """
    @notice All the native coin burned so far; it can never leave the model.
    @return Native wei
    """
    return self.burned_coin


@internal
def _credit(account: address, amount: uint256):
    # cannot wrap: all credits are coin that the model holds
    self.credits[account] = unsafe_add(self.credits[account], amount)


@internal
def _burn(amount: uint256):
    self.burned_coin = unsafe_add(self.burned_coin, amount)  # as little


@internal
def _give_back(account: address, version: uint256, timed_out: bool) -> uint256:
    """
    @notice Return a bond; of a case that timed out a quarter is burned.
    @param account Who posted it
    @param version The claim that it was posted with or against
    @param timed_out Whether no arbiter decided in time
    @return What was credited, in native wei
    """
    bond: uint256 = tree._bond(version)
    kept: uint256 = bond
    if timed_out:
        # down: the odd wei is burned; cannot wrap: bonds are below 2^114
        kept = unsafe_mul(bond, 3) >> 2
        self._burn(unsafe_sub(bond, kept))
    self._credit(account, kept)
    return kept
