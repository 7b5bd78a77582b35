#pragma version ==0.4.3
#pragma evm-version cancun
#pragma optimize codesize
#pragma nonreentrancy on
"""
@title A split of a model's token
@notice One token of the model is so many of this one, for ever. Whoever deposits some of the
    model's gets their parts, whoever gives parts back gets the model's. No owner, no upgrade, no
    pause; nothing is charged and nothing is rounded. SPEC.md says what must hold.
"""

import reasons
import signatures
import token
from ethereum.ercs import IERC20

implements: IERC20

interface Model:
    def name() -> String[64]: view
    def symbol() -> String[16]: view

event Transfer:
    sender: indexed(address)
    receiver: indexed(address)
    value: uint256

event Approval:
    owner: indexed(address)
    spender: indexed(address)
    value: uint256

MIN_PARTS: constant(uint256) = 2
MAX_PARTS: constant(uint256) = 10**18  # then a whole token of this one is a wei of the model's
MAX_DEPOSIT: constant(uint256) = 2**112 - 1  # in wei of the model's: no model has more

MODEL: immutable(address)
PARTS: immutable(uint256)
NAME: immutable(String[152])
SYMBOL: immutable(String[95])

totalSupply: public(uint256)
balanceOf: public(HashMap[address, uint256])
allowance: public(HashMap[address, HashMap[address, uint256]])
nonces: public(HashMap[address, uint256])


@deploy
def __init__(model_: address, parts_: uint256):
    """
    @notice Split a model's token, for ever.
    @param model_ The model
    @param parts_ How many tokens of this contract one token of the model is, 2 to 10^18
    """
    assert model_.is_contract, "split: model"
    assert parts_ >= MIN_PARTS and parts_ <= MAX_PARTS, "split: parts"
    MODEL = model_
    PARTS = parts_
    digits: String[78] = uint2str(parts_)
    NAME = concat("Split ", digits, " of ", staticcall Model(model_).name())
    SYMBOL = concat(staticcall Model(model_).symbol(), "/", digits)


@external
def deposit(amount: uint256):
    """
    @notice Change tokens of the model, within the allowance that the caller gave this contract,
        into their parts.
    @param amount In wei of the model's token
    """
    self._deposit(amount)


@external
def deposit_with_permit(amount: uint256, deadline: uint256, v: uint8, r: bytes32, s: bytes32):
    """
    @notice The same, with the allowance by the caller's EIP-2612 signature to the model. If
        somebody else has brought the signature before, the allowance is there already.
    @param amount In wei of the model's token; the signature is for exactly this
    @param deadline The last second in which the signature counts
    @param v Of the signature
    @param r Of the signature
    @param s Of the signature
    """
    permit: Bytes[228] = abi_encode(
        msg.sender,
        self,
        amount,
        deadline,
        v,
        r,
        s,
        method_id=method_id("permit(address,address,uint256,uint256,uint8,bytes32,bytes32)"),
    )
    # a refusal is no matter: what counts is the allowance, and who has none is refused below
    permitted: bool = raw_call(MODEL, permit, revert_on_failure=False)
    self._deposit(amount)


@external
def withdraw(amount: uint256):
    """
    @notice Change parts of the caller's back into tokens of the model.
    @param amount In wei of the model's token
    """
    held: uint256 = self.balanceOf[msg.sender]
    reasons._require(amount <= held // PARTS, reasons.TOKEN_BALANCE)  # down: whole wei only
    value: uint256 = unsafe_mul(amount, PARTS)  # cannot wrap: at most held
    self.balanceOf[msg.sender] = unsafe_sub(held, value)
    self.totalSupply = unsafe_sub(self.totalSupply, value)
    reasons._require(
        extcall IERC20(MODEL).transfer(msg.sender, amount), reasons.WITHDRAW_REFUSED
    )
    log Transfer(sender=msg.sender, receiver=empty(address), value=value)


@external
def transfer(receiver: address, amount: uint256) -> bool:
    """
    @notice Send tokens.
    @param receiver Who receives; not the zero address, this contract or the model
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
    @param receiver Who receives; not the zero address, this contract or the model
    @param amount In wei
    @return True
    """
    allowed: uint256 = self.allowance[owner][msg.sender]
    if allowed != max_value(uint256):
        reasons._require(allowed >= amount, reasons.TOKEN_ALLOWANCE)
        self.allowance[owner][msg.sender] = unsafe_sub(allowed, amount)
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
    nonce: uint256 = self.nonces[owner]
    order: bytes32 = keccak256(
        abi_encode(token.PERMIT_TYPE, owner, spender, amount, nonce, deadline)
    )
    digest: bytes32 = keccak256(concat(0x1901, self._domain(), order))
    reasons._require(
        signatures._signed(
            owner, digest, convert(v, uint256), convert(r, uint256), convert(s, uint256)
        ),
        reasons.PERMIT_SIGNATURE,
    )
    self.nonces[owner] = unsafe_add(nonce, 1)
    self._approve(owner, spender, amount)


@external
@view
def model() -> address:
    """
    @notice Whose token is split.
    @return The model
    """
    return MODEL


@external
@view
def parts() -> uint256:
    """
    @notice How many tokens of this contract one token of the model is.
    @return A count
    """
    return PARTS


@external
@view
def name() -> String[152]:
    """
    @notice The token's name.
    @return Such as Split 1000 of Sine
    """
    return NAME


@external
@view
def symbol() -> String[95]:
    """
    @notice The token's symbol.
    @return Such as SIN/1000
    """
    return SYMBOL


@external
@view
def decimals() -> uint8:
    """
    @notice Digits after the point.
    @return 18
    """
    return token.DECIMALS


@external
@view
def DOMAIN_SEPARATOR() -> bytes32:
    """
    @notice The EIP-712 domain of this token on this chain.
    @return Its digest
    """
    return self._domain()


@external
@view
def eip712Domain() -> (
    bytes1, String[152], String[1], uint256, address, bytes32, DynArray[uint256, 1]
):
    """
    @notice The fields of the EIP-712 domain, as in EIP-5267.
    @return Which fields are used, name, version, chain id, contract, salt, extensions
    """
    return 0x0f, NAME, signatures.VERSION, chain.id, self, empty(bytes32), []


@internal
def _deposit(amount: uint256):
    reasons._require(amount <= MAX_DEPOSIT, reasons.DEPOSIT_AMOUNT)
    # neither can wrap: a deposit is below 2^172, and a model never has more in all
    value: uint256 = unsafe_mul(amount, PARTS)
    self.balanceOf[msg.sender] = unsafe_add(self.balanceOf[msg.sender], value)
    self.totalSupply = unsafe_add(self.totalSupply, value)
    reasons._require(
        extcall IERC20(MODEL).transferFrom(msg.sender, self, amount), reasons.DEPOSIT_REFUSED
    )
    log Transfer(sender=empty(address), receiver=msg.sender, value=value)


@internal
def _approve(owner: address, spender: address, amount: uint256):
    self.allowance[owner][spender] = amount
    log Approval(owner=owner, spender=spender, value=amount)


@internal
def _move(sender: address, receiver: address, amount: uint256):
    # neither this contract nor the model could ever give them back
    reasons._require(
        receiver != empty(address) and receiver != self and receiver != MODEL,
        reasons.TOKEN_RECEIVER,
    )
    held: uint256 = self.balanceOf[sender]
    reasons._require(held >= amount, reasons.TOKEN_BALANCE)
    self.balanceOf[sender] = unsafe_sub(held, amount)
    # cannot wrap: all balances together are the supply
    self.balanceOf[receiver] = unsafe_add(self.balanceOf[receiver], amount)
    log Transfer(sender=sender, receiver=receiver, value=amount)


@internal
@view
def _domain() -> bytes32:
    return keccak256(
        abi_encode(
            signatures.DOMAIN_TYPE,
            keccak256(NAME),
            keccak256(signatures.VERSION),
            chain.id,
            self,
        )
    )
