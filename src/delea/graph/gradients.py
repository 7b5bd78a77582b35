"""The gradient table: for each operation, what its output's gradient gives to each input.

A rule adds nodes to a `Builder` and returns one node (or None: no gradient) per input, each of the
*output's* shape where the operation broadcasts; `unbroadcast` brings it back to the input's shape.
"""

from collections.abc import Callable

from delea.graph.builder import Builder
from delea.graph.node import MINUS_ZERO, Node, Shape

Rule = Callable[[Builder, Node, int, int], tuple[int | None, ...]]


def gradient(builder: Builder, number: int, upstream: int) -> tuple[int | None, ...]:
    """Return the gradients of node `number`'s inputs, given the gradient of its output."""
    node = builder.nodes[number]
    rule = GRADIENTS.get(node.op)
    if rule is None:
        return (None,) * len(node.inputs)
    found = rule(builder, node, number, upstream)
    return tuple(
        None if one is None else unbroadcast(builder, one, builder.shape(source))
        for one, source in zip(found, node.inputs, strict=True)
    )


def unbroadcast(b: Builder, value: int, shape: Shape) -> int:
    """Sum `value` over the axes along which `shape` was broadcast."""
    got = b.shape(value)
    padded = (1,) * (len(got) - len(shape)) + shape
    axes = tuple(i for i, (a, c) in enumerate(zip(got, padded, strict=True)) if a != c)
    if axes:
        value = b.reduce("sum", value, axes)
    return value if b.shape(value) == shape else b.add("reshape", value, shape=shape)


def _expand(b: Builder, value: int, shape: Shape) -> int:
    """Broadcast `value` to `shape`: adding -0.0 changes no bits."""
    return b.add("add", value, b.constant(-0.0, shape))


def _add(_b: Builder, _n: Node, _y: int, g: int) -> tuple[int | None, ...]:
    return g, g


def _sub(b: Builder, _n: Node, _y: int, g: int) -> tuple[int | None, ...]:
    return g, b.add("neg", g)


def _mul(b: Builder, n: Node, _y: int, g: int) -> tuple[int | None, ...]:
    left, right = n.inputs
    if left == right:  # a square: 2 g x, so that constants in g fold with the 2
        double = b.add("mul", g, b.constant(2.0))
        return b.add("mul", double, left), None
    return b.add("mul", g, right), b.add("mul", g, left)


def _div(b: Builder, n: Node, y: int, g: int) -> tuple[int | None, ...]:
    by = b.add("div", g, n.inputs[1])
    return by, b.add("neg", b.add("mul", by, y))


def _choose(b: Builder, left: int, g: int) -> tuple[int | None, ...]:
    """Give the gradient to the left where the mask `left` holds, else to the right."""
    zero = b.constant(-0.0)
    return b.add("where", left, g, zero), b.add("where", left, zero, g)


def _max(b: Builder, n: Node, _y: int, g: int) -> tuple[int | None, ...]:
    """A tie gives nothing to the left: a ReLU's gradient at 0 is 0."""
    return _choose(b, b.add("less", n.inputs[1], n.inputs[0]), g)


def _min(b: Builder, n: Node, _y: int, g: int) -> tuple[int | None, ...]:
    return _choose(b, b.add("less", n.inputs[0], n.inputs[1]), g)


def _neg(b: Builder, _n: Node, _y: int, g: int) -> tuple[int | None, ...]:
    return (b.add("neg", g),)


def _abs(b: Builder, n: Node, _y: int, g: int) -> tuple[int | None, ...]:
    return (b.add("where", b.add("less", n.inputs[0], b.constant(0.0)), b.add("neg", g), g),)


def _sqrt(b: Builder, _n: Node, y: int, g: int) -> tuple[int | None, ...]:
    return (b.add("div", b.add("mul", g, b.constant(0.5)), y),)


def _exp(b: Builder, _n: Node, y: int, g: int) -> tuple[int | None, ...]:
    return (b.add("mul", g, y),)


def _log(b: Builder, n: Node, _y: int, g: int) -> tuple[int | None, ...]:
    return (b.add("div", g, n.inputs[0]),)


def _tanh(b: Builder, _n: Node, y: int, g: int) -> tuple[int | None, ...]:
    return (b.add("mul", g, b.add("sub", b.constant(1.0), b.add("mul", y, y))),)


def _sin(b: Builder, n: Node, _y: int, g: int) -> tuple[int | None, ...]:
    return (b.add("mul", g, b.add("cos", n.inputs[0])),)


def _cos(b: Builder, n: Node, _y: int, g: int) -> tuple[int | None, ...]:
    return (b.add("neg", b.add("mul", g, b.add("sin", n.inputs[0]))),)


def _erf(b: Builder, n: Node, _y: int, g: int) -> tuple[int | None, ...]:
    """Apply 2 / sqrt(pi) e^(-x^2)."""
    square = b.add("mul", n.inputs[0], n.inputs[0])
    slope = b.add("mul", b.constant(1.1283791670955126), b.add("exp", b.add("neg", square)))
    return (b.add("mul", g, slope),)


def _pow(b: Builder, n: Node, y: int, g: int) -> tuple[int | None, ...]:
    """Apply e x^(e-1), 0 where e is 0, to the base; y ln x, 0 where x is 0, to the exponent."""
    base, exponent = n.inputs
    zero = b.constant(0.0)
    less = b.add("pow", base, b.add("sub", exponent, b.constant(1.0)))
    steep = b.add("mul", g, b.add("mul", exponent, less))
    slow = b.add("mul", g, b.add("mul", y, b.add("log", base)))
    return (
        b.add("where", b.add("equal", exponent, zero), zero, steep),
        b.add("where", b.add("equal", base, zero), zero, slow),
    )


def _where(b: Builder, n: Node, _y: int, g: int) -> tuple[int | None, ...]:
    zero = b.constant(-0.0)
    mask = n.inputs[0]
    return None, b.add("where", mask, g, zero), b.add("where", mask, zero, g)


def _reshape(b: Builder, n: Node, _y: int, g: int) -> tuple[int | None, ...]:
    return (b.add("reshape", g, shape=b.shape(n.inputs[0])),)


def _transpose(b: Builder, n: Node, _y: int, g: int) -> tuple[int | None, ...]:
    axes = n.integers("axes")
    back = tuple(axes.index(axis) for axis in range(len(axes)))
    return (b.add("transpose", g, axes=back),)


def _sum(b: Builder, n: Node, _y: int, g: int) -> tuple[int | None, ...]:
    wide = _expand(b, g, b.shape(n.inputs[0]))
    return (wide,) if len(n.inputs) == 1 else (wide, g)


def _matmul(b: Builder, n: Node, _y: int, g: int) -> tuple[int | None, ...]:
    """Apply dA = dY B^T, dB = A^T dY; a transposed operand swaps the factors, no data moves."""
    left, right = n.inputs[:2]
    ta, tb = bool(n["ta"]), bool(n["tb"])
    if ta:
        d_left = b.add("matmul", right, g, ta=tb, tb=True)
    else:
        d_left = b.add("matmul", g, right, ta=False, tb=not tb)
    if tb:
        d_right = b.add("matmul", g, left, ta=True, tb=ta)
    else:
        d_right = b.add("matmul", left, g, ta=not ta, tb=False)
    bias = () if len(n.inputs) == 2 else (g,)
    return d_left, d_right, *bias


def _slice(b: Builder, n: Node, _y: int, g: int) -> tuple[int | None, ...]:
    """Put the gradient where the elements were; -0.0 elsewhere, which adds nothing."""
    shape, starts, steps = b.shape(n.inputs[0]), n.integers("starts"), n.integers("steps")
    return (b.add("assemble", g, shape=shape, starts=starts, steps=steps, bits=MINUS_ZERO),)


def _assemble(b: Builder, n: Node, _y: int, g: int) -> tuple[int | None, ...]:
    rank = len(n.shape)
    starts, steps = n.integers("starts"), n.integers("steps")
    parts = [slice(part * rank, (part + 1) * rank) for part in range(len(n.inputs))]
    return tuple(
        b.add("slice", g, starts=starts[part], steps=steps[part], sizes=b.shape(source))
        for part, source in zip(parts, n.inputs, strict=True)
    )


def _window(b: Builder, n: Node, _y: int, g: int) -> tuple[int | None, ...]:
    return (b.add("fold", g, shape=b.shape(n.inputs[0]), **dict(n.attributes)),)


def _fold(b: Builder, n: Node, _y: int, g: int) -> tuple[int | None, ...]:
    attributes = {key: value for key, value in n.attributes if key != "shape"}
    return (b.add("window", g, **attributes),)


def _gather(b: Builder, n: Node, _y: int, g: int) -> tuple[int | None, ...]:
    table, index = n.inputs
    return b.add("scatter", index, g, rows=b.shape(table)[0]), None


def _scatter(b: Builder, n: Node, _y: int, g: int) -> tuple[int | None, ...]:
    return None, b.add("gather", g, n.inputs[0])


GRADIENTS: dict[str, Rule] = {
    "add": _add,
    "sub": _sub,
    "mul": _mul,
    "div": _div,
    "max": _max,
    "min": _min,
    "neg": _neg,
    "abs": _abs,
    "sqrt": _sqrt,
    "exp": _exp,
    "log": _log,
    "tanh": _tanh,
    "sin": _sin,
    "cos": _cos,
    "erf": _erf,
    "pow": _pow,
    "where": _where,
    "reshape": _reshape,
    "transpose": _transpose,
    "sum": _sum,
    "matmul": _matmul,
    "slice": _slice,
    "window": _window,
    "fold": _fold,
    "assemble": _assemble,
    "gather": _gather,
    "scatter": _scatter,
}
"""Operations without a rule (comparisons, iota, cast, maximum) pass no gradient: a maximum is only
ever subtracted for range, where its gradient cancels."""
