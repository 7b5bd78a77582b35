"""PyTorch's layers as functions: products, convolutions, pooling, dropout, attention."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from delea import nn
from delea.errors import GraphError
from delea.graph import MASK
from delea.nn.record import builder, current
from delea.nn.tensor import Tensor, apply

if TYPE_CHECKING:
    from collections.abc import Callable

Sizes = tuple[int, ...]


def linear(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """Return x W^T + b."""
    if len(x.shape) == 1:
        return linear(x.unsqueeze(0), weight, bias).squeeze(0)
    return nn.linear(x, weight, bias)


def matmul(x: Tensor, y: Tensor) -> Tensor:
    """Return x y; a vector is a row on the left and a column on the right."""
    left = x.unsqueeze(0) if len(x.shape) == 1 else x
    right = y.unsqueeze(1) if len(y.shape) == 1 else y
    result = left @ right
    if len(x.shape) == 1:
        result = result.squeeze(-2)
    return result.squeeze(-1) if len(y.shape) == 1 else result


def addmm(bias: Tensor, x: Tensor, y: Tensor, *, beta: float = 1, alpha: float = 1) -> Tensor:
    """Return beta b + alpha x y."""
    if beta == 1 and alpha == 1 and len(bias.shape) == 1 and bias.shape[0] == y.shape[-1]:
        return apply("matmul", x, y, bias, ta=False, tb=False)
    product = x @ y
    return bias * beta + (product if alpha == 1 else product * alpha)


def convolution(
    x: Tensor,
    weight: Tensor,
    bias: Tensor | None,
    stride: Sizes,
    padding: Sizes,
    dilation: Sizes,
    transposed: bool,
    output_padding: Sizes,
    groups: int,
) -> Tensor:
    """Return a convolution over one or two axes, or its transposition."""
    if len(x.shape) == 3:
        steps, edges, gaps = ((1, *stride), (0, *padding), (1, *dilation))
        wide = (x.unsqueeze(2), weight.unsqueeze(2), bias, steps, edges, gaps)
        return convolution(*wide, transposed, (0, *output_padding), groups).squeeze(2)
    if len(x.shape) != 4:
        raise GraphError(f"a convolution over one or two axes expected, got {len(x.shape) - 2}")
    steps, edges, gaps, more = (_pair(each) for each in (stride, padding, dilation, output_padding))
    if transposed:
        return nn.conv_transpose2d(x, weight, bias, steps, edges, more, groups, gaps)
    return nn.conv2d(x, weight, bias, steps, edges, gaps, groups)


def conv(
    x: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Sizes = (1,),
    padding: Sizes = (0,),
    dilation: Sizes = (1,),
    groups: int = 1,
) -> Tensor:
    """Return a convolution over one or two axes."""
    return convolution(x, weight, bias, stride, padding, dilation, False, (0,), groups)


def _pair(values: Sizes) -> tuple[int, int]:
    return (values[0], values[-1])


def max_pool(
    x: Tensor,
    kernel: Sizes,
    stride: Sizes = (),
    padding: Sizes = (0,),
    dilation: Sizes = (1,),
    ceil_mode: bool = False,
) -> tuple[Tensor, None]:
    """Return the largest of each window; where it was is not told."""
    _check_floor(x, ceil_mode)
    spans = (_pair(kernel), _pair(stride or kernel), _pair(padding), _pair(dilation))
    return nn.max_pool2d(x, *spans), None


def avg_pool(
    x: Tensor,
    kernel: Sizes,
    stride: Sizes = (),
    padding: Sizes = (0,),
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor: int | None = None,
) -> Tensor:
    """Return the mean of each window."""
    _check_floor(x, ceil_mode)
    edges = _pair(padding)
    if divisor is not None or (any(edges) and not count_include_pad):
        raise GraphError("a mean over whole windows, padding counted, expected")
    return nn.avg_pool2d(x, _pair(kernel), _pair(stride or kernel), edges)


def avg_pool1d(
    x: Tensor,
    kernel: Sizes,
    stride: Sizes = (),
    padding: Sizes = (0,),
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> Tensor:
    """Return the mean of each window along one axis."""
    sizes, steps, edges = (1, *kernel), (1, *(stride or kernel)), (0, *padding)
    wide = x.unsqueeze(2)
    return avg_pool(wide, sizes, steps, edges, ceil_mode, count_include_pad).squeeze(2)


def adaptive_avg_pool(x: Tensor, sizes: Sizes) -> Tensor:
    """Return the means of equal parts."""
    if len(x.shape) == 3:
        return nn.adaptive_avg_pool2d(x.unsqueeze(2), (1, sizes[0])).squeeze(2)
    _check_floor(x, ceil_mode=False)
    return nn.adaptive_avg_pool2d(x, _pair(sizes))


def _check_floor(x: Tensor, ceil_mode: bool) -> None:
    if ceil_mode or len(x.shape) != 4:
        raise GraphError("windows over (rows, channels, h, w) without ceil_mode expected")


def dropout(x: Tensor, p: float = 0.5, training: bool | None = True) -> Tensor:
    """Return x with some numbers 0 in training; it is Delea's Philox that draws them."""
    if not training or p == 0.0:
        return x
    if not current().training:
        raise GraphError("dropout in training alone expected, got one that is always on")
    return nn.dropout(x, p)


def native_dropout(x: Tensor, p: float, training: bool | None) -> tuple[Tensor, None]:
    """Return what `dropout` does; the mask is not told."""
    return dropout(x, p, training), None


def attention(
    q: Tensor,
    k: Tensor,
    v: Tensor,
    mask: Tensor | None = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    *,
    scale: float | None = None,
    enable_gqa: bool = False,
) -> Tensor:
    """Return softmax(q k^T scale + mask) v."""
    if enable_gqa:
        raise GraphError("as many heads of keys as of queries expected: repeat them")
    factor = q.shape[-1] ** -0.5 if scale is None else scale
    scores = apply("matmul", q, k, ta=False, tb=True) * factor
    if is_causal:
        scores = nn.where(_later(scores), float("-inf"), scores)
    if mask is not None:
        scores = nn.where(mask, scores, float("-inf")) if mask.dtype == MASK else scores + mask
    return dropout(nn.softmax(scores), dropout_p) @ v


def _later(scores: Tensor) -> Tensor:
    """Return the mask of where a column is after its row."""
    rows, columns = (Tensor(builder().iota(scores.shape[-2:], axis)) for axis in (0, 1))
    return nn.less(rows, columns)


LAYERS: dict[str, Callable[..., Any]] = {
    "aten.linear.default": linear,
    "aten.matmul.default": matmul,
    "aten.mm.default": matmul,
    "aten.bmm.default": matmul,
    "aten.addmm.default": addmm,
    "aten.convolution.default": convolution,
    "aten.conv1d.default": conv,
    "aten.conv2d.default": conv,
    "aten.max_pool2d_with_indices.default": max_pool,
    "aten.avg_pool1d.default": avg_pool1d,
    "aten.avg_pool2d.default": avg_pool,
    "aten.adaptive_avg_pool1d.default": adaptive_avg_pool,
    "aten.adaptive_avg_pool2d.default": adaptive_avg_pool,
    "aten.dropout.default": dropout,
    "aten.native_dropout.default": native_dropout,
    "aten.scaled_dot_product_attention.default": attention,
}
