#pragma version ==0.4.3
"""
@title The emission curve
@notice reward(n) = R (1 - e^(-n/horizon)) and its inverse price(q) = R (e^(q/(horizon ipu)) - 1).
@dev Integers only, fractions in Q128. The reward is never above its real value and the price
    never below; both are within 1 wei + 2^-96 R of it. `delea.curve` holds the same integers.
    The unsafe operations cannot wrap: every bound is stated in SPEC.md, "The curve". There is
    no state here, hence no lock.
"""

ONE: constant(uint256) = 1 << 128
LN2: constant(uint256) = 235865763225513294137944142764154484399  # down: floor(ln 2 * 2^128)
FLAT: constant(uint256) = 80  # from 80 horizons on, 1 - e^-x is within 2^-115 of 1
FLAT_GAP: constant(uint256) = 115
RELATIVE: constant(uint256) = 100  # the margin is 2^-100 of the result
ABSOLUTE: constant(uint256) = 64  # plus 64 units of 2^-128


@internal
@pure
def _expm1(x: uint256) -> uint256:
    """
    @notice Split e^x as (1 + g) 2^n with g in [0, 1).
    @param x The exponent, Q128, below 80
    @return g in Q128, and n in the 8 bits below it
    """
    one: uint256 = ONE  # in memory: ONE itself takes 18 bytes of code at each mention
    n: uint256 = unsafe_div(x, LN2)  # down
    r: uint256 = unsafe_sub(x, unsafe_mul(n, LN2)) >> 4  # down: r < ln 2 / 16
    acc: uint256 = one
    for i: uint256 in range(16):
        # down: Horner on r (1 + r/2 (1 + r/3 (... (1 + r/17))))
        acc = unsafe_add(one, unsafe_div(unsafe_mul(r, acc) >> 128, unsafe_sub(17, i)))
    g: uint256 = unsafe_mul(r, acc) >> 128  # down
    for i: uint256 in range(4):
        g = unsafe_add(unsafe_mul(2, g), unsafe_mul(g, g) >> 128)  # down: (1+g)^2 = 1 + 2g + g^2
    return g << 8 | n


@internal
@pure
def _reward(reserve: uint256, updates: uint256, horizon: uint256) -> uint256:
    """
    @notice What `updates` updates earn from a reserve.
    @param reserve R in wei, below 2^112
    @param updates How many; any number
    @param horizon In updates, 1 to 2^48
    @return Wei, rounded down
    """
    if updates >= unsafe_mul(FLAT, horizon):
        return unsafe_mul(reserve, unsafe_sub(ONE, ONE >> FLAT_GAP)) >> 128  # down
    x: uint256 = unsafe_div(updates << 128, horizon)  # down
    parts: uint256 = self._expm1(x)
    # 1 - e^-x = 1 - 2^-n / (1+g); no cancellation: the numerator is g itself while n is 0
    one: uint256 = ONE
    power: uint256 = unsafe_add(one, parts >> 8)
    ratio: uint256 = unsafe_div(unsafe_sub(power, one >> (parts & 255)) << 127, power) << 1  # down
    margin: uint256 = unsafe_add(ratio >> RELATIVE, ABSOLUTE)
    bound: uint256 = unsafe_sub(max(ratio, margin), margin)  # a lower bound of it
    return unsafe_mul(reserve, bound) >> 128  # down


@internal
@pure
def _price(reserve: uint256, units: uint256, horizon: uint256, per_update: uint256) -> uint256:
    """
    @notice What `units` inferences cost at a reserve.
    @param reserve R in wei, below 2^112
    @param units How many, at most horizon * per_update
    @param horizon In updates, 1 to 2^48
    @param per_update Inferences that the tokens of one update buy, 1 to 2^40
    @return Wei, rounded up, at least 1
    """
    whole: uint256 = unsafe_mul(horizon, per_update)
    x: uint256 = unsafe_div(unsafe_add(units << 128, unsafe_sub(whole, 1)), whole)  # up
    parts: uint256 = self._expm1(x)
    one: uint256 = ONE
    value: uint256 = unsafe_sub(unsafe_add(one, parts >> 8) << (parts & 255), one)
    value = unsafe_add(unsafe_add(value, value >> RELATIVE), ABSOLUTE)  # up, by more than the error
    exact: uint256 = unsafe_mul(reserve, value)
    return max(1, unsafe_add(exact, unsafe_sub(one, 1)) >> 128)  # up
