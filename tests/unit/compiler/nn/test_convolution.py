"""Convolutions and pooling: compiled, against plain loops in float64, and their gradients."""

from itertools import product

import numpy as np
import pytest

from delea import nn


def padded(x, edges, value=0.0):
    (top, left), fill = edges, value
    return np.pad(x, ((0, 0), (0, 0), (top, top), (left, left)), constant_values=fill)


def correlate(x, w, bias, stride, padding, dilation, groups):
    """conv2d, one output at a time."""
    x = padded(x, padding)
    (batch, channels, height, width), (outputs, _, kh, kw) = x.shape, w.shape
    rows = (height - (kh - 1) * dilation[0] - 1) // stride[0] + 1
    columns = (width - (kw - 1) * dilation[1] - 1) // stride[1] + 1
    found = np.zeros((batch, outputs, rows, columns))
    each_in, each_out = channels // groups, outputs // groups
    for o, r, c in product(range(outputs), range(rows), range(columns)):
        first = o // each_out * each_in
        top, left = r * stride[0], c * stride[1]
        patch = x[
            :,
            first : first + each_in,
            top : top + (kh - 1) * dilation[0] + 1 : dilation[0],
            left : left + (kw - 1) * dilation[1] + 1 : dilation[1],
        ]
        found[:, o, r, c] = (patch * w[o]).sum((1, 2, 3)) + bias[o]
    return found


def spread(x, w, bias, stride, padding, output_padding, groups, dilation):
    """conv_transpose2d, one input at a time."""
    (batch, channels, height, width), (_, each_out, kh, kw) = x.shape, w.shape
    rows = (height - 1) * stride[0] + (kh - 1) * dilation[0] + 1 + output_padding[0]
    columns = (width - 1) * stride[1] + (kw - 1) * dilation[1] + 1 + output_padding[1]
    found = np.zeros((batch, each_out * groups, rows, columns))
    for i, r, c in product(range(channels), range(height), range(width)):
        first = i // (channels // groups) * each_out
        top, left = r * stride[0], c * stride[1]
        found[
            :,
            first : first + each_out,
            top : top + (kh - 1) * dilation[0] + 1 : dilation[0],
            left : left + (kw - 1) * dilation[1] + 1 : dilation[1],
        ] += x[:, i, r, c, None, None, None] * w[i]
    found = found[:, :, padding[0] : rows - padding[0], padding[1] : columns - padding[1]]
    return found + bias[:, None, None]


def pool(x, size, stride, padding, dilation, kind):
    x = padded(x, padding, -np.inf if kind is np.max else 0.0)
    rows = (x.shape[2] - (size[0] - 1) * dilation[0] - 1) // stride[0] + 1
    columns = (x.shape[3] - (size[1] - 1) * dilation[1] - 1) // stride[1] + 1
    found = np.zeros((*x.shape[:2], rows, columns))
    for r, c in product(range(rows), range(columns)):
        top, left = r * stride[0], c * stride[1]
        patch = x[
            :,
            :,
            top : top + (size[0] - 1) * dilation[0] + 1 : dilation[0],
            left : left + (size[1] - 1) * dilation[1] + 1 : dilation[1],
        ]
        found[:, :, r, c] = kind(patch, axis=(2, 3))
    return found


# batch, in, out, (h, w), kernel, stride, padding, dilation, groups
CONVOLUTIONS = [
    (2, 3, 5, (7, 6), (3, 3), (1, 1), (0, 0), (1, 1), 1),
    (1, 1, 1, (5, 5), (1, 1), (1, 1), (0, 0), (1, 1), 1),
    (2, 2, 3, (8, 9), (3, 2), (2, 3), (1, 0), (1, 1), 1),
    (1, 3, 2, (9, 9), (3, 3), (1, 2), (2, 1), (2, 2), 1),
    (2, 4, 6, (6, 5), (3, 3), (1, 1), (1, 1), (1, 1), 2),
    (1, 6, 3, (5, 5), (2, 2), (1, 1), (0, 1), (1, 1), 3),
    (2, 5, 5, (6, 7), (3, 3), (1, 1), (1, 1), (1, 1), 5),
    (2, 3, 6, (7, 5), (3, 3), (2, 1), (1, 0), (1, 2), 3),
    (3, 17, 19, (4, 4), (3, 3), (1, 1), (1, 1), (1, 1), 1),
]


@pytest.mark.parametrize("case", CONVOLUTIONS)
def test_a_convolution(check, case):
    batch, inputs, outputs, size, kernel, stride, padding, dilation, groups = case
    spans = (stride, padding, dilation, groups)
    check(
        lambda x, w, bias: nn.conv2d(x, w, bias, *spans),
        (batch, inputs, *size),
        (outputs, inputs // groups, *kernel),
        (outputs,),
        expected=lambda x, w, bias: correlate(x, w, bias, *spans),
        special=False,
    )


@pytest.mark.parametrize("groups", [1, 2, 4])
def test_a_convolution_without_a_bias(check, groups):
    spans = ((1, 1), (0, 0), (1, 1), groups)
    check(
        lambda x, w: nn.conv2d(x, w, None, *spans),
        (2, 4, 5, 6),
        (4, 4 // groups, 2, 3),
        expected=lambda x, w: correlate(x, w, np.zeros(4), *spans),
        special=False,
    )


@pytest.mark.parametrize("groups", [1, 2])
def test_a_convolution_of_one_axis(check, groups):
    check(
        lambda x, w, bias: nn.conv1d(x, w, bias, 2, 1, 2, groups),
        (2, 4, 11),
        (6, 4 // groups, 3),
        (6,),
        expected=lambda x, w, bias: correlate(
            x[:, :, None], w[:, :, None], bias, (1, 2), (0, 1), (1, 2), groups
        )[:, :, 0],
        special=False,
    )


# batch, in, out, (h, w), kernel, stride, padding, output padding, groups, dilation
TRANSPOSED = [
    (2, 3, 5, (4, 3), (3, 3), (1, 1), (0, 0), (0, 0), 1, (1, 1)),
    (1, 2, 3, (3, 4), (2, 3), (2, 2), (0, 1), (0, 0), 1, (1, 1)),
    (2, 3, 2, (3, 3), (3, 3), (2, 3), (1, 1), (1, 2), 1, (1, 1)),
    (1, 4, 6, (3, 2), (3, 2), (2, 1), (1, 0), (1, 0), 2, (2, 1)),
]


@pytest.mark.parametrize("case", TRANSPOSED)
def test_a_transposed_convolution(check, case):
    batch, inputs, outputs, size, kernel, *spans = case
    groups = spans[3]
    check(
        lambda x, w, bias: nn.conv_transpose2d(x, w, bias, *spans),
        (batch, inputs, *size),
        (inputs, outputs // groups, *kernel),
        (outputs,),
        expected=lambda x, w, bias: spread(x, w, bias, *spans),
        special=False,
    )


# size, stride, padding, dilation
POOLS = [
    ((2, 2), (2, 2), (0, 0), (1, 1)),
    ((3, 2), (1, 2), (1, 1), (1, 1)),
    ((2, 3), (2, 1), (0, 1), (2, 1)),
    ((3, 3), (2, 2), (1, 1), (1, 1)),
]


@pytest.mark.parametrize("spans", POOLS)
def test_a_maximum_over_windows(check, spans):
    check(
        lambda x: nn.max_pool2d(x, *spans),
        (2, 3, 7, 6),
        expected=lambda x: pool(x, *spans, np.max),
    )


@pytest.mark.parametrize("spans", POOLS)
def test_a_mean_over_windows(check, spans):
    size, stride, padding, _ = spans
    check(
        lambda x: nn.avg_pool2d(x, size, stride, padding),
        (2, 3, 7, 6),
        expected=lambda x: pool(x, size, stride, padding, (1, 1), np.mean),
    )


@pytest.mark.parametrize("size", [1, 2, (3, 1), (6, 4)])
def test_a_mean_over_parts(check, size):
    rows, columns = (size, size) if isinstance(size, int) else size
    check(
        lambda x: nn.adaptive_avg_pool2d(x, size),
        (2, 3, 6, 4),
        expected=lambda x: x.reshape(2, 3, rows, 6 // rows, columns, 4 // columns).mean((3, 5)),
    )


def test_a_convolution_of_ones_and_zeros_is_exact(check):
    def edges(x):
        return nn.max_pool2d(nn.relu(nn.conv2d(x, nn.stack([x[0, :, :3, :3]] * 4), None)), 2)

    check(edges, (2, 3, 8, 8), special=False)
