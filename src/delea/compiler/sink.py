"""Transpositions move towards the results, so that what is computed stays in one layout.

A convolution's channels lie last in memory; what follows it elementwise, its pooling and their
gradients then run in that layout too, and data moves only where a reshape needs the other one.
Parts of one tensor that are added up while they are apart become one tensor.
"""

from delea.graph import F32, MINUS_ZERO, Builder, Node
from delea.graph.ops import Comb, meet


def sink_elementwise(b: Builder, node: Node, inputs: tuple[int, ...]) -> int | None:
    """Return op(transpose(x), y) as transpose(op(x, y transposed back)), if an input is such."""
    axes = next((found for i in inputs if (found := _moved(b, i, node.shape))), None)
    if axes is None or all(size == 1 for size in node.shape):
        return None
    back = _inverse(axes)
    turned = tuple(_turned(b, source, back) for source in inputs)
    inner = join(b, turned) if node.op == "add" else None
    if inner is None:
        inner = b.add(node.op, *turned, **dict(node.attributes))
    return transposed(b, inner, axes)


def sink_slice(b: Builder, node: Node, inputs: tuple[int, ...]) -> int | None:
    """Return slice(transpose(x)) as transpose(slice(x)), and a slice of everything as x."""
    source = b.nodes[inputs[0]]
    if source.shape == node.shape:
        return inputs[0]
    if source.op == "assemble":
        return _slice_part(b, node, source)
    if source.op != "transpose":
        return None
    axes = source.integers("axes")
    back = _inverse(axes)
    spans = {
        key: tuple(node.integers(key)[axis] for axis in back)
        for key in ("starts", "sizes", "steps")
    }
    return transposed(b, b.add("slice", source.inputs[0], **spans), axes)


def _slice_part(b: Builder, node: Node, whole: Node) -> int | None:
    """Return a slice of an assembled tensor as one of the part it lies in, or as what it is on."""
    wanted, combs = _spans(node), _combs(b, whole)
    if any(step != 1 for comb in [wanted, *combs] for _, step, _ in comb):
        return None
    inside = [
        all(at <= start and start + n <= at + size for (start, _, n), (at, _, size) in pairs)
        for pairs in (list(zip(wanted, comb, strict=True)) for comb in combs)
    ]
    if True in inside:
        part = inside.index(True)
        starts = tuple(
            start - at for (start, _, _), (at, _, _) in zip(wanted, combs[part], strict=True)
        )
        source = whole.inputs[part]
        if b.shape(source) == node.shape:
            return source
        return b.add("slice", source, **{**dict(node.attributes), "starts": starts})
    if whole.dtype == F32 and not any(meet(wanted, comb) for comb in combs):
        return b.constant_bits(whole.integer("bits"), node.shape)
    return None


def sink_assemble(b: Builder, node: Node, inputs: tuple[int, ...]) -> int | None:
    """Return assemble(transpose(x), ...) as transpose(assemble(x, ...)), and a whole part as is."""
    if b.shape(inputs[0]) == node.shape:
        return inputs[0]
    axes = next((found for i in inputs if (found := _moved(b, i, None))), None)
    if axes is None:
        return None
    back, rank = _inverse(axes), len(node.shape)
    order = [part * rank + axis for part in range(len(inputs)) for axis in back]
    spans = {key: tuple(node.integers(key)[i] for i in order) for key in ("starts", "steps")}
    turned = tuple(transposed(b, source, back) for source in inputs)
    shape = tuple(node.shape[axis] for axis in back)
    whole = b.add("assemble", *turned, shape=shape, bits=node.integer("bits"), **spans)
    return transposed(b, whole, axes)


def sink_transpose(b: Builder, node: Node, inputs: tuple[int, ...]) -> int | None:
    """Return a transposition of a transposition as one, and one that moves nothing as none."""
    axes = node.integers("axes")
    source = b.nodes[inputs[0]]
    if axes == tuple(range(len(axes))):
        return inputs[0]
    return transposed(b, inputs[0], axes) if source.op == "transpose" else None


def join(b: Builder, inputs: tuple[int, ...]) -> int | None:
    """Return the sum of two tensors assembled on -0.0, all their parts apart, as one."""
    left, right = (b.nodes[source] for source in inputs)
    if any(x.op != "assemble" or x["bits"] != MINUS_ZERO for x in (left, right)):
        return None
    combs = [*_combs(b, left), *_combs(b, right)]
    cut = len(left.inputs)
    if left.shape != right.shape or any(meet(x, y) for x in combs[:cut] for y in combs[cut:]):
        return None
    spans = {key: left.integers(key) + right.integers(key) for key in ("starts", "steps")}
    parts = (*left.inputs, *right.inputs)
    return b.add("assemble", *parts, shape=left.shape, bits=MINUS_ZERO, **spans)


def transposed(b: Builder, value: int, axes: tuple[int, ...]) -> int:
    """Return `value` transposed, through at most one transposition."""
    node = b.nodes[value]
    if node.op == "transpose":
        inner = node.integers("axes")
        value, axes = node.inputs[0], tuple(inner[axis] for axis in axes)
    if axes == tuple(range(len(axes))):
        return value
    return b.add("transpose", value, axes=axes)


def _moved(b: Builder, value: int, shape: tuple[int, ...] | None) -> tuple[int, ...] | None:
    """Return the axes of a transposition that has the wanted shape."""
    node = b.nodes[value]
    if node.op != "transpose" or (shape is not None and node.shape != shape):
        return None
    return node.integers("axes")


def _turned(b: Builder, value: int, back: tuple[int, ...]) -> int:
    """Return an operand transposed; one of fewer axes gets them all, a single number stays."""
    shape = b.shape(value)
    if all(size == 1 for size in shape):
        return value if not shape else b.add("reshape", value, shape=())
    if len(shape) < len(back):
        wide = (1,) * (len(back) - len(shape)) + shape
        value = b.add("reshape", value, shape=wide)
    return transposed(b, value, back)


def _spans(node: Node) -> list[Comb]:
    return list(zip(*(node.integers(key) for key in ("starts", "steps", "sizes")), strict=True))


def _combs(b: Builder, node: Node) -> list[list[Comb]]:
    rank = len(node.shape)
    starts, steps = node.integers("starts"), node.integers("steps")
    found = []
    for part, source in enumerate(node.inputs):
        own = slice(part * rank, (part + 1) * rank)
        found.append(list(zip(starts[own], steps[own], b.shape(source), strict=True)))
    return found


def _inverse(axes: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(axes.index(axis) for axis in range(len(axes)))
