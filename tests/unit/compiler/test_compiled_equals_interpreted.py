"""Whatever the graph and the numbers: compiled and interpreted give the same bits."""

from math import prod

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from delea.compiler.simplify import simplify
from delea.errors import ShapeError
from delea.graph import F32, I32, MASK, Builder, check_graph, interpret
from delea.graph.ops import broadcast, window_shape

MOST = 700
ARITHMETIC = ("add", "sub", "mul", "div", "max", "min", "pow")
UNARY = ("neg", "abs", "sqrt", "exp", "log", "tanh", "sin", "cos", "erf")
SIZES = (1, 2, 3, 4, 5, 7, 8, 17, 33)
NAMED = (0.0, -0.0, 1.0, -1.0, np.inf, -np.inf, np.nan, 0.5, 0.625, -0.625, 88.7, -104.0)
TINY, HUGE = (1e-45, -1e-45, 1.1754942e-38, 1.1754944e-38), (-3.4028235e38, 3.4028235e38, -1e20)
SPECIAL = np.array((*NAMED, *TINY, *HUGE), dtype=np.float32)
engine = settings(settings.get_profile("engine"), suppress_health_check=list(HealthCheck))


class Drawing:
    """Draws a graph operation by operation; every choice shrinks."""

    def __init__(self, draw):
        self.draw = draw
        self.b = Builder()
        self.leaves = 0

    def pick(self, items):
        return self.draw(st.sampled_from(list(items)))

    def flag(self):
        return self.draw(st.booleans())

    def shape(self):
        shape = ()
        for _ in range(self.draw(st.integers(0, 4))):
            size = self.pick([s for s in SIZES if s * prod(shape) <= MOST])
            shape += (size,)
        return shape

    def leaf(self, op, shape, dtype=F32):
        self.leaves += 1
        return self.b.leaf(op, f"{op[0]}{self.leaves}", shape, dtype)

    def kind(self, dtype):
        return [n for n, node in enumerate(self.b.nodes) if node.dtype == dtype]

    def value(self):
        return self.pick(self.kind(F32))

    def partner(self, *others, dtype=F32):
        """A node that broadcasts with `others`: an old one, or a new leaf with axes of 1."""
        shapes = [self.b.shape(n) for n in others]
        if dtype == F32 and self.flag():
            full = broadcast("", *shapes)
            kept = full[self.draw(st.integers(0, len(full))) :]
            return self.leaf("input", tuple(self.pick((1, size)) for size in kept))
        fitting = []
        for n in self.kind(dtype):
            try:
                if prod(broadcast("", *shapes, self.b.shape(n))) <= MOST:
                    fitting.append(n)
            except ShapeError:
                continue
        return self.pick(fitting or [self.b.constant(1.0)])

    def grow(self):
        getattr(self, self.pick(GROWERS))()

    def arithmetic(self):
        left = self.value()
        pair = [left, self.partner(left)]
        if self.flag():
            pair.reverse()
        self.b.add(self.pick(ARITHMETIC), *pair)

    def compare(self):
        left = self.value()
        self.b.add(self.pick(("less", "equal")), left, self.partner(left))

    def where(self):
        masks = self.kind(MASK)
        if masks:
            mask = self.pick(masks)
            yes = self.partner(mask)
            self.b.add("where", mask, yes, self.partner(mask, yes))

    def expand(self):
        source = self.value()
        wide = broadcast("", self.b.shape(source), self.b.shape(self.partner(source)))
        self.b.add("add", source, self.b.constant(-0.0, wide))

    def unary(self):
        self.b.add(self.pick(UNARY), self.value())

    def one_hot(self):
        shape = self.shape() or (3,)
        axis = self.draw(st.integers(0, len(shape) - 1))
        index = self.b.iota(shape, axis)
        ones = tuple(1 if i == axis else size for i, size in enumerate(shape))
        label = self.b.iota(ones, self.draw(st.integers(0, len(shape) - 1)))
        self.b.add("equal", index, label)
        self.b.add("cast", self.pick((index, label)))

    def constant(self):
        self.b.constant(float(self.pick(SPECIAL[np.isfinite(SPECIAL)])), self.shape())

    def reshape(self):
        source = self.value()
        shape = self.b.shape(source)
        flat, ways = prod(shape), [(prod(shape),), (1, *shape), (*shape, 1)]
        ways += [(n, flat // n) for n in (2, 3, 4, 5) if flat % n == 0]
        ways.append(tuple(size for size in shape if size != 1))
        if len(shape) > 1:
            ways.append((shape[0] * shape[1], *shape[2:]))
        self.b.add("reshape", source, shape=self.pick(ways))

    def transpose(self):
        source = self.pick([n for n, node in enumerate(self.b.nodes) if node.op != "constant"])
        axes = self.draw(st.permutations(range(len(self.b.shape(source)))))
        self.b.add("transpose", source, axes=tuple(axes))

    def reduce(self):
        source = self.value()
        shape = self.b.shape(source)
        if not shape:
            return
        axes = self.draw(st.sets(st.integers(0, len(shape) - 1), min_size=1))
        op, axes = self.pick(("sum", "maximum")), tuple(sorted(axes))
        if op == "sum" and self.flag():
            out = tuple(1 if i in axes else size for i, size in enumerate(shape))
            start = self.leaf("input", tuple(self.pick((1, size)) for size in out))
            self.b.add("sum", source, start, axes=axes, order="sequential")
        elif self.flag():
            self.b.add(op, source, axes=axes, order="sequential")
        else:
            self.b.reduce(op, source, axes)

    def slice(self):
        source = self.value()
        spans = []
        for size in self.b.shape(source):
            step = self.pick((1, 1, 2, 3))
            start = self.draw(st.integers(0, size - 1))
            spans.append((start, self.draw(st.integers(1, (size - 1 - start) // step + 1)), step))
        starts, sizes, steps = zip(*spans, strict=True) if spans else ((), (), ())
        self.b.add("slice", source, starts=starts, sizes=sizes, steps=steps)

    def assemble(self):
        """One part among others' bits, or two parts one behind the other or interleaved."""
        source = self.pick(
            [n for n in self.kind(F32) if self.b.shape(n)] or [self.leaf("input", (3,))]
        )
        shape, bits = self.b.shape(source), self.pick((0, 0x80000000, 0x3F800000))
        spans = []
        for size in shape:
            step = self.pick((1, 1, 2, 3))
            start = self.draw(st.integers(0, 3))
            spans.append((start, step, start + (size - 1) * step + 1 + self.pick((0, 0, 1, 2))))
        starts, steps, sizes = zip(*spans, strict=True) if spans else ((), (), ())
        parts = [source]
        if shape and self.flag():
            axis = self.draw(st.integers(0, len(shape) - 1))
            alike = [n for n in self.kind(F32) if self.b.shape(n) == shape]
            parts.append(self.pick(alike))
            behind = self.pick((1, sizes[axis])) if steps[axis] > 1 else sizes[axis]
            starts += tuple(s + behind * (i == axis) for i, s in enumerate(starts))
            steps *= 2
            sizes = tuple(s + behind * (i == axis) for i, s in enumerate(sizes))
        if prod(sizes) <= MOST:
            self.b.add("assemble", *parts, shape=sizes, starts=starts, steps=steps, bits=bits)

    def windows(self, shape):
        """A window's attributes over `shape`, or None if it has no axes."""
        if not shape:
            return None
        axes = tuple(sorted(self.draw(st.sets(st.integers(0, len(shape) - 1), min_size=1))))
        sizes, dilations = [], []
        for axis in axes:
            dilations.append(self.pick((1, 1, 2)))
            most = (shape[axis] - 1) // dilations[-1] + 1
            sizes.append(self.draw(st.integers(1, min(4, most))))
        steps = tuple(self.pick((1, 2, 3)) for _ in axes)
        return {"axes": axes, "sizes": tuple(sizes), "steps": steps, "dilations": tuple(dilations)}

    def window(self):
        source = self.value()
        attributes = self.windows(self.b.shape(source))
        if attributes and prod(window_shape(self.b.shape(source), attributes)) <= MOST:
            self.b.add("window", source, **attributes)

    def fold(self):
        wanted = self.shape()
        attributes = self.windows(wanted)
        if attributes is None:
            return
        shape = window_shape(wanted, attributes)
        if prod(shape) <= MOST:
            alike = [n for n in self.kind(F32) if self.b.shape(n) == shape]
            source = self.pick([*alike, self.leaf("input", shape)])
            self.b.add("fold", source, shape=wanted, **attributes)

    def gather(self):
        tables = [n for n in self.kind(F32) if len(self.b.shape(n)) == 2]
        table = self.pick(tables) if tables else self.leaf("input", (5, 3))
        shape = self.shape()
        if prod(shape) * self.b.shape(table)[1] <= MOST:
            self.b.add("gather", table, self.leaf("input", shape, I32))

    def scatter(self):
        values = [n for n in self.kind(F32) if self.b.shape(n)]
        if values:
            value = self.pick(values)
            index = self.leaf("input", self.b.shape(value)[:-1], I32)
            self.b.add("scatter", index, value, rows=self.pick((1, 2, 5, 7)))

    def batched_matmul(self):
        ta, tb = self.flag(), self.flag()
        m, k, n = (self.pick((1, 2, 3, 5, 17)) for _ in range(3))
        batch = self.pick(((2,), (3, 2), (1, 3), ()))
        other = self.pick((batch, (), tuple(self.pick((1, size)) for size in batch)))
        left = self.leaf("input", (*batch, *((k, m) if ta else (m, k))))
        right = self.leaf("input", (*other, *((n, k) if tb else (k, n))))
        self.b.add("matmul", left, right, ta=ta, tb=tb)

    def matmul(self):
        matrices = [n for n in self.kind(F32) if len(self.b.shape(n)) == 2]
        ta, tb = self.flag(), self.flag()
        if matrices and self.flag():
            left = self.pick(matrices)
        else:
            left = self.leaf("input", (self.pick(SIZES), self.pick(SIZES)))
        inner = self.b.shape(left)[0 if ta else 1]
        fitting = [n for n in matrices if self.b.shape(n)[1 if tb else 0] == inner]
        if fitting and self.flag():
            right = self.pick(fitting)
        else:
            columns = self.pick(SIZES)
            right = self.leaf("input", (columns, inner) if tb else (inner, columns))
        columns = self.b.shape(right)[0 if tb else 1]
        biases = [n for n in self.kind(F32) if self.b.shape(n) == (columns,)]
        bias = ()
        if self.flag():
            bias = (self.pick([*biases, self.leaf("input", (columns,))]),)
        self.b.add("matmul", left, right, *bias, ta=ta, tb=tb)


GROWERS = ("arithmetic", "arithmetic", "arithmetic", "compare", "where", "unary", "one_hot")
GROWERS += ("constant", "reshape", "transpose", "reduce", "reduce", "matmul", "expand")
GROWERS += ("slice", "assemble", "window", "fold", "gather", "scatter", "batched_matmul")


@st.composite
def graphs(draw):
    """A graph whose outputs are new tensors, or the next values of states of the same shape."""
    drawing = Drawing(draw)
    for _ in range(draw(st.integers(1, 3))):
        drawing.leaf("state", drawing.shape())
    for _ in range(draw(st.integers(1, 14))):
        drawing.grow()
    b = drawing.b
    usable = [n for n, node in enumerate(b.nodes) if node.dtype in (F32, I32)]
    outputs = {
        f"o{i}": n for i, n in enumerate(draw(st.lists(st.sampled_from(usable), max_size=4)))
    }
    for node in list(b.nodes):
        alike = [n for n in drawing.kind(F32) if b.shape(n) == node.shape]
        if node.op == "state" and draw(st.booleans()):
            outputs[node.text("name")] = draw(st.sampled_from(alike))
    if not outputs:
        outputs["last"] = usable[-1]
    return b.graph(outputs)


def numbers(shape, source):
    """Numbers of every magnitude, one in five a special one."""
    values = source.standard_normal(shape) * 10.0 ** source.integers(-3, 4, shape)
    special = source.choice(SPECIAL, shape)
    return np.where(source.random(shape) < 0.2, special, values).astype(np.float32)


def leaves_of(graph, seed):
    source = np.random.default_rng(seed)
    pairs = [*graph.leaves("state"), *graph.leaves("input")]
    return {
        name: numbers(node.shape, source)
        if node.dtype == F32
        else source.integers(-2, 9, node.shape, dtype=np.int32)  # some out of any table's range
        for name, node in pairs
    }


@engine
@given(graph=graphs(), seed=st.integers(0, 99))
def test_a_random_graph(differences, graph, seed):
    check_graph(graph)
    assert differences(graph, leaves_of(graph, seed)) == []


@engine
@given(graph=graphs(), seed=st.integers(0, 99))
def test_a_random_graph_after_simplification(differing, run, graph, seed):
    leaves, simple = leaves_of(graph, seed), simplify(graph)
    check_graph(simple)
    expected = interpret(graph, leaves)
    assert differing(interpret(simple, leaves), expected) == []
    assert differing(run(simple, leaves), expected) == []
