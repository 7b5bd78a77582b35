"""The linear map."""

from delea.nn.tensor import Operand, Tensor, apply


def linear(x: Tensor, weight: Operand, bias: Operand | None = None) -> Tensor:
    """Return x W^T + b: (..., in), (out, in), (out,) -> (..., out)."""
    rows = x if len(x.shape) == 2 else x.reshape(-1, x.shape[-1])
    terms = (rows, weight) if bias is None else (rows, weight, bias)
    result = apply("matmul", *terms, ta=False, tb=True)
    return result if rows is x else result.reshape(*x.shape[:-1], result.shape[-1])
