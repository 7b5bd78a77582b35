"""Which bits a NaN has, an engine may choose: no operation lets them be seen in a number."""

import numpy as np
import pytest

from delea.graph import F32, Builder
from delea.graph.ops import ARITHMETIC, COMPARISONS, UNARY

ROWS, WIDTH = 6, 8
# Two engines' choices: the NaN that is usual, one with the other sign, others with a payload.
CHOICES = ("7fc00000", "ffc00000", "ff812345")


def values(bits):
    """Numbers of all kinds with NaNs of these bits between them: (rows, width)."""
    usual = [0.0, -0.0, 1.0, -1.5, 3e38, 1e-40, np.inf, -np.inf, 7.25, -3.0, 0.5, 88.0]
    each = np.resize(np.array(usual, "<f4"), ROWS * WIDTH)
    each.view("<u4")[::3] = int(bits, 16)
    return each.reshape(ROWS, WIDTH)


def seen(outputs):
    """What a caller sees: every NaN alike."""
    return {
        name: np.where(np.isnan(out), np.float32(np.nan), out).astype("<f4").tobytes()
        for name, out in outputs.items()
    }


def unary(op):
    return lambda b, x, _: b.add(op, x)


def binary(op):
    return lambda b, x, y: b.add(op, x, y)


def compared(op):
    def build(b, x, y):
        shape = (ROWS, WIDTH)
        return b.add("where", b.add(op, x, y), b.constant(3.0, shape), b.constant(5.0, shape))

    return build


def reduced(op, axis, order):
    return lambda b, x, _: b.add(op, x, axes=(axis,), order=order)


def product(op):
    return lambda b, x, y: b.add(op, x, y, ta=False, tb=True)


def chosen(b, x, y):
    return b.add("where", b.add("less", x, y), y, b.constant(0.0, (ROWS, WIDTH)))


def cast(b, x, _):
    return b.add("cast", b.add("cast", x))


def gathered(b, x, y):
    return b.add("gather", y, b.add("cast", x))


def scattered(b, x, y):
    index = b.add("slice", b.add("cast", x), starts=(0, 0), sizes=(ROWS, 1), steps=(1, 1))
    return b.add("scatter", b.add("reshape", index, shape=(ROWS,)), y, rows=3)


BUILT = {
    **{op: unary(op) for op in sorted(UNARY)},
    **{op: binary(op) for op in sorted(ARITHMETIC)},
    **{op: compared(op) for op in sorted(COMPARISONS)},
    **{
        f"{op} {axis} {order}": reduced(op, axis, order)
        for op in ("sum", "maximum")
        for axis, order in ((0, "sequential"), (1, "sequential"), (1, "lanes4"))
    },
    "matmul": product("matmul"),
    "sparse_matmul": product("sparse_matmul"),
    "where": chosen,
    "cast": cast,
    "gather": gathered,
    "scatter": scattered,
}


@pytest.mark.parametrize("name", BUILT)
def test_a_nan_s_bits_change_nothing_that_is_seen(run, name):
    b = Builder()
    x, y = (b.leaf("input", leaf, (ROWS, WIDTH), F32) for leaf in "xy")
    graph = b.graph({"o": BUILT[name](b, x, y)})
    results = {
        bits: seen(run(graph, {"x": values(bits), "y": np.roll(values(bits), 1)}))
        for bits in CHOICES
    }
    assert len(set(map(str, results.values()))) == 1


def test_every_operation_that_computes_is_tried():
    tried = {name.split()[0] for name in BUILT}
    assert tried >= UNARY | ARITHMETIC | COMPARISONS | {"where", "cast", "gather", "scatter"}
