"""Convolutions found again in a graph, where they are windows times filters."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from delea.graph import Graph, Node

CHANNELS_LAST, CHANNELS_FIRST = (0, 2, 3, 1), (0, 3, 1, 2)
_TERMS = (0, 1, 2, 4, 5, 3)


@dataclass(frozen=True, slots=True)
class Convolution:
    """What a node comes to: nodes by their numbers.

    `pixels` are (batch, h, w, channels) and `filters` any shape that has the elements of (outputs,
    channels / groups, kh, kw) in that order, or of (outputs, kh, kw, channels) if `turned`.
    """

    pixels: int
    filters: int
    bias: int | None
    window: Node
    groups: int
    outputs: int
    turned: bool
    channels: tuple[int, int]  # of the pixels, from the first on to before the second

    @property
    def inputs(self) -> tuple[int, ...]:
        """The nodes that it reads."""
        known = (self.pixels, self.filters)
        return known if self.bias is None else (*known, self.bias)


@dataclass(frozen=True, slots=True)
class Transposed:
    """A transposed convolution: `pixels` (batch, h, w, channels), filters (channels, out, kh, kw).

    `pixels` is a node of another shape with the same elements in the same order.
    """

    pixels: int
    filters: int
    shape: tuple[int, ...]
    fold: Node

    @property
    def inputs(self) -> tuple[int, ...]:
        """The nodes that it reads."""
        return self.pixels, self.filters


def find_transposed(graph: Graph) -> dict[int, Transposed]:
    """Return the transposed convolutions by the number of the node that folds their windows."""
    found = {}
    for number, node in enumerate(graph.nodes):
        if node.op != "fold" or node.integers("axes") != (1, 2) or len(node.shape) != 4:
            continue
        windows = graph.nodes[node.inputs[0]]
        product = graph.nodes[windows.inputs[0]]
        if windows.op != "reshape" or product.op not in ("matmul", "sparse_matmul"):
            continue
        rows, channels = graph.nodes[product.inputs[0]].shape
        plain = not product["ta"] and not product["tb"] and len(product.inputs) == 2
        if plain and rows == prod(windows.shape[:3]):
            shape = (*windows.shape[:3], channels)
            pixels = _source(graph, product.inputs[0], shape)
            filters = _source(graph, product.inputs[1], (channels, *windows.shape[3:]))
            found[number] = Transposed(pixels, filters, shape, node)
    return found


def find_convolutions(graph: Graph) -> dict[int, Convolution]:
    """Return the convolutions of a graph by the number of the node that gives their sums."""
    found = {}
    for number, node in enumerate(graph.nodes):
        one = _dense(graph, node) or _depthwise(graph, node)
        if one is not None:
            found[number] = one
    return found


def _dense(graph: Graph, node: Node) -> Convolution | None:
    """Match windows, turned to (places, kh * kw * channels), times filters."""
    if node.op not in ("matmul", "sparse_matmul") or node["ta"] or not node["tb"]:
        return None
    turned = _through(graph, node.inputs[0], "reshape")
    part = None if turned is None else _through(graph, turned, "transpose", axes=_TERMS)
    window = None if part is None else _whole(graph, part)
    if part is None or window is None or not _is_window(graph.nodes[window]):
        return None
    patches = graph.nodes[turned].shape if turned is not None else ()
    shape = graph.nodes[node.inputs[0]].shape
    if shape != (prod(patches[:3]), prod(patches[3:])):
        return None
    own = _through(graph, node.inputs[1], "reshape")
    filters = None if own is None else _through(graph, own, "transpose", axes=CHANNELS_LAST)
    source = graph.nodes[window]
    first = 0 if part == window else graph.nodes[part].integers("starts")[3]
    return Convolution(
        pixels=source.inputs[0],
        channels=(first, first + graph.nodes[part].shape[3]),
        filters=node.inputs[1] if filters is None else filters,
        bias=node.inputs[2] if len(node.inputs) > 2 else None,
        window=source,
        groups=1,
        outputs=node.shape[1],
        turned=filters is None,
    )


def _depthwise(graph: Graph, node: Node) -> Convolution | None:
    """Match windows (batch, h, w, kh, kw, channels, 1) times filters, added over kh and kw."""
    if node.op != "sum" or len(node.shape) != 7 or node.integers("axes") != (3, 4):
        return None
    product = graph.nodes[node.inputs[0]]
    if product.op != "mul":
        return None
    turned = _through(graph, product.inputs[0], "reshape")
    window = None if turned is None else _through(graph, turned, "transpose", axes=_TERMS)
    filters = _through(graph, product.inputs[1], "transpose", axes=(2, 3, 0, 1))
    if window is None or filters is None or not _is_window(graph.nodes[window]):
        return None
    source = graph.nodes[window]
    batch, height, width, channels, *kernel = source.shape
    each = node.shape[6]
    wanted = (batch, height, width, *kernel, channels, 1)
    shape = (channels, each, *kernel)
    if graph.nodes[product.inputs[0]].shape != wanted or graph.nodes[filters].shape != shape:
        return None
    return Convolution(
        pixels=source.inputs[0],
        channels=(0, channels),
        filters=_source(graph, filters, (channels * each, 1, *kernel)),
        bias=_source(graph, node.inputs[1], (channels * each,)) if node.inputs[1:] else None,
        window=source,
        groups=channels,
        outputs=channels * each,
        turned=False,
    )


def _source(graph: Graph, number: int, wanted: tuple[int, ...]) -> int:
    """Return what a node reshapes, if that has the shape wanted; else the node."""
    own = _through(graph, number, "reshape")
    return number if own is None or graph.nodes[own].shape != wanted else own


def _whole(graph: Graph, number: int) -> int:
    """Return the node of which this one is all, or some of the channels: a group's windows."""
    node = graph.nodes[number]
    if node.op != "slice" or set(node.integers("steps")) != {1}:
        return number
    shape = graph.nodes[node.inputs[0]].shape
    others = (i for i in range(len(shape)) if i != 3)
    return node.inputs[0] if all(node.shape[i] == shape[i] for i in others) else number


def _is_window(node: Node) -> bool:
    return node.op == "window" and node.integers("axes") == (1, 2) and len(node.shape) == 6


def _through(graph: Graph, number: int, op: str, axes: tuple[int, ...] | None = None) -> int | None:
    """Return the input of a node, if it is of this operation and of these axes."""
    node = graph.nodes[number]
    if node.op != op or (axes is not None and node.integers("axes") != axes):
        return None
    return node.inputs[0]
