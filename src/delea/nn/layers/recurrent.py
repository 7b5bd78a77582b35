"""Recurrent layers, unrolled: one copy of the cell per element of the sequence."""

from __future__ import annotations

from delea.errors import ShapeError
from delea.nn.functional import linear, sigmoid, stack, tanh
from delea.nn.module import Module, Parameter
from delea.nn.tensor import Tensor, lift


class Recurrent(Module):
    """Layers of cells over (batch, length, features); subclasses say what a cell does.

    Parameters as PyTorch's: weight_ih_l0 (gates hidden, input), weight_hh_l0 (gates hidden,
    hidden), bias_ih_l0, bias_hh_l0, then l1, ... The state before the first element is 0. The
    result is the last layer's output at every element, the first of the two that PyTorch returns.
    """

    gates = 1

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        *,
        bias: bool = True,
        batch_first: bool = True,
    ) -> None:
        super().__init__()
        kind = type(self).__name__
        if min(input_size, hidden_size, num_layers) < 1:
            raise ShapeError(
                f"{kind} needs sizes of at least 1, got {input_size}, {hidden_size}, {num_layers}"
            )
        if not batch_first:
            raise ShapeError(f"{kind} needs batch_first: rows are the first axis everywhere")
        self.input_size, self.hidden_size, self.num_layers = input_size, hidden_size, num_layers
        bound, rows = float(hidden_size) ** -0.5, self.gates * hidden_size
        for layer in range(num_layers):
            columns = hidden_size if layer else input_size
            setattr(self, f"weight_ih_l{layer}", Parameter((rows, columns), bound=bound))
            setattr(self, f"weight_hh_l{layer}", Parameter((rows, hidden_size), bound=bound))
            for name in ("bias_ih", "bias_hh") if bias else ():
                setattr(self, f"{name}_l{layer}", Parameter((rows,), bound=bound))

    def forward(self, x: Tensor) -> Tensor:
        """(batch, length, input_size) -> (batch, length, hidden_size)."""
        if len(x.shape) != 3 or x.shape[-1] != self.input_size:
            raise ShapeError(f"an input (batch, length, {self.input_size}) expected, got {x.shape}")
        for layer in range(self.num_layers):
            x = self._layer(x, layer)
        return x

    def _layer(self, x: Tensor, layer: int) -> Tensor:
        parts = vars(self)
        inputs = linear(x, parts[f"weight_ih_l{layer}"], parts.get(f"bias_ih_l{layer}"))
        weight, bias = parts[f"weight_hh_l{layer}"], parts.get(f"bias_hh_l{layer}")
        zero = lift(0.0).expand(x.shape[0], self.hidden_size)
        states, outputs = (zero, zero), []
        for place in range(x.shape[1]):
            states = self.cell(inputs[:, place], linear(states[0], weight, bias), states)
            outputs.append(states[0])
        return stack(outputs, 1)  # (batch, length, hidden_size)

    def cell(
        self, inputs: Tensor, hidden: Tensor, states: tuple[Tensor, Tensor]
    ) -> tuple[Tensor, Tensor]:
        """Return the next (output, memory) from W x + b, U h + c and the last ones."""
        raise NotImplementedError(f"{type(self).__name__}.cell")


class LSTM(Recurrent):
    """c' = f c + i g, h' = o tanh c'; gates in the order i, f, g, o."""

    gates = 4

    def cell(
        self, inputs: Tensor, hidden: Tensor, states: tuple[Tensor, Tensor]
    ) -> tuple[Tensor, Tensor]:
        """Return h' and c'."""
        i, f, g, o = (inputs + hidden).split(self.hidden_size, 1)
        memory = sigmoid(f) * states[1] + sigmoid(i) * tanh(g)
        return sigmoid(o) * tanh(memory), memory


class GRU(Recurrent):
    """n = tanh(W x + r (U h)), h' = (1 - z) n + z h; gates in the order r, z, n."""

    gates = 3

    def cell(
        self, inputs: Tensor, hidden: Tensor, states: tuple[Tensor, Tensor]
    ) -> tuple[Tensor, Tensor]:
        """Return h', twice: there is no other memory."""
        (r, z, n), (r_hidden, z_hidden, n_hidden) = (
            part.split(self.hidden_size, 1) for part in (inputs, hidden)
        )
        update = sigmoid(z + z_hidden)
        new = tanh(n + sigmoid(r + r_hidden) * n_hidden)
        output = (1.0 - update) * new + update * states[0]
        return output, output
