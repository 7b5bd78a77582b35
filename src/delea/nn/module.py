"""Modules and parameters, with PyTorch's names: a tree whose leaves are what is trained."""

from __future__ import annotations

from math import prod
from operator import index
from typing import TYPE_CHECKING, Any

import numpy as np

from delea.errors import DtypeError, GraphError, ShapeError
from delea.graph.ops import check_shape
from delea.nn.record import current
from delea.nn.tensor import Named, Operators, Tensor, lift

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from numpy.typing import NDArray


MOST_NUMBERS = (512 << 20) // 4
"""As many float32 as a module's memory holds: 512 MiB, what a sandbox and a browser tab both do."""


class Stored(Named):
    """A tensor of the state: a shape, and a value that is set or drawn before the build."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        self.shape = tuple(map(index, shape))
        check_shape("a parameter", self.shape)
        if prod(self.shape) > MOST_NUMBERS:
            raise ShapeError(
                f"a parameter of at most {MOST_NUMBERS} numbers expected, got {self.shape}"
            )
        self.name = ""
        self.value: NDArray[np.float32] | None = None

    def set(self, value: NDArray[Any]) -> None:
        """Set the first value; it is kept as float32.

        Raises:
            ShapeError, DtypeError: its shape is not the tensor's, or it holds no numbers.
        """
        self.value = self.check(self.name or "a parameter", value)

    def check(self, name: str, value: NDArray[Any]) -> NDArray[np.float32]:
        """Return `value` as float32, or raise; a number beyond float32 becomes an infinity."""
        array = np.asarray(value)
        if array.dtype.kind not in "fiub":
            raise DtypeError(f"{name} needs real numbers, got {array.dtype}")
        if array.shape != self.shape:
            raise ShapeError(f"{name} needs {self.shape}, got {array.shape}")
        with np.errstate(over="ignore"):
            return np.array(array, dtype=np.float32)

    def draw(self, generator: np.random.Generator) -> None:
        """Draw the first value, unless it was set."""


class Parameter(Stored):
    """A trained tensor.

    Its first value is drawn from a uniform distribution of half-width `bound`, or from a normal one
    of deviation `std` if that is given.
    """

    def __init__(self, shape: tuple[int, ...], *, bound: float = 0.0, std: float = 0.0) -> None:
        super().__init__(shape)
        self.bound, self.std = bound, std

    def draw(self, generator: np.random.Generator) -> None:
        """Draw the first value, unless it was set."""
        if self.value is None:
            if self.std:
                spread = generator.normal(0.0, self.std, self.shape)
            else:
                spread = generator.uniform(-self.bound, self.bound, self.shape)
            self.value = spread.astype(np.float32)


class Buffer(Stored):
    """A tensor of the state that training changes but no gradient does, as a running mean.

    Its first value is `fill` everywhere. A training step reads what it last recorded as the next
    value; evaluation and inference read what the state holds.
    """

    def __init__(self, shape: tuple[int, ...], *, fill: float = 0.0) -> None:
        super().__init__(shape)
        self.set(np.full(self.shape, fill))

    def record(self, value: Tensor) -> None:
        """Make `value` the buffer's next value, in a training step; else do nothing."""
        scope = current()
        if value.shape != self.shape:
            raise ShapeError(f"{self.name} needs {self.shape}, got {value.shape}")
        if scope.training:
            scope.updates[self.name] = value.node


def _not_written(self: Module, *_: Any) -> Any:
    raise GraphError(f"a module with a forward expected, got {type(self).__name__}")


class Module:
    """A part of a network: parameters, buffers and modules in the order they were assigned."""

    def __init__(self) -> None:
        """Nothing to do: parts register themselves as attributes."""

    forward: Callable[..., Any] = _not_written
    """Returns the module's output, of one tensor or several; subclasses say how."""

    def __call__(self, *inputs: Any, **options: Any) -> Tensor:
        """Return `forward(...)`; a fault inside names this module and where it stands.

        Raises:
            GraphError, ShapeError, DtypeError: as `encoder.fc1: Linear on (10, 3): ... expected`.
        """
        first = inputs[0] if inputs else None
        try:
            if not isinstance(first, Operators):
                raise DtypeError(f"a tensor expected, got {type(first).__name__}")
            return self.forward(lift(first), *inputs[1:], **options)  # type: ignore[no-any-return]
        except GraphError as fault:
            if getattr(fault, "names_module", False):
                raise
            on = f" on {first.shape}" if isinstance(first, Tensor) else ""
            named = type(fault)(f"{self._place()}{on}: {fault}")
            named.names_module = True  # type: ignore[attr-defined]
            raise named from None

    def _place(self) -> str:
        path, kind = current().paths.get(id(self), ""), type(self).__name__
        return f"{path}: {kind}" if path else kind

    def children(self) -> Iterator[tuple[str, Module | Stored]]:
        """Yield (name, part) of every module, parameter and buffer assigned to this one."""
        for name, part in vars(self).items():
            if isinstance(part, Module | Stored):
                yield name, part

    def named_modules(self) -> Iterator[tuple[str, Module]]:
        """Yield ("", self), then (`encoder.fc1`, module) of all below, each once, in order."""
        seen = {id(self)}
        waiting: list[tuple[str, Module]] = [("", self)]
        while waiting:
            path, module = waiting.pop()
            yield path, module
            below = []
            for name, part in module.children():
                if isinstance(part, Module) and id(part) not in seen:
                    seen.add(id(part))
                    below.append((f"{path}.{name}" if path else name, part))
            waiting += reversed(below)

    def named_tensors(self, prefix: str = "") -> Iterator[tuple[str, Stored]]:
        """Yield (`fc1.weight`, tensor) in order; one that is used twice comes once."""
        yield from self._named(prefix, {id(self)})

    def named_parameters(self, prefix: str = "") -> Iterator[tuple[str, Parameter]]:
        """Yield (`fc1.weight`, parameter) in order; a parameter used twice comes once."""
        for name, part in self.named_tensors(prefix):
            if isinstance(part, Parameter):
                yield name, part

    def named_buffers(self, prefix: str = "") -> Iterator[tuple[str, Buffer]]:
        """Yield (`norm.running_mean`, buffer) in order; a buffer used twice comes once."""
        for name, part in self.named_tensors(prefix):
            if isinstance(part, Buffer):
                yield name, part

    def _named(self, prefix: str, seen: set[int]) -> Iterator[tuple[str, Stored]]:
        for name, part in self.children():
            if id(part) in seen:  # used twice, or a module inside itself
                continue
            seen.add(id(part))
            if isinstance(part, Module):
                yield from part._named(  # noqa: SLF001 - our own kind
                    f"{prefix}{name}.", seen
                )
            else:
                yield prefix + name, part

    def state_dict(self) -> dict[str, NDArray[np.float32]]:
        """Return the tensors' first values by name; those not yet drawn are left out."""
        pairs = self.named_tensors()
        return {name: part.value for name, part in pairs if part.value is not None}

    def load_state_dict(self, values: Mapping[str, NDArray[Any]]) -> None:
        """Set every tensor's first value by name; PyTorch's counts of batches are passed over.

        Raises:
            ShapeError, DtypeError: a name is missing or unknown, a shape is another, or a value
                holds no numbers; then nothing is set.
        """
        values = {n: v for n, v in values.items() if not n.endswith("num_batches_tracked")}
        known = dict(self.named_tensors())
        if set(known) != set(values):
            raise ShapeError(f"parameters {sorted(known)} expected, got {sorted(values)}")
        checked = {name: part.check(name, values[name]) for name, part in known.items()}
        for name, part in known.items():
            part.value = checked[name]
