#pragma version ==0.4.3
#pragma nonreentrancy on
"""
@title Inference: paying the reserve
@notice The quotes of both directions, and the payment. Which node serves a request is not the
    contract's business: the request is a digest that only the payer's inputs can produce.
"""

uses: terms
uses: token

import curve
import terms
import token

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
    assert self._are_units(units), "infer: units"
    price: uint256 = self._price(units)
    assert price <= max_price, "infer: max_price"
    token._move(msg.sender, self, price)
    log Inferred(payer=msg.sender, request=request, units=units, price=price)
    return price


@external
@view
def reserve() -> uint256:
    """
    @notice R: the tokens the contract itself holds, all that is left to earn.
    @return Wei
    """
    return token.balances[self]


@external
@view
def reward_for(updates: uint256) -> uint256:
    """
    @notice What a claim would be paid if it settled now.
    @param updates How many; any number
    @return Wei, rounded down
    """
    return curve._reward(token.balances[self], updates, terms.HORIZON)


@external
@view
def price_for(units: uint256) -> uint256:
    """
    @notice What inferences cost now.
    @param units How many, 1 to horizon * inferences_per_update
    @return Wei, rounded up, at least 1
    """
    assert self._are_units(units), "price_for: units"
    return self._price(units)


@internal
@view
def _are_units(units: uint256) -> bool:
    # cannot wrap: 2^48 * 2^40
    return units != 0 and units <= unsafe_mul(terms.HORIZON, terms.INFERENCES_PER_UPDATE)


@internal
@view
def _price(units: uint256) -> uint256:
    return curve._price(
        token.balances[self], units, terms.HORIZON, terms.INFERENCES_PER_UPDATE
    )
