"""Every operation: its definition, the element types it takes and the shape it gives.

Elementwise operations broadcast as NumPy does; reductions keep the reduced axes with size 1.
These definitions are the law: a kernel may tile and vectorise only so that each output element
is computed in exactly this order, each operation rounded once to float32.

    input, state      a named tensor from outside
    constant          one number (its 32 bits), in every element
    iota              the index along `axis`, int32
    add sub mul div   IEEE 754 float32, round to nearest even
    max               a < b ? b : a        (a NaN in a stays, a NaN in b is ignored)
    min               b < a ? b : a
    neg abs sqrt      IEEE 754
    exp log tanh erf  the fixed programs of `functions`
    sin cos           those of `trigonometry`
    pow               that of `power`
    less equal        a mask; comparisons with NaN are false
    where             mask ? a : b
    cast              int32 to float32, round to nearest even; float32 to int32, towards zero, what
                      is beyond to the end of the range, a NaN to 0
    reshape           the same elements in row-major order
    transpose         axes permuted
    slice             elements starts[i] + steps[i] * j, sizes[i] of them, along each axis i
    window            a view by sliding windows: axis axes[i] becomes the positions of a window of
                      sizes[i] elements, dilations[i] apart, that moves by steps[i]; the elements
                      inside the windows become new last axes
    fold              what a window's elements add up to: out of `shape` starts as -0.0; for the
                      places inside the window in row-major order, out[where it was] += it
    assemble          a tensor of `shape` that holds its inputs; input p begins at
                      starts[p * rank : (p + 1) * rank] and goes in likewise `steps`; no element
                      is held twice; elsewhere `bits`
    gather            rows of the first input: out[...] = table[clip(index[...], 0, rows - 1)]
    scatter           rows added up: out (rows, width) starts as -0.0; for n ascending
                      out[clip(index[n], 0, rows - 1)] += value[n]
    random            numbers of `shape` in [0, 1): element i is the upper 24 bits, times 2^-24, of
                      word i mod 4 of the Philox draw number `draw` + i // 4; the input is the
                      state's header, (10,) int32: the seed, then the step
    sum               over `axes`, by `order`: see below; a second input is the start
    maximum           over `axes`, by `order`, with `max` as the step, starting at -infinity
    matmul            a (..., m, k) by b (..., k, n), their last two axes swapped first if `ta`,
                      `tb`, the others broadcast: one accumulator per output, from bias[n] if there
                      is a third input, else from -0.0; then for k ascending:
                      accumulator = accumulator + (a * b)
    sparse_matmul     matmul, but a term whose a is 0.0 or -0.0 is skipped

A reduction's elements are numbered in row-major order over the reduced axes. `sequential`: one
accumulator, ascending. `lanes4`, for the last axes alone (sizes of 1 aside): element i goes to lane
i mod 4, ascending, then (l0 + l1) + (l2 + l3). Accumulators of a sum start at -0.0, the identity of
addition, so that a sum of one term is that term.
"""

from math import prod

from delea.errors import DtypeError, ShapeError
from delea.graph.node import F32, I32, MASK, Attribute, Node, Shape

LEAVES = frozenset({"input", "state", "constant", "iota"})
ARITHMETIC = frozenset({"add", "sub", "mul", "div", "max", "min", "pow"})
COMPARISONS = frozenset({"less", "equal"})
UNARY = frozenset({"neg", "abs", "sqrt", "exp", "log", "tanh", "sin", "cos", "erf"})
ELEMENTWISE = ARITHMETIC | COMPARISONS | UNARY | {"where", "cast"}
VIEWS = frozenset({"reshape", "transpose", "slice", "window"})
REDUCTIONS = frozenset({"sum", "maximum"})
MOVES = frozenset({"assemble", "gather", "scatter", "fold", "random"})
HEADER_WORDS = 10
MATMULS = frozenset({"matmul", "sparse_matmul"})
OPS = LEAVES | ELEMENTWISE | VIEWS | REDUCTIONS | MOVES | MATMULS
ORDERS = ("sequential", "lanes4")
MAX_AXES = 16
MAX_ELEMENTS = 1 << 30


def infer(  # noqa: PLR0911 - one line per kind of operation reads best
    op: str, inputs: tuple[Node, ...], attributes: dict[str, Attribute]
) -> tuple[Shape, str]:
    """Return the shape and element type that `op` gives on `inputs`.

    Raises:
        ShapeError, DtypeError: the inputs do not fit the operation.
    """
    shapes = tuple(node.shape for node in inputs)
    dtypes = tuple(node.dtype for node in inputs)
    if op in ARITHMETIC or op in COMPARISONS:
        allowed = (F32, I32) if op == "equal" else (F32,)
        if len(inputs) != 2 or dtypes[0] != dtypes[1] or dtypes[0] not in allowed:
            raise DtypeError(f"{op} needs two inputs of one type of {allowed}, got {dtypes}")
        return broadcast(op, *shapes), MASK if op in COMPARISONS else F32
    if op in UNARY:
        _need(op, dtypes, (F32,))
        return shapes[0], F32
    if op == "where":
        _need(op, dtypes, (MASK, F32, F32))
        return broadcast(op, *shapes), F32
    if op == "cast":
        return shapes[0], _cast(dtypes)
    if op == "reshape":
        return _reshape(shapes[0], attributes["shape"]), dtypes[0]
    if op == "transpose":
        return _transpose(shapes[0], attributes["axes"]), dtypes[0]
    if op in REDUCTIONS:
        return _reduce(op, shapes, dtypes, attributes), F32
    if op in _MOVED:
        return _MOVED[op](shapes, dtypes, attributes)
    assert op in MATMULS, f"an operation of the table, not {op}"
    return _matmul(shapes, dtypes, attributes), F32


def check_shape(what: str, shape: Shape) -> None:
    """Raise ShapeError unless a tensor may have this shape."""
    if len(shape) > MAX_AXES or any(size < 1 for size in shape) or prod(shape) > MAX_ELEMENTS:
        raise ShapeError(
            f"{what} needs at most {MAX_AXES} axes, sizes of at least 1 and at most {MAX_ELEMENTS}"
            f" elements, got {shape}"
        )


def broadcast(op: str, *shapes: Shape) -> Shape:
    """Return the NumPy broadcast of `shapes`."""
    rank = max(map(len, shapes))
    padded = [(1,) * (rank - len(shape)) + shape for shape in shapes]
    sizes = []
    for column in zip(*padded, strict=True):
        wanted = {size for size in column if size != 1}
        if len(wanted) > 1:
            raise ShapeError(
                f"{op} needs shapes that broadcast, got {' and '.join(map(str, shapes))}"
            )
        sizes.append(wanted.pop() if wanted else 1)
    return tuple(sizes)


def _need(op: str, dtypes: tuple[str, ...], expected: tuple[str, ...]) -> None:
    if dtypes != expected:
        raise DtypeError(f"{op} needs inputs of type {expected}, got {dtypes}")


def _cast(dtypes: tuple[str, ...]) -> str:
    if dtypes not in ((F32,), (I32,)):
        raise DtypeError(f"cast needs one input of type {(F32, I32)}, got {dtypes}")
    return I32 if dtypes == (F32,) else F32


def _reshape(shape: Shape, wanted: Attribute) -> Shape:
    assert isinstance(wanted, tuple), "reshape.shape is a tuple"
    if prod(shape) != prod(wanted):
        raise ShapeError(f"reshape keeps the number of elements, got {shape} to {wanted}")
    return wanted


def _transpose(shape: Shape, axes: Attribute) -> Shape:
    assert isinstance(axes, tuple), "transpose.axes is a tuple"
    if sorted(axes) != list(range(len(shape))):
        raise ShapeError(f"transpose needs each axis of {shape} once, got {axes}")
    return tuple(shape[axis] for axis in axes)


def _reduce(
    op: str, shapes: tuple[Shape, ...], dtypes: tuple[str, ...], attributes: dict[str, Attribute]
) -> Shape:
    _need(op, dtypes, (F32,) * len(dtypes))
    axes, order = attributes["axes"], attributes["order"]
    assert isinstance(axes, tuple), f"{op}.axes is a tuple"
    legal = tuple(sorted({axis for axis in axes if 0 <= axis < len(shapes[0])}))
    if not axes or axes != legal:
        raise ShapeError(f"{op} needs ascending axes of {shapes[0]}, got {axes}")
    if order not in ORDERS:
        raise ShapeError(f"{op} needs an order of {ORDERS}, got {order}")
    if order == "lanes4" and not along_memory(shapes[0], axes):
        raise ShapeError(f"lanes4 needs the last axes of {shapes[0]}, got {axes}")
    out = tuple(1 if axis in axes else size for axis, size in enumerate(shapes[0]))
    if len(shapes) > 1:
        if op != "sum" or order != "sequential":
            raise ShapeError(f"only a sequential sum has a start, got {order} {op}")
        if broadcast(op, out, shapes[1]) != out:
            raise ShapeError(f"a start that broadcasts to {out} expected, got {shapes[1]}")
    return out


def along_memory(shape: Shape, axes: tuple[int, ...]) -> bool:
    """Return whether `axes` are the last ones of `shape`, axes of size 1 aside."""
    moving = [axis for axis, size in enumerate(shape) if size != 1]
    reduced = [axis for axis in moving if axis in axes]
    return moving[len(moving) - len(reduced) :] == reduced


def _matmul(
    shapes: tuple[Shape, ...], dtypes: tuple[str, ...], attributes: dict[str, Attribute]
) -> Shape:
    _need("matmul", dtypes, (F32,) * len(dtypes))
    left, right = shapes[:2]
    if len(left) < 2 or len(right) < 2:
        raise ShapeError(f"matmul needs two matrices, got {left} @ {right}")
    rows, inner = left[:-3:-1] if attributes["ta"] else left[-2:]
    inner_right, columns = right[:-3:-1] if attributes["tb"] else right[-2:]
    if inner != inner_right:
        raise ShapeError(
            f"matmul needs equal inner sizes, got ({rows}, {inner}) @ ({inner_right}, {columns})"
        )
    if len(shapes) > 2 and shapes[2] != (columns,):
        raise ShapeError(f"matmul needs a bias of ({columns},), got {shapes[2]}")
    return (*broadcast("matmul", left[:-2], right[:-2]), rows, columns)


def _slice(
    shapes: tuple[Shape, ...], dtypes: tuple[str, ...], attributes: dict[str, Attribute]
) -> tuple[Shape, str]:
    (shape,) = shapes
    starts, sizes, steps = (_tuple(attributes[name], len(shape)) for name in _SLICE)
    for size, start, count, step in zip(shape, starts, sizes, steps, strict=True):
        if start < 0 or count < 1 or step < 1 or start + (count - 1) * step >= size:
            raise ShapeError(
                f"slice needs elements of {shape}, got {count} from {start} in steps of {step}"
            )
    return sizes, dtypes[0]


def _assemble(
    shapes: tuple[Shape, ...], dtypes: tuple[str, ...], attributes: dict[str, Attribute]
) -> tuple[Shape, str]:
    _need("assemble", dtypes, (F32,) * len(dtypes))
    wanted = attributes["shape"]
    assert isinstance(wanted, tuple), "assemble.shape is a tuple"
    if not wanted:
        raise ShapeError("assemble needs at least one axis, got none")
    rank = len(wanted)
    starts, steps = (_tuple(attributes[name], rank * len(shapes)) for name in ("starts", "steps"))
    combs: list[list[Comb]] = []
    for part, shape in enumerate(shapes):
        first = starts[part * rank : (part + 1) * rank]
        if len(shape) != rank:
            raise ShapeError(f"assemble needs parts with the axes of {wanted}, got {shape}")
        comb = list(zip(first, steps[part * rank : (part + 1) * rank], shape, strict=True))
        if any(
            a < 0 or step < 1 or a + (count - 1) * step >= size
            for (a, step, count), size in zip(comb, wanted, strict=True)
        ):
            raise ShapeError(f"assemble needs parts inside {wanted}, got {shape} at {first}")
        if any(meet(comb, other) for other in combs):
            raise ShapeError(f"assemble needs parts apart from each other, got {shape} at {first}")
        combs.append(comb)
    return wanted, F32


Comb = tuple[int, int, int]
"""Along one axis: the first element, the step from one to the next, and how many."""


def meet(one: list[Comb], other: list[Comb]) -> bool:
    """Return whether two parts of an assembled tensor may share an element.

    They do not if along some axis their ranges are apart, or they go in equal steps from first
    elements that differ by no multiple of it.
    """
    for (a, step, count), (b, step_b, count_b) in zip(one, other, strict=True):
        if a + (count - 1) * step < b or b + (count_b - 1) * step_b < a:
            return False
        if step == step_b and (a - b) % step:
            return False
    return True


def _window(
    shapes: tuple[Shape, ...], dtypes: tuple[str, ...], attributes: dict[str, Attribute]
) -> tuple[Shape, str]:
    (shape,) = shapes
    return window_shape(shape, attributes), dtypes[0]


def window_shape(shape: Shape, attributes: dict[str, Attribute]) -> Shape:
    """Return the shape of a window over a tensor of `shape`."""
    axes = attributes["axes"]
    assert isinstance(axes, tuple), "window.axes is a tuple"
    if not axes or axes != tuple(sorted({a for a in axes if 0 <= a < len(shape)})):
        raise ShapeError(f"window needs ascending axes of {shape}, got {axes}")
    sizes, steps, dilations = (_tuple(attributes[name], len(axes)) for name in _WINDOW)
    out = list(shape)
    for axis, size, step, dilation in zip(axes, sizes, steps, dilations, strict=True):
        span = (size - 1) * dilation + 1
        if size < 1 or step < 1 or dilation < 1 or span > shape[axis]:
            raise ShapeError(f"a kernel of at most {shape[axis]} elements expected, got {span}")
        out[axis] = (shape[axis] - span) // step + 1
    return (*out, *sizes)


def _fold(
    shapes: tuple[Shape, ...], dtypes: tuple[str, ...], attributes: dict[str, Attribute]
) -> tuple[Shape, str]:
    _need("fold", dtypes, (F32,))
    wanted = attributes["shape"]
    assert isinstance(wanted, tuple), "fold.shape is a tuple"
    if window_shape(wanted, attributes) != shapes[0]:
        raise ShapeError(f"fold to {wanted} needs its windows, got {shapes[0]}")
    return wanted, F32


def _gather(
    shapes: tuple[Shape, ...], dtypes: tuple[str, ...], attributes: dict[str, Attribute]
) -> tuple[Shape, str]:
    _need("gather", dtypes, (F32, I32))
    if len(shapes[0]) != 2 or attributes:
        raise ShapeError(f"gather needs a table (rows, width), got {shapes[0]}")
    return (*shapes[1], shapes[0][1]), F32


def _scatter(
    shapes: tuple[Shape, ...], dtypes: tuple[str, ...], attributes: dict[str, Attribute]
) -> tuple[Shape, str]:
    _need("scatter", dtypes, (I32, F32))
    rows = attributes["rows"]
    assert isinstance(rows, int), "scatter.rows is an integer"
    if shapes[1][:-1] != shapes[0]:
        raise ShapeError(f"scatter needs a row per index, got {shapes[0]} and {shapes[1]}")
    return (rows, shapes[1][-1]), F32


def _random(
    shapes: tuple[Shape, ...], dtypes: tuple[str, ...], attributes: dict[str, Attribute]
) -> tuple[Shape, str]:
    _need("random", dtypes, (I32,))
    shape = attributes["shape"]
    assert isinstance(shape, tuple), "random.shape is a tuple"
    if shapes[0] != (HEADER_WORDS,):
        raise ShapeError(f"random needs a header of {HEADER_WORDS} words, got {shapes[0]}")
    return shape, F32


def _tuple(value: Attribute, length: int) -> tuple[int, ...]:
    assert isinstance(value, tuple), "a tuple of integers"
    if len(value) != length:
        raise ShapeError(f"{length} numbers expected, one per axis, got {value}")
    return value


_SLICE = ("starts", "sizes", "steps")
_WINDOW = ("sizes", "steps", "dilations")
_MOVED = {
    "slice": _slice,
    "window": _window,
    "fold": _fold,
    "assemble": _assemble,
    "gather": _gather,
    "scatter": _scatter,
    "random": _random,
}
