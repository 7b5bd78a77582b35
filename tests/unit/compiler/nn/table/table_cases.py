"""Every operation of `delea.nn`, its shapes and options to choose from, and how it is called.

The same lines call Delea and PyTorch: `f` holds the functions of one or the other. A `Choice` picks
shapes and options: hypothesis draws them in the tests, arithmetic where PyTorch's numbers are kept.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from math import prod

import numpy as np

GOLDEN = 0.6180339887498949


class Choice:
    """Picks by `choose`, which takes a list and returns one of its items."""

    def __init__(self, choose, sizes):
        self.choose, self.sizes = choose, sizes

    def one(self, *items):
        return self.choose(list(items))

    def flag(self):
        return self.choose([True, False])

    def size(self):
        return self.choose(list(self.sizes))

    def shape(self, *ranks, most=300):
        found = ()
        for _ in range(self.choose(list(ranks))):
            fitting = [size for size in self.sizes if size * prod(found) <= most]
            found += (self.choose(fitting),)
        return found

    def part(self, shape):
        """A shape that broadcasts to `shape`."""
        kept = shape[self.choose(list(range(len(shape) + 1))) :]
        return tuple(self.choose([1, size]) for size in kept)

    def axes(self, rank):
        """Some axes, counted from either end."""
        chosen = [axis for axis in range(rank) if self.flag()]
        chosen = chosen or [self.choose(list(range(rank)))]
        return tuple(axis - rank if self.flag() else axis for axis in chosen)


def by_arithmetic(seed):
    """A choice that is the same everywhere, of small sizes."""
    state = seed * 7919 + 17

    def choose(items):
        nonlocal state
        state = (state * 1103515245 + 12345) % 2**31
        return items[(state >> 8) % len(items)]

    return Choice(choose, (1, 2, 3, 5))


@dataclass(frozen=True)
class Drawn:
    """Shapes of the float inputs, options, and (shape, most) of the integer inputs by name."""

    shapes: tuple
    options: dict = field(default_factory=dict)
    index: dict = field(default_factory=dict)


@dataclass(frozen=True)
class Op:
    """One operation; `low` and `high` bound its inputs, `smooth` says that a gradient exists."""

    draw: Callable[[Choice], Drawn]
    call: Callable
    low: float = -2.0
    high: float = 2.0
    smooth: bool = True


def numbers(shape, low, high, seed):
    """Distinct numbers in [low, high), by arithmetic: no two elements tie, none is on an edge."""
    count = np.arange(1, prod(shape) + 1, dtype=np.float64)
    spread = (count * GOLDEN + seed * 0.1371) % 1.0
    return (low + (high - low) * spread).reshape(shape).astype(np.float32)


def places(shape, most):
    """Integers in [0, most)."""
    return ((np.arange(prod(shape)) * 7 + 3) ** 2 % most).reshape(shape).astype(np.int32)


def any_shape(c):
    return Drawn((c.shape(0, 1, 2, 3),))


def two_shapes(c):
    whole = c.shape(0, 1, 2, 3)
    shapes = (whole, c.part(whole))
    return Drawn(shapes[:: c.one(1, -1)])


def along(c, name="dim", least=1):
    shape = c.shape(*range(least, 4))
    return Drawn((shape,), {name: c.one(*range(-len(shape), len(shape)))})


def over(c):
    shape = c.shape(1, 2, 3)
    return Drawn((shape,), {"dim": c.axes(len(shape)), "keepdim": c.flag()})


def unary(name, **bounds):
    return Op(any_shape, lambda f, x: getattr(f, name)(x), **bounds)


def option(name, key, *values):
    return Op(
        lambda c: Drawn((c.shape(0, 1, 2, 3),), {key: c.one(*values)}),
        lambda f, x, **o: getattr(f, name)(x, **o),
    )


def mask(name):
    return Op(two_shapes, lambda f, x, y: getattr(f, name)(x, y).float(), smooth=False)


def logic(name):
    return Op(two_shapes, lambda f, x, y: getattr(f, name)(x > 0.1, y > 0.1).float(), smooth=False)


def reduced(name):
    return Op(over, lambda _, x, dim, keepdim: getattr(x, name)(dim, keepdim=keepdim))


ELEMENTWISE = {
    **{name: unary(name) for name in ("abs", "cos", "erf", "exp", "neg", "relu", "sigmoid")},
    **{name: unary(name) for name in ("silu", "sin", "softplus", "tanh")},
    **{name: unary(name, low=0.2, high=3.0) for name in ("log", "sqrt", "rsqrt")},
    "gelu": option("gelu", "approximate", "none", "tanh"),
    "leaky_relu": option("leaky_relu", "negative_slope", 0.01, 0.3),
    "elu": option("elu", "alpha", 1.0, 0.6),
    "clip": Op(
        lambda c: Drawn((c.shape(0, 1, 2),), {"ends": c.one((-0.51, 1.27), (0.33, None))}),
        lambda f, x, ends: f.clip(x, *ends),
    ),
    "__add__": Op(two_shapes, lambda _, x, y: x + y),
    "__sub__": Op(two_shapes, lambda _, x, y: x - y),
    "__mul__": Op(two_shapes, lambda _, x, y: x * y),
    "__truediv__": Op(two_shapes, lambda _, x, y: x / y, low=0.3),
    "__radd__": Op(any_shape, lambda _, x: 0.7 + x),
    "__rsub__": Op(any_shape, lambda _, x: 0.7 - x),
    "__rmul__": Op(any_shape, lambda _, x: 0.7 * x),
    "__rtruediv__": Op(any_shape, lambda _, x: 0.7 / x, low=0.3),
    "__neg__": Op(any_shape, lambda _, x: -x),
    "__abs__": Op(any_shape, lambda _, x: abs(x)),
    "__pow__": Op(
        lambda c: Drawn((c.shape(1, 2),), {"power": c.one(1, 2, 3, 0.5, -0.5, -1, 1.7)}),
        lambda _, x, power: x**power,
        low=0.3,
    ),
    "__rpow__": Op(any_shape, lambda _, x: 1.7**x),
    "pow": Op(two_shapes, lambda f, x, y: f.pow(x, y), low=0.3),
    "maximum": Op(two_shapes, lambda f, x, y: f.maximum(x, y)),
    "minimum": Op(two_shapes, lambda f, x, y: f.minimum(x, y)),
    "where": Op(two_shapes, lambda f, x, y: f.where(x < y, x * y, y)),
    **{name: mask(name) for name in ("equal", "not_equal", "less", "less_equal", "greater")},
    "greater_equal": mask("greater_equal"),
    "logical_and": logic("logical_and"),
    "logical_or": logic("logical_or"),
    "logical_not": Op(any_shape, lambda f, x: f.logical_not(x > 0.1).float(), smooth=False),
    "__eq__": Op(two_shapes, lambda _, x, y: (x == y).float(), smooth=False),
    "__ne__": Op(two_shapes, lambda _, x, y: (x != y).float(), smooth=False),
    "__iter__": Op(
        lambda c: Drawn((c.shape(1, 2, 3),)),
        lambda f, x: f.stack([part * (number + 1.0) for number, part in enumerate(x)]),
    ),
    "__lt__": Op(two_shapes, lambda _, x, y: (x < y).float(), smooth=False),
    "__le__": Op(two_shapes, lambda _, x, y: (x <= y).float(), smooth=False),
    "__gt__": Op(two_shapes, lambda _, x, y: (x > y).float(), smooth=False),
    "__ge__": Op(two_shapes, lambda _, x, y: (x >= y).float(), smooth=False),
    "float": Op(any_shape, lambda _, x: (x > 0.1).float(), smooth=False),
    "int": Op(any_shape, lambda _, x: (x * 3.0).int().float(), smooth=False),
}
REDUCTIONS = {
    **{name: reduced(name) for name in ("sum", "mean", "amax", "amin")},
    "argmax": Op(over, lambda f, x, **o: f.argmax(x, **o).float(), smooth=False),
    "softmax": Op(along, lambda f, x, dim: f.softmax(x, dim)),
    "log_softmax": Op(along, lambda f, x, dim: f.log_softmax(x, dim)),
}


def keys(c):
    shape = c.shape(2, 3)
    step = c.one(1, 2)
    last = slice(c.one(0, shape[-1] - 1), None, step)
    return Drawn((shape,), {"key": c.one((0,), (-1, ...), (None, slice(None)), (..., last))})


def joined(c, count=3):
    shape = c.shape(1, 2, 3, most=60)
    dim = c.one(*range(-len(shape), len(shape)))
    at = dim % len(shape)
    shapes = [(*shape[:at], c.size(), *shape[at + 1 :]) for _ in range(count)]
    return Drawn(tuple(shapes), {"dim": dim})


def padded(c):
    shape = c.shape(1, 2, 3, most=60)
    widths = [tuple(c.one(0, 1, 3) for _ in shape) for _ in range(2)]
    return Drawn((shape,), {"before": widths[0], "after": widths[1], "value": c.one(0.0, 1.5)})


def divided(c, name):
    shape = c.shape(1, 2, 3)
    dim = c.one(*range(len(shape)))
    size = shape[dim]
    ways = [1, 2, 3] if name == "chunk" or size < 2 else [1, 2, 3, (1, size - 1)]
    return Drawn((shape,), {"into": c.one(*ways), "dim": dim})


def pieces(f, x, name, into, dim):
    """Put pieces together again, each times its number."""
    into = list(into) if isinstance(into, tuple) else into
    parts = getattr(x, name)(into, dim)
    return f.cat([part * (number + 1.0) for number, part in enumerate(parts)], dim)


def turned(c):
    shape = c.shape(2, 3, 4)
    return Drawn((shape,), {"pair": (c.one(*range(len(shape))), c.one(-1, 0))})


def expanded(c):
    shape = c.shape(1, 2, most=30)
    wide = tuple(c.one(2, 3) if n == 1 else c.one(-1, n) for n in shape)
    return Drawn((shape,), {"sizes": (*c.one((), (2,)), *wide)})


SHAPES = {
    "__getitem__": Op(keys, lambda _, x, key: x[key]),
    "reshape": Op(
        lambda c: Drawn((c.shape(1, 2, 3),), {"to": c.one((-1,), (1, -1), (-1, 1, 1))}),
        lambda _, x, to: x.reshape(*to),
    ),
    "flatten": Op(
        lambda c: along(c, "start"), lambda _, x, start: x.flatten(start) * x.flatten(start)
    ),
    "permute": Op(
        lambda c: Drawn((c.shape(3),), {"dims": c.one((2, 0, 1), (-1, 1, 0), (0, 2, 1))}),
        lambda _, x, dims: x.permute(*dims) * 1.5,
    ),
    "transpose": Op(turned, lambda _, x, pair: x.transpose(*pair) + x.transpose(*pair)),
    "squeeze": Op(along, lambda _, x, dim: x.squeeze(dim) * x.squeeze(dim)),
    "unsqueeze": Op(along, lambda _, x, dim: x.unsqueeze(dim) * 2.0),
    "expand": Op(expanded, lambda _, x, sizes: x.expand(*sizes) * 1.0),
    "narrow": Op(
        lambda c: Drawn(((7, 5),), {"span": c.one((0, 2, 3), (1, 0, 5), (-1, 4, 1))}),
        lambda _, x, span: x.narrow(*span) * x.narrow(*span),
    ),
    "split": Op(lambda c: divided(c, "split"), lambda f, x, **o: pieces(f, x, "split", **o)),
    "chunk": Op(lambda c: divided(c, "chunk"), lambda f, x, **o: pieces(f, x, "chunk", **o)),
    "cat": Op(joined, lambda f, *x, dim: f.cat([x[0], x[1] * x[1], x[2]], dim)),
    "stack": Op(
        lambda c: Drawn((shape := c.shape(1, 2, most=60), shape), {"dim": c.one(0, 1, -1)}),
        lambda f, *x, dim: f.stack([x[0], x[1], x[0] * x[1]], dim),
    ),
    "pad": Op(padded, lambda f, x, before, after, value: f.pad(x, before, after, value)),
}
