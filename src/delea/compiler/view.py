"""Views: which tensors are other tensors' memory, read with an offset and strides."""

from collections.abc import Container, Iterable
from dataclasses import dataclass
from math import prod

from delea.graph import Graph, Node
from delea.graph.ops import VIEWS

LEAVES_IN_MEMORY = frozenset({"input", "state"})


@dataclass(frozen=True, slots=True)
class View:
    """A tensor as a part of node `base`'s memory: an offset and a stride per axis, in elements."""

    base: int
    offset: int
    strides: tuple[int, ...]


def row_major(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Return the strides, in elements, of a tensor in row-major order."""
    return tuple(prod(shape[axis + 1 :]) for axis in range(len(shape)))


def is_row_major(view: View, shape: tuple[int, ...]) -> bool:
    """Return whether a view is all of its base's memory in row-major order."""
    moving = zip(shape, view.strides, row_major(shape), strict=True)
    return not view.offset and all(size == 1 or got == wanted for size, got, wanted in moving)


def squeeze(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Return the sizes that are not 1."""
    return tuple(size for size in shape if size != 1)


def same_but_ones(graph: Graph, reshape: int) -> bool:
    """Return whether a reshape only adds and drops axes of size 1."""
    node = graph.nodes[reshape]
    return squeeze(graph.nodes[node.inputs[0]].shape) == squeeze(node.shape)


def storage(graph: Graph, number: int) -> int:
    """Return the node in whose memory `number` lies in row-major order: reshapes aside, itself."""
    while graph.nodes[number].op == "reshape":
        number = graph.nodes[number].inputs[0]
    return number


def below(graph: Graph, numbers: Iterable[int], stored: Container[int] = ()) -> set[int]:
    """Return the nodes that `numbers` are computed from, down to those `stored`; all included."""
    seen: set[int] = set()
    stack = list(numbers)
    while stack:
        number = stack.pop()
        if number not in seen:
            seen.add(number)
            if number not in stored:
                stack.extend(graph.nodes[number].inputs)
    return seen


def view_of(graph: Graph, number: int, stored: Container[int]) -> View | None:
    """Return a node as a view of one that is `stored` or a leaf; None if it is no such view."""
    node = graph.nodes[number]
    if number in stored or node.op in LEAVES_IN_MEMORY:
        return View(number, 0, row_major(node.shape))
    return view_through(graph, number, stored)


def view_through(graph: Graph, number: int, stored: Container[int]) -> View | None:
    """Return a node as a view of what it is made from, though it may be stored itself."""
    node = graph.nodes[number]
    inner = view_of(graph, node.inputs[0], stored) if node.op in VIEWS else None
    if inner is None:
        return None
    if node.op == "transpose":
        strides = tuple(inner.strides[axis] for axis in node.integers("axes"))
        return View(inner.base, inner.offset, strides)
    if node.op == "slice":
        starts, steps = node.integers("starts"), node.integers("steps")
        offset = sum(a * stride for a, stride in zip(starts, inner.strides, strict=True))
        strides = tuple(s * stride for s, stride in zip(steps, inner.strides, strict=True))
        return View(inner.base, inner.offset + offset, strides)
    if node.op == "window":
        return _windowed(node, inner)
    before = graph.nodes[node.inputs[0]].shape
    reshaped = reshaped_strides(before, inner.strides, node.shape)
    return None if reshaped is None else View(inner.base, inner.offset, reshaped)


def _windowed(node: Node, inner: View) -> View:
    strides = list(inner.strides)
    names = ("axes", "steps", "dilations")
    for axis, step, dilation in zip(*(node.integers(name) for name in names), strict=True):
        strides.append(inner.strides[axis] * dilation)
        strides[axis] = inner.strides[axis] * step
    return View(inner.base, inner.offset, tuple(strides))


def ensure_memory(graph: Graph, number: int, stored: set[int]) -> None:
    """Add to `stored` what it takes to make a node a view."""
    node = graph.nodes[number]
    if number in stored or node.op in LEAVES_IN_MEMORY:
        return
    if node.op not in VIEWS:
        stored.add(number)
        return
    ensure_memory(graph, node.inputs[0], stored)
    if view_of(graph, number, stored) is None:
        stored.add(node.inputs[0])


def reshaped_strides(
    before: tuple[int, ...], strides: tuple[int, ...], after: tuple[int, ...]
) -> tuple[int, ...] | None:
    """Return the strides of a strided tensor in another shape; None if it would have to move.

    Axes are taken in runs of equal product; a run must walk memory evenly to be cut anew.
    """
    found: list[int] = []
    old = [(size, stride) for size, stride in zip(before, strides, strict=True) if size != 1]
    new = list(after)
    while new:
        size = new.pop()
        if size == 1:
            found.append(0)
            continue
        if not old:
            return None
        length, stride = old.pop()
        while length % size and old:  # merge outer axes that walk on evenly
            outer, outer_stride = old.pop()
            if outer_stride != stride * length:
                return None
            length *= outer
        if length % size:
            return None
        found.append(stride)
        if length != size:
            old.append((length // size, stride * size))
    return tuple(reversed(found))


@dataclass(frozen=True, slots=True)
class Side:
    """A matmul's operand: how its batch axes and its two matrix axes walk memory.

    A matrix axis is a run of (size, stride) pairs, outermost first: one pair if it is even.
    """

    base: int
    offset: int
    batch: tuple[int, ...]
    rows: tuple[tuple[int, int], ...]
    columns: tuple[tuple[int, int], ...]

    @property
    def is_uneven(self) -> bool:
        """Whether a matrix axis is several runs."""
        return len(self.rows) > 1 or len(self.columns) > 1


def side_of(graph: Graph, number: int, stored: Container[int]) -> Side | None:
    """Return a node (..., rows, columns) as a matmul can read it; None if it has to move first.

    What no view is may still be one before its last reshape: rows and columns that are several
    axes each, as the windows of a convolution are.
    """
    node = graph.nodes[number]
    view = view_of(graph, number, stored)
    if view is not None:
        pairs = list(zip(node.shape, view.strides, strict=True))
        batch = tuple(0 if size == 1 else stride for size, stride in pairs[:-2])
        return Side(view.base, view.offset, batch, (pairs[-2],), (pairs[-1],))
    if node.op != "reshape" or len(node.shape) != 2:
        return None
    view = view_of(graph, node.inputs[0], stored)
    if view is None:
        return None
    axes = list(zip(graph.nodes[node.inputs[0]].shape, view.strides, strict=True))
    for cut in range(len(axes) + 1):
        if prod(size for size, _ in axes[:cut]) == node.shape[0]:
            rows, columns = merged(axes[:cut]), merged(axes[cut:])
            return Side(view.base, view.offset, (), rows, columns)
    return None


def merged(axes: list[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """Return (size, stride) pairs with those made one that walk memory evenly."""
    found: list[tuple[int, int]] = []
    for size, stride in axes:
        if size == 1:
            continue
        if found and found[-1][1] == size * stride:
            found[-1] = (found[-1][0] * size, stride)
        else:
            found.append((size, stride))
    return tuple(found) or ((1, 0),)
