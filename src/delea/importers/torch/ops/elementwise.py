"""PyTorch's operations on one element at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from delea import nn
from delea.errors import GraphError
from delea.graph import MASK
from delea.importers.torch.ops.values import Value, convert, is_whole, kind_of, mix, operation, real
from delea.nn.tensor import Tensor, apply

if TYPE_CHECKING:
    from collections.abc import Callable


def add(x: Value, y: Value, *, alpha: float = 1) -> Tensor:
    """Return x + alpha y."""
    return operation("add")(x, y if alpha == 1 else mul(y, alpha))


def sub(x: Value, y: Value, *, alpha: float = 1) -> Tensor:
    """Return x - alpha y."""
    return operation("sub")(x, y if alpha == 1 else mul(y, alpha))


def rsub(x: Value, y: Value, *, alpha: float = 1) -> Tensor:
    """Return y - alpha x."""
    return sub(y, x, alpha=alpha)


def mul(x: Value, y: Value) -> Tensor:
    """Return x y."""
    return operation("mul")(x, y)


def div(x: Value, y: Value, *, rounding_mode: str | None = None) -> Tensor:
    """Return x / y, a real number."""
    if rounding_mode is not None:
        raise GraphError(f"a division without rounding expected, got {rounding_mode}")
    return real(x) / real(y)


def power(x: Value, y: Value) -> Tensor:
    """Return x^y."""
    base = x if isinstance(x, float | int) else real(x)
    result = nn.pow(base, y if isinstance(y, float | int) else real(y))
    return result.int() if is_whole(x) and is_whole(y) else result


def clamp(x: Tensor, least: Value | None = None, most: Value | None = None) -> Tensor:
    """Return x within [least, most]; the gradient passes where x is within, ends included."""
    value = real(x)
    if least is not None:
        value = nn.where(value < real(least), real(least), value)
    if most is not None:
        value = nn.where(real(most) < value, real(most), value)
    return convert(value, x.dtype)


def hardtanh(x: Tensor, least: float = -1.0, most: float = 1.0) -> Tensor:
    """Return x within [least, most]; the gradient passes strictly between."""
    return nn.where(x <= least, least, nn.where(x >= most, most, x))


def relu(x: Tensor) -> Tensor:
    """Return max(x, 0)."""
    return convert(nn.relu(real(x)), x.dtype)


def elu(x: Tensor, alpha: float = 1.0, scale: float = 1.0, input_scale: float = 1.0) -> Tensor:
    """Return scale (x > 0 ? x : alpha (e^(input_scale x) - 1))."""
    low = (nn.exp(nn.minimum(x * input_scale, 0.0)) - 1.0) * alpha
    result = nn.where(nn.less(0.0, x), x, low)
    return result if scale == 1.0 else result * scale


def leaky_relu(x: Tensor, slope: float = 0.01) -> Tensor:
    """Return x > 0 ? x : slope x."""
    return nn.leaky_relu(x, slope)


def gelu(x: Tensor, *, approximate: str = "none") -> Tensor:
    """Return GELU."""
    return nn.gelu(x, approximate)


def softplus(x: Tensor, beta: float = 1.0, threshold: float = 20.0) -> Tensor:
    """Return ln(1 + e^(beta x)) / beta; beyond the threshold this is x to the last bit but one."""
    if threshold < 17:
        raise GraphError(f"softplus with a threshold of at least 17 expected, got {threshold}")
    return nn.softplus(x) if beta == 1.0 else nn.softplus(x * beta) * (1.0 / beta)


def where(mask: Tensor, x: Value, y: Value) -> Tensor:
    """Return x where the mask holds, else y."""
    return mix(lambda a, b: nn.where(mask, a, b), x, y)


def masked_fill(x: Tensor, mask: Tensor, value: Value) -> Tensor:
    """Return the value where the mask holds, else x."""
    return convert(nn.where(mask, real(value), real(x)), x.dtype)


def cast(x: Tensor, dtype: str | None = None, **_: Any) -> Tensor:
    """Return x as another element type; whole numbers are cut, not rounded."""
    return x if dtype is None else convert(x, kind_of(dtype))


def same(x: Tensor, **_: Any) -> Tensor:
    """Return x: what only concerns memory is nothing here."""
    return x


def nothing(*_: Any, **__: Any) -> None:
    """Return nothing: a check that PyTorch made of its own types."""


def sign(x: Tensor) -> Tensor:
    """Return 1, -1, or 0 for 0."""
    return nn.where(x > 0.0, 1.0, nn.where(x < 0.0, -1.0, x * 0.0))


def _real(function: Callable[[Tensor], Tensor]) -> Callable[[Value], Tensor]:
    return lambda x: function(real(x))


def _compare(function: Callable[[Tensor, Tensor], Tensor]) -> Callable[[Value, Value], Tensor]:
    return lambda x, y: function(real(x), real(y))


def _logical(function: Callable[[Tensor, Tensor], Tensor]) -> Callable[[Value, Value], Tensor]:
    return lambda x, y: function(convert(x, MASK), convert(y, MASK))


def _logical_not(x: Tensor) -> Tensor:
    return nn.logical_not(convert(x, MASK))


def _neg(x: Tensor) -> Tensor:
    return convert(-real(x), x.dtype)


def _bitwise_not(x: Tensor) -> Tensor:
    if x.dtype != MASK:
        raise GraphError(f"a mask expected, got {x.dtype}")
    return nn.logical_not(x)


def _extreme(op: str) -> Callable[[Value, Value], Tensor]:
    return lambda x, y: mix(lambda a, b: apply(op, a, b), x, y)


_UNARY: dict[str, Callable[[Value], Tensor]] = {
    "exp": _real(nn.exp),
    "log": _real(nn.log),
    "sqrt": _real(nn.sqrt),
    "rsqrt": _real(nn.rsqrt),
    "sin": _real(nn.sin),
    "cos": _real(nn.cos),
    "tanh": _real(nn.tanh),
    "sigmoid": _real(nn.sigmoid),
    "silu": _real(nn.silu),
    "erf": _real(nn.erf),
    "reciprocal": _real(lambda x: 1.0 / x),
    "expm1": _real(lambda x: nn.exp(x) - 1.0),
    "log1p": _real(lambda x: nn.log(x + 1.0)),
    "log2": _real(lambda x: nn.log(x) * 1.4426950408889634),
    "log10": _real(lambda x: nn.log(x) * 0.4342944819032518),
    "tan": _real(lambda x: nn.sin(x) / nn.cos(x)),
    "sign": _real(sign),
    "abs": _real(nn.abs),
}
_BINARY: dict[str, Callable[..., Tensor]] = {
    "add": add,
    "sub": sub,
    "mul": mul,
    "div": div,
    "rsub": rsub,
    "eq": _compare(nn.equal),
    "ne": _compare(nn.not_equal),
    "lt": _compare(nn.less),
    "le": _compare(nn.less_equal),
    "gt": _compare(nn.greater),
    "ge": _compare(nn.greater_equal),
    "logical_and": _logical(nn.logical_and),
    "logical_or": _logical(nn.logical_or),
    "bitwise_and": _logical(nn.logical_and),
    "bitwise_or": _logical(nn.logical_or),
}

ELEMENTWISE: dict[str, Callable[..., Any]] = {
    **{f"aten.{name}.default": function for name, function in _UNARY.items()},
    **{
        f"aten.{name}.{overload}": function
        for name, function in _BINARY.items()
        for overload in ("Tensor", "Scalar")
    },
    "aten.logical_and.default": _BINARY["logical_and"],
    "aten.logical_or.default": _BINARY["logical_or"],
    "aten.logical_not.default": _logical_not,
    "aten.bitwise_not.default": _bitwise_not,
    "aten.neg.default": _neg,
    "aten.pow.Tensor_Scalar": power,
    "aten.pow.Tensor_Tensor": power,
    "aten.pow.Scalar": power,
    "aten.maximum.default": _extreme("max"),
    "aten.minimum.default": _extreme("min"),
    "aten.clamp.default": clamp,
    "aten.clamp.Tensor": clamp,
    "aten.hardtanh.default": hardtanh,
    "aten.relu.default": relu,
    "aten.elu.default": elu,
    "aten.leaky_relu.default": leaky_relu,
    "aten.gelu.default": gelu,
    "aten.softplus.default": softplus,
    "aten.where.self": where,
    "aten.masked_fill.Scalar": masked_fill,
    "aten.masked_fill.Tensor": masked_fill,
    "aten._to_copy.default": cast,
    "aten.to.dtype": cast,
    "aten.clone.default": same,
    "aten.alias.default": same,
    "aten.contiguous.default": same,
    "aten.lift_fresh_copy.default": same,
    "aten._assert_tensor_metadata.default": nothing,
}
