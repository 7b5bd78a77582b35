"""Functions of one element at a time: powers, roots, angles, comparisons and choices."""

from delea.graph import MASK
from delea.nn.tensor import Operand, Tensor, apply, less, less_equal, lift, not_equal, power, real


def exp(x: Operand) -> Tensor:
    """Return e^x, at most 1 ulp away."""
    return apply("exp", x)


def log(x: Operand) -> Tensor:
    """Return ln x, at most 1 ulp away."""
    return apply("log", x)


def sqrt(x: Operand) -> Tensor:
    """Return the square root, correctly rounded."""
    return apply("sqrt", x)


def rsqrt(x: Operand) -> Tensor:
    """Return 1 / sqrt x, each rounded once: at most 1.5 ulp away."""
    return 1.0 / apply("sqrt", x)


def sin(x: Operand) -> Tensor:
    """Return sin x, at most 2 ulp away for |x| up to 10,000, and within [-1, 1] beyond."""
    return apply("sin", x)


def cos(x: Operand) -> Tensor:
    """Return cos x, at most 2 ulp away for |x| up to 10,000, and within [-1, 1] beyond."""
    return apply("cos", x)


def erf(x: Operand) -> Tensor:
    """Return the error function of x, at most 2 ulp away."""
    return apply("erf", x)


def pow(base: Operand, exponent: Operand) -> Tensor:  # noqa: A001 - PyTorch's name
    """Return base^exponent, at most 2 ulp away; NaN for a negative base and a fraction."""
    return power(base, exponent)


def neg(x: Operand) -> Tensor:
    """Return -x."""
    return apply("neg", x)


def abs(x: Operand) -> Tensor:  # noqa: A001 - PyTorch's name
    """Return |x|; the gradient at 0 is 1."""
    return apply("abs", x)


def maximum(left: Operand, right: Operand) -> Tensor:
    """Return left < right ? right : left; of two equal ones the right gets the gradient."""
    return apply("max", left, right)


def minimum(left: Operand, right: Operand) -> Tensor:
    """Return right < left ? right : left; of two equal ones the right gets the gradient."""
    return apply("min", left, right)


def clip(x: Operand, least: float | None = None, most: float | None = None) -> Tensor:
    """Return x within [least, most]; the gradient passes where x is within, ends included."""
    value = lift(x)
    if least is not None:
        value = where(less(value, least), least, value)
    return value if most is None else where(less(most, value), most, value)


clamp = clip


def where(mask: Tensor, yes: Operand, no: Operand) -> Tensor:
    """Return yes where the mask holds, no elsewhere; numbers count as true unless 0."""
    held = mask if mask.dtype == MASK else not_equal(mask, 0.0)
    return apply("where", held, yes, no)


def greater(left: Operand, right: Operand) -> Tensor:
    """Return the mask left > right; false for a NaN."""
    return less(right, left)


def greater_equal(left: Operand, right: Operand) -> Tensor:
    """Return the mask left >= right; false for a NaN."""
    return less_equal(right, left)


def logical_not(mask: Operand) -> Tensor:
    """Return the mask that holds where `mask` does not."""
    return apply("equal", real(mask), 0.0)


def logical_and(left: Operand, right: Operand) -> Tensor:
    """Return the mask that holds where both do."""
    return apply("equal", real(left) + real(right), 2.0)


def logical_or(left: Operand, right: Operand) -> Tensor:
    """Return the mask that holds where either does."""
    return apply("less", 0.0, real(left) + real(right))
