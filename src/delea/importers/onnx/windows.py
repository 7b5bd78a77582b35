"""Windows over pixels on their way out: as convolutions where they are ones, else by gathering."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

import numpy as np

from delea.importers.onnx.convolutions import CHANNELS_FIRST, CHANNELS_LAST
from delea.importers.onnx.rows import NotByRows

if TYPE_CHECKING:
    from delea.graph import Node
    from delea.importers.onnx.convolutions import Convolution, Transposed
    from delea.importers.onnx.outgoing import Outgoing


def write_convolution(e: Outgoing, number: int, found: Convolution) -> str:
    """Write a convolution, channels first, and bring its sums into the shape of the node."""
    pixels, node = e.graph.nodes[found.pixels], e.graph.nodes[number]
    if pixels.op == "transpose" and pixels.integers("axes") == CHANNELS_LAST:
        image = e.value(pixels.inputs[0])
    else:
        image = e.writer.add("Transpose", e.value(found.pixels), perm=CHANNELS_FIRST)
    first, stop = found.channels
    if stop - first != found.window.shape[3]:
        spans = (e.integers(first), e.integers(stop), e.integers(1))
        image = e.writer.add("Slice", image, *spans)
    kernel, channels = found.window.shape[4:], (stop - first) // found.groups
    wanted = (found.outputs, channels, *kernel)
    filters = e.value(found.filters)
    if found.turned:
        apart = e.writer.add("Reshape", filters, e.integers(found.outputs, *kernel, channels))
        filters = e.writer.add("Transpose", apart, perm=CHANNELS_FIRST)
    elif e.graph.nodes[found.filters].shape != wanted:
        filters = e.writer.add("Reshape", filters, e.integers(*wanted))
    inputs = [image, filters]
    if found.bias is not None:
        bias = e.value(found.bias)
        flat = e.graph.nodes[found.bias].shape == (found.outputs,)
        inputs.append(bias if flat else e.writer.add("Reshape", bias, e.integers(found.outputs)))
    sums = e.writer.add(
        "Conv",
        *inputs,
        strides=found.window.integers("steps"),
        dilations=found.window.integers("dilations"),
        group=found.groups,
    )
    last = e.writer.add("Transpose", sums, perm=CHANNELS_LAST)
    axis = e.axes[number]
    sizes = tuple(-1 if i == axis else size for i, size in enumerate(node.shape))
    return e.writer.add("Reshape", last, e.integers(*sizes))


def write_transposed(e: Outgoing, number: int, found: Transposed) -> str:
    """Write a transposed convolution, channels first, and turn its sums back."""
    turned, axis = e.graph.nodes[found.pixels], e.axes[number]
    if turned.op == "transpose" and turned.integers("axes") == CHANNELS_LAST:
        image = e.value(turned.inputs[0])
    else:
        sizes = (-1 if axis == 0 else found.shape[0], *found.shape[1:])
        apart = e.writer.add("Reshape", e.value(found.pixels), e.integers(*sizes))
        image = e.writer.add("Transpose", apart, perm=CHANNELS_FIRST)
    sizes, outputs = found.fold.integers("sizes"), found.fold.shape[3]
    wanted = (found.shape[3], outputs, *sizes)
    weight = e.value(found.filters)
    if e.graph.nodes[found.filters].shape != wanted:
        weight = e.writer.add("Reshape", weight, e.integers(*wanted))
    steps, gaps = found.fold.integers("steps"), found.fold.integers("dilations")
    spans = zip(found.fold.shape[1:], found.shape[1:], sizes, steps, gaps, strict=False)
    more = tuple(n - (count - 1) * by - (k - 1) * gap - 1 for n, count, k, by, gap in spans)
    sums = e.writer.add(
        "ConvTranspose", image, weight, strides=steps, dilations=gaps, output_padding=more
    )
    return e.writer.add("Transpose", sums, perm=CHANNELS_LAST)


def write_window(e: Outgoing, _number: int, node: Node) -> str:
    """Gather each window's elements along each axis, and move them to the end."""
    value, rank = e.value(node.inputs[0]), len(e.input(node, 0).shape)
    spans = (node.integers(key) for key in ("axes", "sizes", "steps", "dilations"))
    for axis, size, step, gap in zip(*spans, strict=True):
        count = node.shape[axis]
        if size == 1:
            ends = (e.integers(0), e.integers((count - 1) * step + 1), e.integers(axis))
            some = e.writer.add("Slice", value, *ends, e.integers(step))
            value = e.writer.add("Unsqueeze", some, e.integers(rank))
            rank += 1
            continue
        index = np.arange(count)[:, None] * step + np.arange(size) * gap
        value = e.writer.add("Gather", value, e.writer.constant(index), axis=axis)
        rank += 1
        order = [i for i in range(rank) if i != axis + 1]
        value = e.writer.add("Transpose", value, perm=(*order, axis + 1))
    return value


def write_fold(e: Outgoing, number: int, node: Node) -> str:
    """Add the windows' elements up by a transposed convolution with filters of a single 1."""
    axes, sizes = node.integers("axes"), node.integers("sizes")
    inner, rank = e.input(node, 0).shape, len(node.shape)
    others = [i for i in range(rank) if i not in axes]
    first, rest = others[0], others[1:]
    if e.axes[number] not in (None, first):
        raise NotByRows
    channels, places = prod(node.shape[i] for i in rest), prod(sizes)
    order = (first, *rest, *range(rank, len(inner)), *axes)
    turned = e.writer.add("Transpose", e.value(node.inputs[0]), perm=order)
    counts = [inner[i] for i in axes]
    flat = e.writer.add("Reshape", turned, e.integers(-1, channels * places, *counts))
    filters = np.tile(np.eye(places, dtype=np.float32), (channels, 1))
    steps, gaps = node.integers("steps"), node.integers("dilations")
    spans = zip(axes, counts, sizes, steps, gaps, strict=True)
    more = tuple(node.shape[i] - (n - 1) * by - (k - 1) * gap - 1 for i, n, k, by, gap in spans)
    whole = e.writer.add(
        "ConvTranspose",
        flat,
        e.writer.constant(filters.reshape(channels * places, 1, *sizes)),
        strides=steps,
        dilations=gaps,
        group=channels,
    )
    if any(more):
        ends = e.integers(*(0,) * (len(axes) + 4), *more)
        whole = e.writer.add("Pad", whole, ends)
    back = (-1, *(node.shape[i] for i in (*rest, *axes)))
    apart = e.writer.add("Reshape", whole, e.integers(*back))
    places_of = [first, *rest, *axes]
    return e.writer.add("Transpose", apart, perm=tuple(places_of.index(i) for i in range(rank)))
