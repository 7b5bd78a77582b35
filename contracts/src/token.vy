#pragma version ==0.4.3
#pragma nonreentrancy on
"""
@title The model's token
@notice An ERC-20 of fixed supply: made once in the constructor, never minted or burned after.
"""

uses: terms
uses: stewards
uses: signatures

import reasons
import signatures
import stewards
import terms
from ethereum.ercs import IERC20

implements: IERC20

event Transfer:
    sender: indexed(address)
    receiver: indexed(address)
    value: uint256

event Approval:
    owner: indexed(address)
    spender: indexed(address)
    value: uint256

DECIMALS: constant(uint8) = 18

PERMIT_TYPE: constant(bytes32) = keccak256(
    "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"
)

allowances: HashMap[address, HashMap[address, uint256]]


@deploy
def __init__():
    """
    @notice Give the creator his grant and the contract itself the rest.
    """
    grant: uint256 = terms.SUPPLY // terms.GRANTS_PER_SUPPLY  # down
    rest: uint256 = terms.SUPPLY - grant
    stewards.accounts[terms.CREATOR] = grant << stewards.BALANCE_AT
    log Transfer(sender=empty(address), receiver=terms.CREATOR, value=grant)
    stewards.accounts[self] = rest << stewards.BALANCE_AT
    log Transfer(sender=empty(address), receiver=self, value=rest)


@external
def transfer(receiver: address, amount: uint256) -> bool:
    """
    @notice Send tokens; sent to the model itself they fund its reserve.
    @param receiver Who receives; not the zero address
    @param amount In wei
    @return True
    """
    self._move(msg.sender, receiver, amount)
    return True


@external
def transferFrom(owner: address, receiver: address, amount: uint256) -> bool:
    """
    @notice Send another account's tokens within the allowance it gave.
    @param owner Whose tokens
    @param receiver Who receives; not the zero address
    @param amount In wei
    @return True
    """
    allowed: uint256 = self.allowances[owner][msg.sender]
    if ~allowed != 0:  # 2^256 - 1 never runs out
        reasons._require(allowed >= amount, reasons.TOKEN_ALLOWANCE)
        self.allowances[owner][msg.sender] = unsafe_sub(allowed, amount)
    self._move(owner, receiver, amount)
    return True


@external
def approve(spender: address, amount: uint256) -> bool:
    """
    @notice Let another account send the caller's tokens.
    @param spender Who may send
    @param amount Up to how much, in wei; 2^256 - 1 never runs out
    @return True
    """
    self._approve(msg.sender, spender, amount)
    return True


@external
def permit(
    owner: address,
    spender: address,
    amount: uint256,
    deadline: uint256,
    v: uint8,
    r: bytes32,
    s: bytes32,
):
    """
    @notice Let an account send the owner's tokens, by the owner's EIP-2612 signature.
    @param owner Who signed
    @param spender Who may send
    @param amount Up to how much, in wei; 2^256 - 1 never runs out
    @param deadline The last second in which the signature counts
    @param v Of the signature
    @param r Of the signature
    @param s Of the signature
    """
    reasons._require(block.timestamp <= deadline, reasons.PERMIT_EXPIRED)
    nonce: uint256 = signatures._take_nonce(owner)
    digest: bytes32 = signatures._digest(
        keccak256(abi_encode(PERMIT_TYPE, owner, spender, amount, nonce, deadline))
    )
    signed: bool = signatures._signed(
        owner, digest, convert(v, uint256), convert(r, uint256), convert(s, uint256)
    )
    reasons._require(signed, reasons.PERMIT_SIGNATURE)
    self._approve(owner, spender, amount)


@external
@view
@reentrant
def name() -> String[64]:
    """
    @notice The token's name.
    @return The name
    """
    return terms.NAME


@external
@view
@reentrant
def symbol() -> String[16]:
    """
    @notice The token's symbol.
    @return The symbol
    """
    return terms.SYMBOL


@external
@view
@reentrant
def decimals() -> uint8:
    """
    @notice Digits after the point.
    @return 18
    """
    return DECIMALS


@external
@view
@reentrant
def totalSupply() -> uint256:
    """
    @notice All tokens there are and ever will be.
    @return The supply in wei
    """
    return terms.SUPPLY


@external
@view
@reentrant
def balanceOf(account: address) -> uint256:
    """
    @notice What an account holds.
    @param account Any address
    @return Its balance in wei
    """
    return self._balance(account)


@external
@view
@reentrant
def allowance(owner: address, spender: address) -> uint256:
    """
    @notice What an account may still send for another.
    @param owner Whose tokens
    @param spender Who may send them
    @return The allowance in wei
    """
    return self.allowances[owner][spender]


@internal
@view
def _balance(account: address) -> uint256:
    return stewards.accounts[account] >> stewards.BALANCE_AT


@internal
def _approve(owner: address, spender: address, amount: uint256):
    self.allowances[owner][spender] = amount
    log Approval(owner=owner, spender=spender, value=amount)


@internal
def _move(sender: address, receiver: address, amount: uint256):
    self._pay(sender, receiver, amount, 0)


@internal
def _pay(sender: address, receiver: address, amount: uint256, earned: uint256):
    """
    @notice Move tokens, of which the receiver earned some.
    @param sender Whose they are
    @param receiver Who receives; not the zero address
    @param amount In wei
    @param earned In wei
    """
    reasons._require(receiver != empty(address), reasons.TOKEN_RECEIVER)
    word: uint256 = stewards.accounts[sender]
    held: uint256 = word >> stewards.BALANCE_AT
    reasons._require(held >= amount, reasons.TOKEN_BALANCE)
    if sender != receiver:  # to oneself nothing moves, and nothing that was earned is lost
        held = unsafe_sub(held, amount)
        kept: uint256 = min(word << stewards.AMOUNT >> stewards.BALANCE_AT, held)
        stewards._set(sender, word, held, kept)
        word = stewards.accounts[receiver]
        # neither wraps: all balances together are the supply, and what was earned is of them
        held = unsafe_add(word >> stewards.BALANCE_AT, amount)
        kept = unsafe_add(word << stewards.AMOUNT >> stewards.BALANCE_AT, earned)
        stewards._set(receiver, word, held, kept)
    log Transfer(sender=sender, receiver=receiver, value=amount)
