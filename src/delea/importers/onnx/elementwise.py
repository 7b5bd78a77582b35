"""Operations on one element at a time."""

from __future__ import annotations

import operator
from functools import reduce
from typing import TYPE_CHECKING, Any

import numpy as np

from delea import nn
from delea.errors import GraphError
from delea.graph import F32, I32, MASK
from delea.importers.onnx.call import Call, Value, is_number
from delea.importers.onnx.tensors import DTYPES
from delea.nn import Tensor

if TYPE_CHECKING:
    from collections.abc import Callable

    from delea.importers.onnx.shapes import Rule
    from delea.nn.tensor import Operand

LEAST_SINGLE, MOST_SINGLE = -3.4028234663852886e38, 3.4028234663852886e38


def operand(call: Call, index: int) -> Operand:
    """Return an input as nn takes it: a known number as one, so that x^2 is a product."""
    value = call.value(index)
    return float(value) if is_number(value) else call.tensor(index)  # type: ignore[arg-type]


def _unary(function: Callable[[Tensor], Tensor]) -> Rule:
    def rule(call: Call) -> Value:
        value = call.tensor(0)
        return function(value.float()).int() if value.dtype == I32 else function(value)

    return rule


def _integral(call: Call) -> bool:
    """Return whether the operation is one on integers."""
    kinds = [value for value in call.inputs if value is not None]
    return all(
        value.dtype == I32 if isinstance(value, Tensor) else value.dtype.kind in "iu"
        for value in kinds
    )


def _real(call: Call, index: int) -> Operand:
    given = operand(call, index)
    return given.float() if isinstance(given, Tensor) else given


def _binary(function: Callable[[Any, Any], Tensor]) -> Rule:
    """Return a rule that computes in float32; integers are exact up to 2^24."""

    def rule(call: Call) -> Value:
        result = function(_real(call, 0), _real(call, 1))
        return result.int() if _integral(call) else result

    return rule


def _many(function: Callable[[Any, Any], Tensor]) -> Rule:
    def rule(call: Call) -> Value:
        values = [call.tensor(i).float() for i in range(len(call.inputs))]
        result = reduce(function, values)
        return result.int() if _integral(call) else result

    return rule


def _mean(call: Call) -> Value:
    values = [call.tensor(i) for i in range(len(call.inputs))]
    return reduce(operator.add, values) * (1.0 / len(values))


def _compare(function: Callable[[Any, Any], Tensor]) -> Rule:
    return lambda call: function(_real(call, 0), _real(call, 1))


def _where(call: Call) -> Value:
    mask = call.tensor(0)
    yes, no = (_real(call, i) for i in (1, 2))
    result = nn.where(mask, yes, no)
    kinds = (call.value(i) for i in (1, 2))
    whole = all(v.dtype == I32 if isinstance(v, Tensor) else v.dtype.kind in "iu" for v in kinds)
    return result.int() if whole else result


def _cast(call: Call) -> Value:
    value, kind = call.tensor(0), call.integer("to", 1)
    if kind not in DTYPES:
        raise GraphError(f"a cast to numbers expected, got element type {kind}")
    if kind == 9:
        return value if value.dtype == MASK else nn.not_equal(value.float(), 0.0)
    return value.float() if DTYPES[kind].kind == "f" or kind == 16 else value.float().int()


def _cast_like(call: Call) -> Value:
    given, like = call.value(0), call.tensor(1)
    if isinstance(given, np.ndarray):
        return given.astype({F32: np.float32, MASK: np.bool_}.get(like.dtype, np.int32))
    value = call.tensor(0)
    if like.dtype == MASK:
        return nn.not_equal(value.float(), 0.0)
    return value.float() if like.dtype == F32 else value.float().int()


def _clip(call: Call) -> Value:
    value = call.tensor(0)
    if value.dtype == I32:
        return _bounded(call, value.float()).int()
    return _bounded(call, value)


def _bounded(call: Call, value: Tensor) -> Tensor:
    least, most = call.number(1, LEAST_SINGLE), call.number(2, MOST_SINGLE)
    if least == 0.0 and most >= MOST_SINGLE:
        return nn.relu(value)
    return nn.clip(
        value,
        least if least > LEAST_SINGLE else None,
        most if most < MOST_SINGLE else None,
    )


def _leaky(call: Call) -> Value:
    return nn.leaky_relu(call.tensor(0), call.real("alpha", 0.01))


def _prelu(call: Call) -> Value:
    value, slope = call.tensor(0), operand(call, 1)
    return nn.where(nn.less(0.0, value), value, value * slope)


def _elu(call: Call) -> Value:
    return nn.elu(call.tensor(0), call.real("alpha", 1.0))


def _selu(call: Call) -> Value:
    alpha, gamma = call.real("alpha", 1.6732632423543772), call.real("gamma", 1.0507009873554805)
    return nn.elu(call.tensor(0), alpha) * gamma


def _hard_sigmoid(call: Call) -> Value:
    alpha, beta = call.real("alpha", 0.2), call.real("beta", 0.5)
    return nn.clip(call.tensor(0) * alpha + beta, 0.0, 1.0)


def _hard_swish(call: Call) -> Value:
    value = call.tensor(0)
    return value * nn.clip(value * (1.0 / 6.0) + 0.5, 0.0, 1.0)


def _gelu(call: Call) -> Value:
    return nn.gelu(call.tensor(0), call.text("approximate", "none"))


def _mish(value: Tensor) -> Tensor:
    return value * nn.tanh(nn.softplus(value))


def _sign(value: Tensor) -> Tensor:
    return nn.where(nn.greater(value, 0.0), 1.0, nn.where(nn.less(value, 0.0), -1.0, 0.0))


def _floor(value: Tensor) -> Tensor:
    near = value.int().float()
    return nn.where(nn.less(value, near), near - 1.0, near)


def _dropout(call: Call) -> Value:
    """Drop in training, if the file says that it was exported for training."""
    ratio = call.number(1, 0.5)
    if not call.number(2, 0.0):
        return call.value(0)
    if not 0.0 <= ratio < 1.0:
        raise GraphError(f"a ratio of at least 0 and below 1 expected, got {ratio}")
    return nn.dropout(call.tensor(0), ratio)


def _xor(left: Operand, right: Operand) -> Tensor:
    return nn.not_equal(left, right)


def _masks(function: Callable[[Any, Any], Tensor]) -> Rule:
    return lambda call: function(call.tensor(0), call.tensor(1))


def _softsign(value: Tensor) -> Tensor:
    return value / (nn.abs(value) + 1.0)


def _pow(call: Call) -> Value:
    base, exponent = call.tensor(0).float(), operand(call, 1)
    result = nn.pow(base, exponent)
    return result if call.tensor(0).dtype == F32 else result.int()


ELEMENTWISE: dict[str, Rule] = {
    "Add": _binary(operator.add),
    "Sub": _binary(operator.sub),
    "Mul": _binary(operator.mul),
    "Div": _binary(operator.truediv),
    "Pow": _pow,
    "Sum": _many(operator.add),
    "Mean": _mean,
    "Min": _many(nn.minimum),
    "Max": _many(nn.maximum),
    "Neg": _unary(lambda x: -x),
    "Abs": _unary(nn.abs),
    "Sqrt": _unary(nn.sqrt),
    "Reciprocal": _unary(lambda x: 1.0 / x),
    "Exp": _unary(nn.exp),
    "Log": _unary(nn.log),
    "Erf": _unary(nn.erf),
    "Sin": _unary(nn.sin),
    "Cos": _unary(nn.cos),
    "Tanh": _unary(nn.tanh),
    "Sigmoid": _unary(nn.sigmoid),
    "Relu": _unary(nn.relu),
    "LeakyRelu": _leaky,
    "PRelu": _prelu,
    "Elu": _elu,
    "Selu": _selu,
    "Softplus": _unary(nn.softplus),
    "Softsign": _unary(_softsign),
    "HardSigmoid": _hard_sigmoid,
    "HardSwish": _hard_swish,
    "Mish": _unary(_mish),
    "Gelu": _gelu,
    "Clip": _clip,
    "Sign": _unary(_sign),
    "Floor": _unary(_floor),
    "Ceil": _unary(lambda x: -_floor(-x)),
    "Where": _where,
    "Equal": _compare(nn.equal),
    "Less": _compare(nn.less),
    "LessOrEqual": _compare(nn.less_equal),
    "Greater": _compare(nn.greater),
    "GreaterOrEqual": _compare(nn.greater_equal),
    "Not": _unary(nn.logical_not),
    "And": _masks(nn.logical_and),
    "Or": _masks(nn.logical_or),
    "Xor": _compare(_xor),
    "Cast": _cast,
    "CastLike": _cast_like,
    "Dropout": _dropout,
}
