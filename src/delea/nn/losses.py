"""Losses: one number per row; training takes their mean, evaluation any rows it likes."""

from delea.errors import DatasetError, DtypeError, ShapeError
from delea.graph import F32, I32
from delea.nn.functional import log_softmax, one_hot
from delea.nn.tensor import Tensor


class Loss:
    """A loss by name; `rows` gives one number per row."""

    name = ""
    target_dtype = F32

    def rows(self, output: Tensor, target: Tensor) -> Tensor:
        """(batch, ...), target -> (batch,)."""
        raise NotImplementedError(f"{type(self).__name__}.rows")

    def __call__(self, output: Tensor, target: Tensor) -> Tensor:
        """Return the mean over the rows, a scalar."""
        return self.rows(output, target).mean()

    def check_targets(self, least: int, most: int, output: tuple[int, ...]) -> None:
        """Raise DatasetError if integer targets in [least, most] do not fit the output."""


class MSELoss(Loss):
    """Mean of (output - target)^2."""

    name = "mse"

    def rows(self, output: Tensor, target: Tensor) -> Tensor:
        """(batch, ...), (batch, ...) -> (batch,)."""
        if output.shape != target.shape:
            raise ShapeError(f"MSELoss needs equal shapes, got {output.shape} and {target.shape}")
        error = (output - target).flatten(1)
        return (error * error).mean(1)


class CrossEntropyLoss(Loss):
    """-log softmax(output)[label]; the target is an int32 class per row."""

    name = "cross_entropy"
    target_dtype = I32

    def rows(self, output: Tensor, target: Tensor) -> Tensor:
        """(batch, classes), (batch,) -> (batch,)."""
        if target.dtype != I32:
            raise DtypeError(f"CrossEntropyLoss needs int32 labels, got {target.dtype}")
        if len(output.shape) != 2 or target.shape != output.shape[:1]:
            raise ShapeError(
                "CrossEntropyLoss needs (batch, classes) and (batch,), "
                f"got {output.shape} and {target.shape}"
            )
        return -(log_softmax(output) * one_hot(target, output.shape[1])).sum(1)

    def check_targets(self, least: int, most: int, output: tuple[int, ...]) -> None:
        """Raise DatasetError unless every label names a class."""
        if least < 0 or most >= output[-1]:
            raise DatasetError(f"labels 0..{output[-1] - 1} expected, got {least}..{most}")
