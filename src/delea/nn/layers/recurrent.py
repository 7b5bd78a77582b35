"""Recurrent layers, unrolled: one copy of the cell per element of the sequence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from delea.errors import DtypeError, GraphError, ShapeError
from delea.nn.functional import cat, dropout, linear, sigmoid, stack, tanh
from delea.nn.module import Module, Parameter
from delea.nn.tensor import Tensor, lift

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

State = tuple[Tensor, ...]
"""What a cell hands on: its output, and its memory if it has one, (batch, hidden) each."""


class Recurrent(Module):
    """Layers of cells over a sequence; subclasses say what a cell does.

    Parameters as PyTorch's: weight_ih_l0 (gates hidden, input), weight_hh_l0 (gates hidden,
    hidden), bias_ih_l0, bias_hh_l0, the same of weight_ih_l0_reverse, then l1, ... With
    `batch_first` a sequence is (batch, length, features), else (length, batch, features). In
    training `dropout` falls on what one layer hands to the next.
    """

    gates, memories = 1, 1

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        *,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
    ) -> None:
        super().__init__()
        kind = type(self).__name__
        if min(input_size, hidden_size, num_layers) < 1:
            raise ShapeError(
                f"{kind} needs sizes of at least 1, got {input_size}, {hidden_size}, {num_layers}"
            )
        if not 0.0 <= dropout <= 1.0:
            raise GraphError(f"{kind} needs a probability, got {dropout}")
        self.input_size, self.hidden_size, self.num_layers = input_size, hidden_size, num_layers
        self.batch_first, self.dropout, self.bidirectional = batch_first, dropout, bidirectional
        bound, rows = float(hidden_size) ** -0.5, self.gates * hidden_size
        for number, name in enumerate(self._names()):
            below = number // (1 + bidirectional)
            columns = hidden_size * (1 + bidirectional) if below else input_size
            setattr(self, f"weight_ih_{name}", Parameter((rows, columns), bound=bound))
            setattr(self, f"weight_hh_{name}", Parameter((rows, hidden_size), bound=bound))
            for part in ("bias_ih", "bias_hh") if bias else ():
                setattr(self, f"{part}_{name}", Parameter((rows,), bound=bound))

    def __call__(  # type: ignore[override]
        self, *inputs: Any, **options: Any
    ) -> tuple[Tensor, Any]:
        """Return what `forward` does: two results, as PyTorch's."""
        found: Any = super().__call__(*inputs, **options)
        return found  # type: ignore[no-any-return]

    def forward(self, x: Tensor, hx: Any = None) -> tuple[Tensor, Any]:
        """Return the last layer's output at every element, and every layer's last state.

        The sequence with hidden features (twice as many if bidirectional), and (layers, batch,
        hidden): two of them as a tuple for an LSTM; both directions count as layers. `hx` is such
        a state to begin with; zeros if None.
        """
        self._check(x)
        rows = x if self.batch_first else x.transpose(0, 1)  # (batch, length, features)
        starts = self._starts(rows.shape[0], hx)
        ends: list[State] = []
        for number, (name, start) in enumerate(zip(self._names(), starts, strict=True)):
            reverse = name.endswith("_reverse")
            if not reverse:
                rows = dropout(rows, self.dropout) if number else rows
                outputs = []
            found, end = self._run(rows, name, start, reverse=reverse)
            outputs.append(found)
            ends.append(end)
            if len(outputs) > self.bidirectional:
                rows = cat(outputs, 2) if self.bidirectional else outputs[0]
        last = tuple(stack(parts) for parts in zip(*ends, strict=True))
        result = rows if self.batch_first else rows.transpose(0, 1)
        return result, last if self.memories > 1 else last[0]

    def cell(self, inputs: Tensor, hidden: Tensor, state: State) -> State:
        """Return the next state from W x + b, U h + c and the last one."""
        raise NotImplementedError(f"{type(self).__name__}.cell")

    def _names(self) -> Iterator[str]:
        for layer in range(self.num_layers):
            yield f"l{layer}"
            if self.bidirectional:
                yield f"l{layer}_reverse"

    def _run(self, x: Tensor, name: str, state: State, *, reverse: bool) -> tuple[Tensor, State]:
        """Return one direction of one layer: (batch, length, hidden) and the last state."""
        parts = vars(self)
        inputs = linear(x, parts[f"weight_ih_{name}"], parts.get(f"bias_ih_{name}"))
        weight, bias = parts[f"weight_hh_{name}"], parts.get(f"bias_hh_{name}")
        places = range(x.shape[1])
        outputs = []
        for place in reversed(places) if reverse else places:
            state = self.cell(inputs[:, place], linear(state[0], weight, bias), state)
            outputs.append(state[0])
        return stack(outputs[::-1] if reverse else outputs, 1), state

    def _check(self, x: Tensor) -> None:
        if len(x.shape) != 3 or x.shape[-1] != self.input_size:
            layout = "batch, length" if self.batch_first else "length, batch"
            raise ShapeError(f"an input ({layout}, {self.input_size}) expected, got {x.shape}")

    def _starts(self, batch: int, hx: Any) -> Sequence[State]:
        """Return the first state of every layer and direction."""
        count = len(list(self._names()))
        if hx is None:
            zero = lift(0.0).expand(batch, self.hidden_size)
            return [(zero,) * self.memories] * count
        given = hx if isinstance(hx, tuple | list) else (hx,)
        if len(given) != self.memories:
            raise DtypeError(f"a state of {self.memories} tensors expected, got {len(given)}")
        states = [lift(part) for part in given]
        wanted = (count, batch, self.hidden_size)
        for state in states:
            if state.shape != wanted:
                raise ShapeError(f"a state {wanted} expected, got {state.shape}")
        return [tuple(state[number] for state in states) for number in range(count)]


class LSTM(Recurrent):
    """c' = f c + i g, h' = o tanh c'; gates in the order i, f, g, o."""

    gates, memories = 4, 2

    def cell(self, inputs: Tensor, hidden: Tensor, state: State) -> State:
        """Return h' and c'."""
        i, f, g, o = (inputs + hidden).split(self.hidden_size, 1)
        memory = sigmoid(f) * state[1] + sigmoid(i) * tanh(g)
        return sigmoid(o) * tanh(memory), memory


class GRU(Recurrent):
    """n = tanh(W x + r (U h)), h' = (1 - z) n + z h; gates in the order r, z, n."""

    gates = 3

    def cell(self, inputs: Tensor, hidden: Tensor, state: State) -> State:
        """Return h'."""
        (r, z, n), (r_hidden, z_hidden, n_hidden) = (
            part.split(self.hidden_size, 1) for part in (inputs, hidden)
        )
        update = sigmoid(z + z_hidden)
        new = tanh(n + sigmoid(r + r_hidden) * n_hidden)
        return ((1.0 - update) * new + update * state[0],)


class RNN(Recurrent):
    """h' = tanh(W x + U h)."""

    def cell(self, inputs: Tensor, hidden: Tensor, state: State) -> State:  # noqa: ARG002 - a cell
        """Return h'."""
        return (tanh(inputs + hidden),)
