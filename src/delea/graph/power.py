"""pow as a fixed program: e^(y ln x) with ln x and its product with y kept as two numbers each.

A pair (high, low) stands for high + low, about 48 bits. At most 2 ulp in the normal range.
Special values are IEEE 754's, but that -0 counts as 0.
"""

from delea.graph.functions import (
    LN2_HIGH,
    LN2_LOW,
    LOG2_E,
    SMALLEST_NORMAL,
    SQRT_HALF,
    Lanes,
    T,
    polynomial,
    scaled_exp,
)

SPLITTER = 4097.0
LARGEST_EXPONENT = 2.0**40
"""Beyond it every power but that of 1 is 0 or infinite."""

THIRD_HIGH, THIRD_LOW = 0.3333333432674408, -9.934107e-9
ARTANH = (1 / 11, 1 / 9, 1 / 7, 1 / 5)


def power(o: Lanes[T], x: T, y: T) -> T:
    """Return x^y; NaN for a negative x and a y that is no integer; 1 if x is 1 or y is 0."""
    zero, one = o.number(0.0), o.number(1.0)
    size = o.abs(x)
    infinite = o.number(float("inf"))
    # an infinity and a NaN count as 1 here and are put right below
    safe = o.where(o.less(zero, size), o.where(o.less(size, infinite), size, one), one)
    result = _positive(o, safe, y)
    outward = o.where(o.equal(size, zero), o.neg(y), y)
    end = o.where(o.less(zero, outward), infinite, zero)
    result = o.where(o.equal(size, zero), end, o.where(o.equal(size, infinite), end, result))
    half = o.mul(y, o.number(0.5))
    even = o.equal(o.nearest(half), half)
    signed = o.where(even, result, o.neg(result))
    no_number = o.div(o.sub(safe, safe), o.sub(safe, safe))
    fraction = o.where(o.less(size, infinite), no_number, result)
    signed = o.where(o.equal(o.nearest(y), y), signed, fraction)
    result = o.where(o.less(x, zero), signed, result)
    result = o.where(o.equal(x, x), o.where(o.equal(y, y), result, y), x)
    return o.where(o.equal(x, one), one, o.where(o.equal(y, zero), one, result))


def _positive(o: Lanes[T], x: T, y: T) -> T:
    """Return x^y for a positive, finite x."""
    y = o.min(o.max(y, o.number(-LARGEST_EXPONENT)), o.number(LARGEST_EXPONENT))
    high, low = _log(o, x)
    product, rest = _times(o, y, high)
    rest = o.add(rest, o.mul(y, low))
    beyond = o.less(o.number(104.0), o.abs(product))
    rest = o.where(beyond, o.number(0.0), rest)
    product = o.min(o.max(product, o.number(-104.0)), o.number(89.0))
    n = o.nearest(o.mul(product, o.number(LOG2_E)))
    r = o.sub(o.sub(product, o.mul(n, o.number(LN2_HIGH))), o.mul(n, o.number(LN2_LOW)))
    return scaled_exp(o, o.add(r, rest), n)


def _log(o: Lanes[T], x: T) -> tuple[T, T]:
    """Return ln x as a pair: 2 artanh((m - 1) / (m + 1)) + e ln 2 with x = m 2^e."""
    tiny = o.less(x, o.number(SMALLEST_NORMAL))
    scaled = o.where(tiny, o.mul(x, o.number(2.0**23)), x)
    m, e = o.mantissa(scaled), o.exponent(scaled)
    low = o.less(m, o.number(SQRT_HALF))
    e = o.where(low, o.sub(e, o.number(1.0)), e)
    m = o.where(low, o.add(m, m), m)
    e = o.where(tiny, o.sub(e, o.number(23.0)), e)
    high, rest = _artanh(o, m)
    whole = o.mul(e, o.number(LN2_HIGH))
    total, lost = _sum(o, whole, o.add(high, high))
    return _sum(o, total, o.add(o.add(lost, o.add(rest, rest)), o.mul(e, o.number(LN2_LOW))))


def _artanh(o: Lanes[T], m: T) -> tuple[T, T]:
    """Return artanh s = s + s^3 (1/3 + s^2/5 + ...) for s = (m - 1) / (m + 1), as a pair."""
    one = o.number(1.0)
    above, below = o.sub(m, one), o.add(m, one)
    below_low = o.sub(m, o.sub(below, one))
    s = o.div(above, below)
    product, lost = _times(o, s, below)
    left = o.sub(o.sub(o.sub(above, product), lost), o.mul(s, below_low))
    s_low = o.div(left, below)
    z, z_low = _times(o, s, s)
    z_low = o.add(z_low, o.mul(o.add(s, s), s_low))
    q = o.mul(z, polynomial(o, z, *ARTANH))
    t, t_low = _sum(o, o.number(THIRD_HIGH), q)
    t_low = o.add(t_low, o.number(THIRD_LOW))
    u, u_low = _times(o, z, t)
    u_low = o.add(u_low, o.add(o.mul(z, t_low), o.mul(z_low, t)))
    v, v_low = _times(o, s, u)
    v_low = o.add(v_low, o.add(o.mul(s, u_low), o.mul(s_low, u)))
    high, rest = _sum(o, s, v)
    return high, o.add(rest, o.add(s_low, v_low))


def _sum(o: Lanes[T], a: T, b: T) -> tuple[T, T]:
    """Return a + b as a pair, exactly, for |a| >= |b| or a = 0."""
    total = o.add(a, b)
    return total, o.sub(b, o.sub(total, a))


def _times(o: Lanes[T], a: T, b: T) -> tuple[T, T]:
    """Return a b as a pair, exactly, by Veltkamp's splitting and Dekker's product."""
    product = o.mul(a, b)
    a_high, a_low = _split(o, a)
    b_high, b_low = _split(o, b)
    lost = o.sub(o.mul(a_high, b_high), product)
    lost = o.add(o.add(lost, o.mul(a_high, b_low)), o.mul(a_low, b_high))
    return product, o.add(lost, o.mul(a_low, b_low))


def _split(o: Lanes[T], a: T) -> tuple[T, T]:
    wide = o.mul(a, o.number(SPLITTER))
    high = o.sub(wide, o.sub(wide, a))
    return high, o.sub(a, high)
