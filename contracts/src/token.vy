#pragma version ==0.4.3
#pragma nonreentrancy on
"""
@title The model's token
@notice An ERC-20 of fixed supply: made once in the constructor, never minted or burned after.
"""

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

NAME: immutable(String[64])
SYMBOL: immutable(String[16])
SUPPLY: immutable(uint256)

balances: HashMap[address, uint256]
allowances: HashMap[address, HashMap[address, uint256]]


@deploy
def __init__(
    name: String[64], symbol: String[16], supply: uint256, creator: address, grant: uint256
):
    """
    @notice Give the creator his grant and the contract itself the rest.
    @param name The token's name
    @param symbol The token's symbol
    @param supply All there will ever be, in wei
    @param creator Who receives the grant
    @param grant In wei, at most the supply
    """
    NAME = name
    SYMBOL = symbol
    SUPPLY = supply
    self.balances[creator] = grant
    log Transfer(sender=empty(address), receiver=creator, value=grant)
    self.balances[self] += supply - grant
    log Transfer(sender=empty(address), receiver=self, value=supply - grant)


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
    if allowed != max_value(uint256):
        assert allowed >= amount, "token: allowance"
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
    self.allowances[msg.sender][spender] = amount
    log Approval(owner=msg.sender, spender=spender, value=amount)
    return True


@external
@view
def name() -> String[64]:
    """
    @notice The token's name.
    @return The name
    """
    return NAME


@external
@view
def symbol() -> String[16]:
    """
    @notice The token's symbol.
    @return The symbol
    """
    return SYMBOL


@external
@view
def decimals() -> uint8:
    """
    @notice Digits after the point.
    @return 18
    """
    return DECIMALS


@external
@view
def totalSupply() -> uint256:
    """
    @notice All tokens there are and ever will be.
    @return The supply in wei
    """
    return SUPPLY


@external
@view
def balanceOf(account: address) -> uint256:
    """
    @notice What an account holds.
    @param account Any address
    @return Its balance in wei
    """
    return self.balances[account]


@external
@view
def allowance(owner: address, spender: address) -> uint256:
    """
    @notice What an account may still send for another.
    @param owner Whose tokens
    @param spender Who may send them
    @return The allowance in wei
    """
    return self.allowances[owner][spender]


@internal
def _move(sender: address, receiver: address, amount: uint256):
    assert receiver != empty(address), "token: receiver"
    held: uint256 = self.balances[sender]
    assert held >= amount, "token: balance"
    self.balances[sender] = unsafe_sub(held, amount)
    self.balances[receiver] += amount  # read after the write: a self-transfer changes nothing
    log Transfer(sender=sender, receiver=receiver, value=amount)
