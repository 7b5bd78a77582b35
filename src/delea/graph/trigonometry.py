"""sin and cos as fixed programs, like those of `functions`: the same bits everywhere.

x is reduced by n = nearest(2 x / pi) times pi / 2, which is kept as five numbers; for |x| up to
10,000 each of the first four products with n is exact, and the result is within 2 ulp. Beyond that
the error grows with |x|, the result stays within [-1, 1]; of an infinity it is NaN.
"""

from delea.graph.functions import Lanes, T, polynomial

TWO_OVER_PI = 0.63661977236758134
HALF_PI = (
    1.5703125,  # 11 bits, as the next three: n up to 8,192 times each of them is exact
    4.837512969970703e-4,
    7.549533620476723e-8,
    2.563282919254561e-12,
    6.123233995736766e-17,
)
SINE = (-1.9515295891e-4, 8.3321608736e-3, -1.6666654611e-1)
COSINE = (2.443315711809948e-5, -1.388731625493765e-3, 4.166664568298827e-2)


def sin(o: Lanes[T], x: T) -> T:
    """Return sin x."""
    n, r = _reduce(o, x)
    quarter = _quarter(o, n)
    odd = o.equal(o.abs(quarter), o.number(1.0))
    y = o.where(odd, _cosine(o, r), _sine(o, r))
    turned = o.where(odd, quarter, o.sub(o.number(1.0), o.abs(quarter)))
    return o.where(o.less(turned, o.number(0.0)), o.neg(y), y)


def cos(o: Lanes[T], x: T) -> T:
    """Return cos x."""
    n, r = _reduce(o, x)
    quarter = _quarter(o, n)
    odd = o.equal(o.abs(quarter), o.number(1.0))
    y = o.where(odd, _sine(o, r), _cosine(o, r))
    turned = o.where(odd, o.neg(quarter), o.sub(o.number(1.0), o.abs(quarter)))
    return o.where(o.less(turned, o.number(0.0)), o.neg(y), y)


def _reduce(o: Lanes[T], x: T) -> tuple[T, T]:
    """Return n and x - n pi / 2; what two subtractions round away is taken up at the end."""
    n = o.nearest(o.mul(x, o.number(TWO_OVER_PI)))
    first, second, third, fourth, fifth = (o.mul(n, o.number(part)) for part in HALF_PI)
    high = o.sub(o.sub(x, first), second)
    high, lost = _difference(o, high, third)
    high, more = _difference(o, high, fourth)
    r = o.add(high, o.sub(o.add(lost, more), fifth))
    r = o.where(o.equal(n, o.number(0.0)), x, r)
    return n, o.min(o.max(r, o.number(-1.0)), o.number(1.0))


def _difference(o: Lanes[T], a: T, b: T) -> tuple[T, T]:
    """Return a - b rounded, and what that lost."""
    high = o.sub(a, b)
    return high, o.sub(o.sub(a, high), b)


def _quarter(o: Lanes[T], n: T) -> T:
    """Return n modulo 4 as one of -2, -1, 0, 1, 2."""
    return o.sub(n, o.mul(o.number(4.0), o.nearest(o.mul(n, o.number(0.25)))))


def _sine(o: Lanes[T], r: T) -> T:
    z = o.mul(r, r)
    return o.add(r, o.mul(o.mul(r, z), polynomial(o, z, *SINE)))


def _cosine(o: Lanes[T], r: T) -> T:
    z = o.mul(r, r)
    half = o.sub(o.number(1.0), o.mul(o.number(0.5), z))
    return o.add(half, o.mul(o.mul(z, z), polynomial(o, z, *COSINE)))
