#pragma version ==0.4.3
#pragma nonreentrancy on
"""
@title Inference: paying the reserve
@notice The quotes of both directions, and the payment. Which node serves a request is not the
    contract's business: the request is a digest that only the payer's inputs can produce.
"""

uses: terms
uses: token
uses: signatures

import curve
import reasons
import signatures
import terms
import token

INFER_TYPE: constant(bytes32) = keccak256(
    "Infer(address owner,uint256 units,uint256 max_price,bytes32 request,uint256 nonce,uint256 deadline)"
)

event Inferred:
    payer: indexed(address)
    request: indexed(bytes32)
    units: uint256
    price: uint256


@external
def infer(units: uint256, max_price: uint256, request: bytes32) -> uint256:
    """
    @notice Pay for inferences, in the model's token, into its reserve.
    @param units How many, 1 to horizon * inferences_per_update
    @param max_price Refuse if the price is higher, in wei
    @param request The digest of what is asked
    @return The price paid, in wei
    """
    return self._infer(msg.sender, units, max_price, request)


@external
def infer_with_signature(
    owner: address,
    units: uint256,
    max_price: uint256,
    request: bytes32,
    deadline: uint256,
    signature: Bytes[1024],
) -> uint256:
    """
    @notice Pay for another account's inferences out of its tokens, by its EIP-712 order `Infer`;
        anyone may bring it, once.
    @param owner Who signed, and pays: a key, or a contract by ERC-1271
    @param units How many, 1 to horizon * inferences_per_update
    @param max_price Refuse if the price is higher, in wei
    @param request The digest of what is asked
    @param deadline The last second in which the order counts
    @param signature r, s and v, 65 bytes, or what the contract wants to see
    @return The price paid, in wei
    """
    reasons._require(block.timestamp <= deadline, reasons.INFER_EXPIRED)
    nonce: uint256 = signatures._take_nonce(owner)
    digest: bytes32 = signatures._digest(
        keccak256(abi_encode(INFER_TYPE, owner, units, max_price, request, nonce, deadline))
    )
    approved: bool = signatures._approved(owner, digest, signature)
    reasons._require(approved, reasons.INFER_SIGNATURE)
    return self._infer(owner, units, max_price, request)


@external
@view
@reentrant
def reserve() -> uint256:
    """
    @notice R: the tokens the contract itself holds, all that is left to earn.
    @return Wei
    """
    return token._balance(self)


@external
@view
@reentrant
def reward_for(updates: uint256) -> uint256:
    """
    @notice What a claim would be paid if it settled now.
    @param updates How many; any number
    @return Wei, rounded down
    """
    return curve._reward(token._balance(self), updates, terms.HORIZON)


@external
@view
@reentrant
def price_for(units: uint256) -> uint256:
    """
    @notice What inferences cost now.
    @param units How many, 1 to horizon * inferences_per_update
    @return Wei, rounded up, at least 1
    """
    return self._price(units, reasons.PRICE_FOR_UNITS)


@internal
def _infer(payer: address, units: uint256, max_price: uint256, request: bytes32) -> uint256:
    price: uint256 = self._price(units, reasons.INFER_UNITS)
    reasons._require(price <= max_price, reasons.INFER_MAX_PRICE)
    token._move(payer, self, price)
    log Inferred(payer=payer, request=request, units=units, price=price)
    return price


@internal
@view
def _price(units: uint256, reason: uint256) -> uint256:
    """
    @notice What inferences cost now.
    @param units How many
    @param reason The reason to refuse if one call may not ask for so many
    @return Wei, rounded up, at least 1
    """
    # the product cannot wrap: 2^48 * 2^40; the difference does for 0 units
    most: uint256 = unsafe_mul(terms.HORIZON, terms.INFERENCES_PER_UPDATE)
    reasons._require(unsafe_sub(units, 1) < most, reason)
    return curve._price(
        token._balance(self), units, terms.HORIZON, terms.INFERENCES_PER_UPDATE
    )
