"""Losses: one number per row; training takes their mean, evaluation any rows it likes."""

from delea.errors import DatasetError, DtypeError, GraphError, ShapeError
from delea.graph import F32, I32
from delea.nn.functional import abs as absolute
from delea.nn.functional import exp, log, log_softmax, one_hot, relu, where
from delea.nn.tensor import Tensor, less


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

    def check_targets(
        self, least: int, most: int, output: tuple[int, ...], target: tuple[int, ...] = ()
    ) -> None:
        """Raise DatasetError if integer targets in [least, most] do not fit a row's output."""


class ElementLoss(Loss):
    """The mean, in each row, of one number per element; output and target of one shape."""

    def rows(self, output: Tensor, target: Tensor) -> Tensor:
        """(batch, ...), (batch, ...) -> (batch,)."""
        if output.shape != target.shape:
            kind = type(self).__name__
            raise ShapeError(f"{kind} needs equal shapes, got {output.shape} and {target.shape}")
        return self.elements(output, target).reshape(output.shape[0], -1).mean(1)

    def elements(self, output: Tensor, target: Tensor) -> Tensor:
        """Return the loss of each element."""
        raise NotImplementedError(f"{type(self).__name__}.elements")


class MSELoss(ElementLoss):
    """Mean of (output - target)^2."""

    name = "mse"

    def elements(self, output: Tensor, target: Tensor) -> Tensor:
        """Return (output - target)^2."""
        error = output - target
        return error * error


class L1Loss(ElementLoss):
    """Mean of |output - target|."""

    name = "l1"

    def elements(self, output: Tensor, target: Tensor) -> Tensor:
        """Return |output - target|."""
        return absolute(output - target)


class HuberLoss(ElementLoss):
    """Mean of e^2 / 2 where |e| < delta, else of delta (|e| - delta / 2)."""

    name = "huber"

    def __init__(self, *, delta: float = 1.0) -> None:
        if not 0.0 < delta < float("inf"):
            raise GraphError(f"{type(self).__name__} needs a width above 0, got {delta}")
        self.delta, self.scale = delta, 1.0

    def elements(self, output: Tensor, target: Tensor) -> Tensor:
        """Return each element's loss."""
        error = output - target
        size = absolute(error)
        near = error * error * (0.5 * self.scale)
        far = size * (self.delta * self.scale) - 0.5 * self.delta * self.delta * self.scale
        return where(less(size, self.delta), near, far)


class SmoothL1Loss(HuberLoss):
    """Huber's loss over beta: e^2 / (2 beta) where |e| < beta, else |e| - beta / 2."""

    name = "smooth_l1"

    def __init__(self, *, beta: float = 1.0) -> None:
        super().__init__(delta=beta)
        self.scale = 1.0 / beta


class BCEWithLogitsLoss(ElementLoss):
    """Mean of -(t ln s + (1 - t) ln(1 - s)) with s = sigmoid(output), as max(x, 0) - x t + ..."""

    name = "bce_with_logits"

    def elements(self, output: Tensor, target: Tensor) -> Tensor:
        """Return max(x, 0) - x t + ln(1 + e^-|x|)."""
        return relu(output) - output * target + log(exp(-absolute(output)) + 1.0)


class CrossEntropyLoss(Loss):
    """-log softmax(output)[label]; the targets are int32 classes.

    Output (batch, classes) and target (batch,); or, for sequences, target (batch, length) and
    output (batch, length, classes) or PyTorch's (batch, classes, length). Where length and classes
    are equal nothing tells the last two apart: such an output is refused. A row's loss is the mean
    over its sequence.
    """

    name = "cross_entropy"
    target_dtype = I32

    def rows(self, output: Tensor, target: Tensor) -> Tensor:
        """(batch, classes), (batch,) -> (batch,); or sequences of both."""
        if target.dtype != I32:
            raise DtypeError(f"CrossEntropyLoss needs int32 labels, got {target.dtype}")
        if target.shape[:1] != output.shape[:1]:
            raise ShapeError(_expected(output.shape, target.shape))
        axis = _classes_axis(output.shape[1:], target.shape[1:]) + 1
        if axis != len(output.shape) - 1:
            output = output.transpose(1, 2)
        logs = log_softmax(output) * one_hot(target, output.shape[-1])
        if len(output.shape) == 2:
            return -logs.sum(1)
        return -logs.sum(2).mean(1)

    def check_targets(
        self, least: int, most: int, output: tuple[int, ...], target: tuple[int, ...] = ()
    ) -> None:
        """Raise DatasetError unless every label names a class."""
        classes = output[_classes_axis(output, target)]
        if least < 0 or most >= classes:
            raise DatasetError(f"labels 0..{classes - 1} expected, got {least}..{most}")


def _classes_axis(output: tuple[int, ...], target: tuple[int, ...]) -> int:
    """Return which axis of a row's output counts the classes."""
    if len(output) == 1 and not target:
        return 0
    if len(output) != 2 or len(target) != 1 or target[0] not in output:
        raise ShapeError(_expected(("batch", *output), ("batch", *target)))
    if output[0] == output[1]:
        raise ShapeError(
            f"CrossEntropyLoss needs another number of classes than of places, got {output[0]} "
            "of both"
        )
    return 1 if output[0] == target[0] else 0


def _expected(output: tuple[object, ...], target: tuple[object, ...]) -> str:
    shapes = [f"({', '.join(map(str, shape))})" for shape in (output, target)]
    return (
        "CrossEntropyLoss needs (batch, classes) and (batch,), or (batch, length, classes) or "
        f"(batch, classes, length) and (batch, length), got {shapes[0]} and {shapes[1]}"
    )
