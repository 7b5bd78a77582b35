"""The programs of `functions` on NumPy float32 arrays: the reference."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
BIAS = 127
MANTISSA_BITS = 23


class NumpyLanes:
    """`functions.Lanes` for NumPy: every operation rounds once to float32."""

    def number(self, value: float) -> Array:
        """Return `value` as float32."""
        return np.asarray(value, dtype=np.float32)

    def add(self, a: Array, b: Array) -> Array:
        """Return a + b."""
        return np.add(a, b)

    def sub(self, a: Array, b: Array) -> Array:
        """Return a - b."""
        return np.subtract(a, b)

    def mul(self, a: Array, b: Array) -> Array:
        """Return a * b."""
        return np.multiply(a, b)

    def div(self, a: Array, b: Array) -> Array:
        """Return a / b."""
        return np.divide(a, b)

    def max(self, a: Array, b: Array) -> Array:
        """Return a < b ? b : a."""
        return np.where(a < b, b, a)

    def min(self, a: Array, b: Array) -> Array:
        """Return b < a ? b : a."""
        return np.where(b < a, b, a)

    def neg(self, a: Array) -> Array:
        """Return -a."""
        return np.negative(a)

    def abs(self, a: Array) -> Array:
        """Return |a|."""
        return np.abs(a)

    def nearest(self, a: Array) -> Array:
        """Return a rounded to an integer, ties to even."""
        return np.rint(a)

    def less(self, a: Array, b: Array) -> Array:
        """Return the mask a < b."""
        return np.less(a, b)

    def equal(self, a: Array, b: Array) -> Array:
        """Return the mask a == b."""
        return np.equal(a, b)

    def where(self, mask: Array, a: Array, b: Array) -> Array:
        """Return mask ? a : b."""
        return np.where(mask, a, b)

    def power_of_two(self, n: Array, shift: int) -> Array:
        """Return 2^(floor(n / 2^shift))."""
        return _from_exponent(_integers(n) >> shift)

    def power_of_two_rest(self, n: Array) -> Array:
        """Return 2^(n - floor(n / 2))."""
        whole = _integers(n)
        return _from_exponent(whole - (whole >> 1))

    def mantissa(self, a: Array) -> Array:
        """Return a's mantissa scaled to [0.5, 1)."""
        bits = np.asarray(a, dtype=np.float32).view(np.int32)
        return np.asarray((bits & 0x007FFFFF) | 0x3F000000, dtype=np.int32).view(np.float32)

    def exponent(self, a: Array) -> Array:
        """Return e with a = mantissa(a) * 2^e."""
        bits = np.asarray(a, dtype=np.float32).view(np.int32)
        return np.asarray((bits >> MANTISSA_BITS) - (BIAS - 1), dtype=np.float32)


def _integers(n: Array) -> Array:
    return np.where(np.isnan(n), np.float32(0), n).astype(np.int32)


def _from_exponent(n: Array) -> Array:
    return np.asarray((n + BIAS) << MANTISSA_BITS, dtype=np.int32).view(np.float32)
