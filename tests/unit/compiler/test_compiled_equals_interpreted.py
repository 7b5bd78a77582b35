"""Whatever the graph and the numbers: compiled and interpreted give the same bits."""

from math import prod

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from delea.compiler.simplify import simplify
from delea.errors import ShapeError
from delea.graph import F32, I32, MASK, Builder, check_graph, interpret
from delea.graph.ops import broadcast

MOST = 700
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

    def leaf(self, op, shape):
        self.leaves += 1
        return self.b.leaf(op, f"{op[0]}{self.leaves}", shape, F32)

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
        self.b.add(self.pick(("add", "sub", "mul", "div", "max", "min")), *pair)

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
        self.b.add(self.pick(("neg", "abs", "sqrt", "exp", "log", "tanh")), self.value())

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
    return {name: numbers(node.shape, source) for name, node in pairs}


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
