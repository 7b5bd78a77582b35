"""Products of matrices."""

from __future__ import annotations

from typing import TYPE_CHECKING

from delea.errors import ShapeError
from delea.importers.onnx.call import Call, Value, is_number
from delea.nn.tensor import Tensor, apply

if TYPE_CHECKING:
    from delea.importers.onnx.shapes import Rule


def _gemm(call: Call) -> Value:
    """Alpha A B + beta C: a C of one number per column is where the sum starts."""
    left, right = call.tensor(0), call.tensor(1)
    if len(left.shape) != 2 or len(right.shape) != 2:
        raise ShapeError(f"two matrices expected, got {left.shape} and {right.shape}")
    turned = {"ta": bool(call.integer("transA", 0)), "tb": bool(call.integer("transB", 0))}
    alpha, beta = call.real("alpha", 1.0), call.real("beta", 1.0)
    more = call.tensor(2) if call.has(2) and beta else None
    columns = right.shape[0 if turned["tb"] else 1]
    if (
        more is not None
        and (alpha, beta) == (1.0, 1.0)
        and more.shape in ((columns,), (1, columns))
    ):
        return apply("matmul", left, right, more.reshape(columns), **turned)
    product = apply("matmul", left, right, **turned)
    product = product if alpha == 1.0 else product * alpha
    return product if more is None else product + (more if beta == 1.0 else more * beta)


def _matmul(call: Call) -> Value:
    if is_number(call.value(0)) or is_number(call.value(1)):
        raise ShapeError("matrices expected, got a number")
    return product(call.tensor(0), call.tensor(1))


def product(left: Tensor, right: Tensor) -> Tensor:
    """Return left @ right as NumPy does: vectors, matrices and stacks of them."""
    if len(left.shape) == 1:
        row = product(left.unsqueeze(0), right)
        return row.squeeze(-2)
    if len(right.shape) == 1:
        return product(left, right.unsqueeze(1)).squeeze(-1)
    if len(right.shape) > 2 or len(left.shape) == 2:
        return left @ right
    rows = left.reshape(-1, left.shape[-1]) @ right
    return rows.reshape(*left.shape[:-1], right.shape[-1])


LINEAR: dict[str, Rule] = {"Gemm": _gemm, "MatMul": _matmul}
