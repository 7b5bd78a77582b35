"""The emission curve in the contract's own integers: what training earns and what using costs.

    reward(n) = R (1 - e^(-n/horizon))
    price(q)  = R (e^(q/(horizon inferences_per_update)) - 1)

R is what the model's contract holds now, n the updates of one claim. Fractions are Q128. The reward
is never above its real value and the price never below; both are within 1 wei + 2^-96 R of it, and
equal `contracts/src/curve.vy` bit for bit.
"""

from collections.abc import Iterable
from typing import Final

from delea.errors import RefusedError
from delea.ids import Wei

MAX_RESERVE: Final = (1 << 112) - 1
MAX_HORIZON: Final = 1 << 48
MAX_INFERENCES_PER_UPDATE: Final = 1 << 40

_ONE: Final = 1 << 128
_LN2: Final = 235865763225513294137944142764154484399  # down: floor(ln 2 * 2^128)
_FLAT: Final = 80  # from 80 horizons on, 1 - e^-x is within 2^-115 of 1
_FLAT_GAP: Final = 115
_RELATIVE: Final = 100  # the margin is 2^-100 of the result
_ABSOLUTE: Final = 64  # plus 64 units of 2^-128


def reward(reserve: Wei, updates: int, horizon: int) -> Wei:
    """Return what a claim of `updates` updates earns from `reserve`, in wei, rounded down."""
    _check_curve(reserve, horizon)
    if updates < 0:
        raise RefusedError(f"updates must not be negative, got {updates}")
    if updates >= _FLAT * horizon:
        return Wei(reserve * (_ONE - (_ONE >> _FLAT_GAP)) >> 128)  # down
    exponent = (updates << 128) // horizon  # down
    return Wei(reserve * _one_minus_exp(exponent) >> 128)  # down


def price(reserve: Wei, units: int, horizon: int, inferences_per_update: int) -> Wei:
    """Return what `units` inferences cost at `reserve`, in wei, rounded up, at least 1."""
    _check_curve(reserve, horizon)
    if not 1 <= inferences_per_update <= MAX_INFERENCES_PER_UPDATE:
        raise RefusedError(f"inferences_per_update must be 1 to 2^40, got {inferences_per_update}")
    whole = horizon * inferences_per_update
    if not 1 <= units <= whole:
        raise RefusedError(f"units must be 1 to {whole}, got {units}")
    exponent = -((-units << 128) // whole)  # up
    fraction, doublings = _expm1(exponent)
    value = ((_ONE + fraction) << doublings) - _ONE
    value += (value >> _RELATIVE) + _ABSOLUTE  # up, by more than the error
    return Wei(max(1, -(-reserve * value >> 128)))  # up


def reserve_after(reserve: Wei, claims: Iterable[int], horizon: int) -> Wei:
    """Return what is left of `reserve` once claims of so many updates each have been paid."""
    for updates in claims:
        reserve = Wei(reserve - reward(reserve, updates, horizon))
    return reserve


def quote(reserve: Wei, pending: int, updates: int, horizon: int) -> Wei:
    """Return the forecast of `Model.quote_after`: the reward behind `pending` unsettled updates."""
    return reward(reserve_after(reserve, (pending,), horizon), updates, horizon)


def _check_curve(reserve: Wei, horizon: int) -> None:
    if not 0 <= reserve <= MAX_RESERVE:
        raise RefusedError(f"the reserve must be 0 to 2^112 - 1 wei, got {reserve}")
    if not 1 <= horizon <= MAX_HORIZON:
        raise RefusedError(f"the horizon must be 1 to 2^48 updates, got {horizon}")


def _expm1(exponent: int) -> tuple[int, int]:
    """Split e^exponent as (1 + g) 2^n with g in [0, 1); exponent and g are Q128."""
    doublings, rest = divmod(exponent, _LN2)  # down
    rest >>= 4  # down: below ln 2 / 16
    series = _ONE
    for divisor in range(17, 1, -1):
        series = _ONE + (rest * series >> 128) // divisor  # down
    fraction = rest * series >> 128  # down
    for _ in range(4):
        fraction = 2 * fraction + (fraction * fraction >> 128)  # down: (1+g)^2 = 1 + 2g + g^2
    return fraction, doublings


def _one_minus_exp(exponent: int) -> int:
    """Return a lower bound on 1 - e^-exponent; both are Q128, the exponent below 80."""
    fraction, doublings = _expm1(exponent)
    # 1 - 2^-n / (1+g); no cancellation: the numerator is g itself while n is 0
    numerator = _ONE + fraction - (_ONE >> doublings)
    ratio = (numerator << 127) // (_ONE + fraction) << 1  # down
    return max(0, ratio - (ratio >> _RELATIVE) - _ABSOLUTE)
