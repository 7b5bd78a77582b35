"""exp, log, tanh and erf as fixed programs of + - * / compare select shift: one result everywhere.

Each program is written once, against `Lanes`; NumPy runs it as the reference and the compiler runs
it to emit Wasm. Only integers are ever reinterpreted as floats or, for `log`, floats that are
known not to be NaN: no NaN's bits are exposed. Coefficients: Cephes (expf, logf, tanhf),
N. Juffa (erff).
"""

from typing import Protocol, TypeVar

T = TypeVar("T")

LOG2_E = 1.44269504088896341
LN2_HIGH, LN2_LOW = 0.693359375, -2.12194440e-4
SQRT_HALF = 0.707106781186547524
SMALLEST_NORMAL = 2.0**-126
EXPONENTIAL = (
    1.9875691500e-4,
    1.3981999507e-3,
    8.3334519073e-3,
    4.1665795894e-2,
    1.6666665459e-1,
    5.0000001201e-1,
)


class Lanes(Protocol[T]):
    """What a program may do, on float32 lanes `T`."""

    def number(self, value: float) -> T:
        """Return `value`, rounded to float32, in every lane."""

    def add(self, a: T, b: T) -> T:
        """Return a + b."""

    def sub(self, a: T, b: T) -> T:
        """Return a - b."""

    def mul(self, a: T, b: T) -> T:
        """Return a * b."""

    def div(self, a: T, b: T) -> T:
        """Return a / b."""

    def max(self, a: T, b: T) -> T:
        """Return a < b ? b : a."""

    def min(self, a: T, b: T) -> T:
        """Return b < a ? b : a."""

    def neg(self, a: T) -> T:
        """Return -a."""

    def abs(self, a: T) -> T:
        """Return |a|."""

    def nearest(self, a: T) -> T:
        """Return a rounded to an integer, ties to even."""

    def less(self, a: T, b: T) -> T:
        """Return the mask a < b."""

    def equal(self, a: T, b: T) -> T:
        """Return the mask a == b."""

    def where(self, mask: T, a: T, b: T) -> T:
        """Return mask ? a : b."""

    def power_of_two(self, n: T, shift: int) -> T:
        """Return 2^floor(n / 2^shift), n integral, the result normal (a NaN n counts as 0)."""

    def power_of_two_rest(self, n: T) -> T:
        """Return 2^(n - floor(n / 2)): `power_of_two(n, 1)` times this is 2^n in two halves."""

    def mantissa(self, a: T) -> T:
        """Return a's mantissa scaled to [0.5, 1), for a normal, positive and not a NaN."""

    def exponent(self, a: T) -> T:
        """Return e with a = mantissa(a) * 2^e, as float32, for such an a."""


def polynomial(o: Lanes[T], x: T, *coefficients: float) -> T:
    """Horner's rule, the highest power first."""
    result = o.number(coefficients[0])
    for coefficient in coefficients[1:]:
        result = o.add(o.mul(result, x), o.number(coefficient))
    return result


def exp(o: Lanes[T], x: T) -> T:
    """Return e^x, down to subnormals and up to infinity: at most 1 ulp in the normal range."""
    none = o.less(x, o.number(-104.0))  # 0, without an underflow, which is slow: masked scores
    x = o.min(o.where(none, o.number(0.0), x), o.number(89.0))  # a NaN x stays one
    n = o.nearest(o.mul(x, o.number(LOG2_E)))
    r = o.sub(o.sub(x, o.mul(n, o.number(LN2_HIGH))), o.mul(n, o.number(LN2_LOW)))
    return o.where(none, o.number(0.0), scaled_exp(o, r, n))


def scaled_exp(o: Lanes[T], r: T, n: T) -> T:
    """Return e^r 2^n for |r| up to ln 2 / 2 and n integral."""
    p = polynomial(o, r, *EXPONENTIAL)
    p = o.add(o.add(o.mul(p, o.mul(r, r)), r), o.number(1.0))
    return o.mul(o.mul(p, o.power_of_two(n, 1)), o.power_of_two_rest(n))


def log(o: Lanes[T], x: T) -> T:
    """Return ln x; -infinity at 0, NaN below: at most 1 ulp away from 1, subnormals included."""
    tiny = o.less(x, o.number(SMALLEST_NORMAL))
    scaled = o.where(tiny, o.mul(x, o.number(2.0**23)), x)
    legal = o.less(o.number(0.0), scaled)  # false for NaN, zero and below
    safe = o.where(legal, scaled, o.number(1.0))
    m, e = o.mantissa(safe), o.exponent(safe)
    low = o.less(m, o.number(SQRT_HALF))
    e = o.where(low, o.sub(e, o.number(1.0)), e)
    f = o.sub(o.where(low, o.add(m, m), m), o.number(1.0))
    e = o.where(tiny, o.sub(e, o.number(23.0)), e)
    z = o.mul(f, f)
    p = polynomial(
        o,
        f,
        7.0376836292e-2,
        -1.1514610310e-1,
        1.1676998740e-1,
        -1.2420140846e-1,
        1.4249322787e-1,
        -1.6668057665e-1,
        2.0000714765e-1,
        -2.4999993993e-1,
        3.3333331174e-1,
    )
    y = o.mul(o.mul(f, z), p)
    y = o.add(y, o.mul(e, o.number(LN2_LOW)))
    y = o.sub(y, o.mul(o.number(0.5), z))
    y = o.add(o.add(f, y), o.mul(e, o.number(LN2_HIGH)))
    infinite = o.equal(x, o.number(float("inf")))
    y = o.where(infinite, x, y)
    bad = o.where(
        o.equal(x, o.number(0.0)), o.number(float("-inf")), o.div(o.sub(x, x), o.sub(x, x))
    )
    return o.where(legal, y, bad)


def tanh(o: Lanes[T], x: T) -> T:
    """Return tanh x: an odd polynomial below 0.625, else 1 - 2 / (e^(2|x|) + 1) with x's sign."""
    a = o.abs(x)
    big = o.sub(o.number(1.0), o.div(o.number(2.0), o.add(exp(o, o.add(a, a)), o.number(1.0))))
    big = o.where(o.less(x, o.number(0.0)), o.neg(big), big)
    z = o.mul(x, x)
    p = polynomial(
        o,
        z,
        -5.70498872745e-3,
        2.06390887954e-2,
        -5.37397155531e-2,
        1.33314422036e-1,
        -3.33332819422e-1,
    )
    small = o.add(x, o.mul(o.mul(x, z), p))
    return o.where(o.less(a, o.number(0.625)), small, big)


def erf(o: Lanes[T], x: T) -> T:
    """Return erf x: an odd polynomial up to 0.927734375, else 1 - e^q(|x|) with x's sign."""
    a = o.min(o.abs(x), o.number(4.0))  # erf 4 is 1 in float32; a NaN x stays one
    q = polynomial(
        o,
        a,
        -1.72853470e-5,
        3.83197126e-4,
        -3.88396438e-3,
        2.42546219e-2,
        -1.06777877e-1,
        -6.34846687e-1,
        -1.28717512e-1,
    )
    big = o.sub(o.number(1.0), exp(o, o.sub(o.mul(q, a), a)))
    big = o.where(o.less(x, o.number(0.0)), o.neg(big), big)
    p = polynomial(
        o,
        o.mul(a, a),
        -5.96761703e-4,
        4.99119423e-3,
        -2.67681349e-2,
        1.12819925e-1,
        -3.76125336e-1,
        1.28379166e-1,
    )
    small = o.add(o.mul(p, x), x)
    return o.where(o.less(o.number(0.927734375), a), big, small)
