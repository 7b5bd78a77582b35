"""PyTorch's recurrent layers as functions, unrolled: a copy of the cell per element."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from delea import nn
from delea.errors import GraphError
from delea.importers.torch.ops.layers import dropout
from delea.nn.tensor import Tensor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

States = tuple[Tensor, ...]


def lstm(x: Tensor, first: Sequence[Tensor], weights: Sequence[Tensor], *rest: Any) -> States:
    """Return every output, the last outputs and the last memories."""
    return _run(_lstm_cell, x, tuple(first), weights, *rest)


def gru(x: Tensor, first: Tensor, weights: Sequence[Tensor], *rest: Any) -> States:
    """Return every output and the last ones."""
    return _run(_gru_cell, x, (first,), weights, *rest)


def rnn_tanh(x: Tensor, first: Tensor, weights: Sequence[Tensor], *rest: Any) -> States:
    """Return every output and the last ones."""
    return _run(lambda own, back, _: (nn.tanh(own + back),), x, (first,), weights, *rest)


def rnn_relu(x: Tensor, first: Tensor, weights: Sequence[Tensor], *rest: Any) -> States:
    """Return every output and the last ones."""
    return _run(lambda own, back, _: (nn.relu(own + back),), x, (first,), weights, *rest)


def _run(
    cell: Callable[[Tensor, Tensor, States], States],
    x: Tensor,
    first: States,
    weights: Sequence[Tensor],
    has_biases: bool,
    layers: int,
    p: float,
    training: bool,
    both_ways: bool,
    batch_first: bool,
) -> States:
    """Return every output, then the last of each state: (layers and ways, rows, hidden)."""
    if len(x.shape) != 3:
        raise GraphError(f"sequences (rows, length, features) expected, got {x.shape}")
    ways = 2 if both_ways else 1
    each = (4 if has_biases else 2, ways)
    if len(weights) != layers * ways * each[0]:
        raise GraphError("a recurrent layer without a projection expected (proj_size=0)")
    values = x if batch_first else x.transpose(0, 1)
    last: list[States] = []
    for layer in range(layers):
        outputs = []
        for way in range(ways):
            at = layer * ways + way
            states = tuple(state[at] for state in first)
            own = weights[at * each[0] : (at + 1) * each[0]]
            found, ends = _layer(cell, values, states, own, backwards=way == 1)
            outputs.append(found)
            last.append(ends)
        values = nn.cat(outputs, 2) if both_ways else outputs[0]
        if layer + 1 < layers:
            values = dropout(values, p, training)
    ends = tuple(nn.stack(parts, 0) for parts in zip(*last, strict=True))
    return (values if batch_first else values.transpose(0, 1), *ends)


def _layer(
    cell: Callable[[Tensor, Tensor, States], States],
    x: Tensor,
    states: States,
    weights: Sequence[Tensor],
    *,
    backwards: bool,
) -> tuple[Tensor, States]:
    """Return a layer's outputs in the order of the sequence, and its last states."""
    inward, around, *biases = weights
    own = nn.linear(x, inward, *biases[:1])  # (rows, length, gates hidden)
    places = range(x.shape[1])
    outputs: list[Tensor] = []
    for place in reversed(places) if backwards else places:
        states = cell(own[:, place], nn.linear(states[0], around, *biases[1:]), states)
        outputs.append(states[0])
    ordered: Iterator[Tensor] = reversed(outputs) if backwards else iter(outputs)
    return nn.stack(list(ordered), 1), states


def _lstm_cell(own: Tensor, back: Tensor, states: States) -> States:
    i, f, g, o = (own + back).chunk(4, 1)
    memory = nn.sigmoid(f) * states[1] + nn.sigmoid(i) * nn.tanh(g)
    return nn.sigmoid(o) * nn.tanh(memory), memory


def _gru_cell(own: Tensor, back: Tensor, states: States) -> States:
    (r, z, n), (r_back, z_back, n_back) = own.chunk(3, 1), back.chunk(3, 1)
    update = nn.sigmoid(z + z_back)
    new = nn.tanh(n + nn.sigmoid(r + r_back) * n_back)
    return ((1.0 - update) * new + update * states[0],)


RECURRENT: dict[str, Callable[..., Any]] = {
    "aten.lstm.input": lstm,
    "aten.gru.input": gru,
    "aten.rnn_tanh.input": rnn_tanh,
    "aten.rnn_relu.input": rnn_relu,
}
