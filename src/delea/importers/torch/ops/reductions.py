"""PyTorch's sums, means and extremes."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any

from delea import nn
from delea.errors import GraphError
from delea.importers.torch.ops.values import convert, real
from delea.nn.indexing import axes_of, axis_of
from delea.nn.record import builder
from delea.nn.tensor import Tensor

if TYPE_CHECKING:
    from collections.abc import Callable

Dims = tuple[int, ...] | int | None


def _axes(dim: Dims) -> Dims:
    """Return the axes as `nn` takes them: for PyTorch, none at all are all."""
    return None if dim == () else dim


def total(
    x: Tensor, dim: Dims = None, keepdim: bool = False, *, dtype: str | None = None
) -> Tensor:
    """Return the sum over some axes, all if none is given."""
    result = real(x).sum(_axes(dim), keepdim=keepdim)
    return result if x.dtype == "f32" or dtype == "float32" else result.int()


def mean(x: Tensor, dim: Dims = None, keepdim: bool = False, *, dtype: str | None = None) -> Tensor:
    """Return the mean over some axes, all if none is given."""
    del dtype  # there is one precision
    return real(x).mean(_axes(dim), keepdim=keepdim)


def variance(
    x: Tensor, dim: Dims = None, *, correction: float | None = 1, keepdim: bool = False
) -> Tensor:
    """Return the mean square distance from the mean, over n - correction."""
    axes = axes_of("var", x.shape, _axes(dim))
    count = prod(x.shape[axis] for axis in axes)
    centred = x - x.mean(axes, keepdim=True)
    less = 1 if correction is None else correction
    if count <= less:
        raise GraphError(f"more than {less} numbers for a variance expected, got {count}")
    return (centred * centred).sum(axes, keepdim=keepdim) * (1.0 / (count - less))


def largest(x: Tensor, dim: Dims = (), keepdim: bool = False) -> Tensor:
    """Return the largest over some axes."""
    return convert(real(x).amax(_axes(dim), keepdim=keepdim), x.dtype)


def smallest(x: Tensor, dim: Dims = (), keepdim: bool = False) -> Tensor:
    """Return the smallest over some axes."""
    return convert(real(x).amin(_axes(dim), keepdim=keepdim), x.dtype)


def largest_and_place(x: Tensor, dim: int, keepdim: bool = False) -> tuple[Tensor, Tensor]:
    """Return the largest along one axis, and where the first of them is."""
    return largest(x, dim, keepdim), argmax(x, dim, keepdim)


def smallest_and_place(x: Tensor, dim: int, keepdim: bool = False) -> tuple[Tensor, Tensor]:
    """Return the smallest along one axis, and where the first of them is."""
    return smallest(x, dim, keepdim), argmin(x, dim, keepdim)


def argmax(x: Tensor, dim: int | None = None, keepdim: bool = False) -> Tensor:
    """Return where the first of the largest is."""
    return real(x).argmax(dim, keepdim=keepdim)


def argmin(x: Tensor, dim: int | None = None, keepdim: bool = False) -> Tensor:
    """Return where the first of the smallest is."""
    return (-real(x)).argmax(dim, keepdim=keepdim)


def cumulative(x: Tensor, dim: int, *, dtype: str | None = None) -> Tensor:
    """Return the sums of all elements up to each, along one axis: a product with ones."""
    del dtype
    axis, size = axis_of("cumsum", x.shape, dim), x.shape[dim]
    rows, columns = (Tensor(builder().iota((size, size), each)) for each in (0, 1))
    ones = nn.where(columns.float() < rows.float(), 0.0, real(1.0).expand(size, size))
    last = real(x).transpose(axis, -1)
    flat = last.reshape(-1, size) @ ones
    return convert(flat.reshape(*last.shape).transpose(axis, -1), x.dtype)


def softmax(x: Tensor, dim: int, _half: bool | str | None = None, **_: Any) -> Tensor:
    """Return e^x over its sum, along one axis."""
    return nn.softmax(real(x), dim)


def log_softmax(x: Tensor, dim: int, _half: bool | str | None = None, **_: Any) -> Tensor:
    """Return its logarithm."""
    return nn.log_softmax(real(x), dim)


def any_(x: Tensor, dim: Dims = (), keepdim: bool = False) -> Tensor:
    """Return the mask of where any element along some axes is not 0."""
    return largest(convert(x, "mask"), dim, keepdim)


def all_(x: Tensor, dim: Dims = (), keepdim: bool = False) -> Tensor:
    """Return the mask of where no element along some axes is 0."""
    return smallest(convert(x, "mask"), dim, keepdim)


def vector_norm(
    x: Tensor,
    order: float = 2,
    dim: Dims = None,
    keepdim: bool = False,
    *,
    dtype: str | None = None,
) -> Tensor:
    """Return the length of vectors: the root of the sum of squares, or the sum of sizes."""
    del dtype
    if order not in (1, 2):
        raise GraphError(f"a norm of order 1 or 2 expected, got {order}")
    sizes = nn.abs(x) if order == 1 else x * x
    result = sizes.sum(_axes(dim), keepdim=keepdim)
    return result if order == 1 else nn.sqrt(result)


REDUCTIONS: dict[str, Callable[..., Any]] = {
    "aten.sum.default": total,
    "aten.sum.dim_IntList": total,
    "aten.mean.default": mean,
    "aten.mean.dim": mean,
    "aten.var.correction": variance,
    "aten.amax.default": largest,
    "aten.amin.default": smallest,
    "aten.max.default": largest,
    "aten.min.default": smallest,
    "aten.max.dim": largest_and_place,
    "aten.min.dim": smallest_and_place,
    "aten.argmax.default": argmax,
    "aten.argmin.default": argmin,
    "aten.cumsum.default": cumulative,
    "aten._softmax.default": softmax,
    "aten.softmax.int": softmax,
    "aten._log_softmax.default": log_softmax,
    "aten.log_softmax.int": log_softmax,
    "aten.linalg_vector_norm.default": vector_norm,
    "aten.any.default": any_,
    "aten.any.dim": any_,
    "aten.all.default": all_,
    "aten.all.dim": all_,
}
