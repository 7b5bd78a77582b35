"""LSTM, GRU and RNN over a fixed length: a step of the graph for each step of the sequence."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from delea import nn
from delea.errors import GraphError, ShapeError
from delea.nn.tensor import Tensor, apply, lift

if TYPE_CHECKING:
    from delea.importers.onnx.call import Call, Value
    from delea.importers.onnx.shapes import Rule

MAX_LENGTH = 1 << 9

Cell = Callable[[Tensor, Tensor, Tensor, tuple[Tensor, Tensor]], tuple[Tensor, Tensor]]
"""From W x + b, R, its bias and the last (output, memory) to the next ones."""


def _recurrent(gates: int, cell_of: Callable[[Call], Cell]) -> Rule:
    def rule(call: Call) -> tuple[Value, ...]:
        x = call.tensor(0)
        batch_first = bool(call.integer("layout", 0))
        x = x if batch_first else x.transpose(0, 1)  # (batch, length, width)
        length = _check(call, x, gates)
        ways = call.shape(1)[0]
        reverse = call.text("direction", "forward") == "reverse"
        found = [_run(call, cell_of(call), x, way, reverse or way == 1) for way in range(ways)]
        whole = nn.stack([nn.stack(outputs, 1) for outputs, _ in found], 2)
        assert whole.shape[1] == length, "an output per step"
        last = [nn.stack([states[i] for _, states in found], 1) for i in (0, 1)]
        if not batch_first:  # (length, ways, batch, hidden), (ways, batch, hidden)
            whole = whole.permute(1, 2, 0, 3)
            last = [state.transpose(0, 1) for state in last]
        return (whole, *last)[: len(call.node.outputs)]

    return rule


def _check(call: Call, x: Tensor, gates: int) -> int:
    """Return the length of the sequence, or refuse what does not fit."""
    if len(x.shape) != 3 or len(call.shape(1)) != 3 or len(call.shape(2)) != 3:
        raise ShapeError(f"sequences and weights of 3 axes expected, got {x.shape}")
    length, width = x.shape[1:]
    ways, rows, columns = call.shape(1)
    hidden = call.shape(2)[2]
    two = call.text("direction", "forward") == "bidirectional"
    wanted = (2 if two else 1, gates * hidden, width)
    if (ways, rows, columns) != wanted or call.shape(2) != (ways, rows, hidden):
        raise ShapeError(f"weights {wanted} expected, got {call.shape(1)} and {call.shape(2)}")
    if length > MAX_LENGTH:
        raise GraphError(f"a sequence of at most {MAX_LENGTH} steps expected, got {length}")
    if call.has(4):
        lengths = call.value(4)
        if not isinstance(lengths, np.ndarray) or (lengths != length).any():
            raise GraphError("sequences of one length expected, got sequence_lens")
    if "clip" in call.node.attributes:
        raise GraphError("a cell without clip expected, got one")
    return length


def _run(
    call: Call,
    cell: Cell,
    x: Tensor,
    way: int,
    backward: bool,  # noqa: FBT001 - a direction
) -> tuple[list[Tensor], tuple[Tensor, Tensor]]:
    """Return one direction's outputs, (batch, hidden) each, and its last states."""
    weight, again = call.tensor(1)[way], call.tensor(2)[way]
    hidden = again.shape[1]
    rows = again.shape[0]
    first = second = None
    if call.has(3):
        bias = call.tensor(3)[way]
        first, second = bias.narrow(0, 0, rows), bias.narrow(0, rows, rows)
    inputs = nn.linear(x, weight, first)  # (batch, length, rows)
    zero = lift(0.0).expand(x.shape[0], hidden)
    second = lift(0.0).expand(rows) if second is None else second
    states = (_start(call, 5, way, zero), _start(call, 6, way, zero))
    outputs: list[Tensor] = []
    places = range(x.shape[1])
    for place in reversed(places) if backward else places:
        states = cell(inputs[:, place], again, second, states)
        outputs.append(states[0])
    return (outputs[::-1] if backward else outputs), states


def _start(call: Call, index: int, way: int, zero: Tensor) -> Tensor:
    """Return a first state, (batch, hidden)."""
    if not call.has(index):
        return zero
    given = call.tensor(index)
    state = given[:, way] if call.integer("layout", 0) else given[way]
    return state if state.shape == zero.shape else state.expand(*zero.shape)


def _product(state: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    return apply("matmul", state, weight, bias, ta=False, tb=True)


def _activations(call: Call, expected: tuple[bytes, ...]) -> None:
    given = call.node.attributes.get("activations", ())
    ways = 2 if call.text("direction", "forward") == "bidirectional" else 1
    if given and given not in (expected * ways, expected):
        named = ", ".join(name.decode() for name in expected)
        raise GraphError(f"the activations {named} expected, got others")


def _lstm(call: Call) -> Cell:
    """Gates in the order i, o, f, c."""
    _activations(call, (b"Sigmoid", b"Tanh", b"Tanh"))
    if call.has(7) or call.integer("input_forget", 0):
        raise GraphError("an LSTM without peepholes and input_forget expected, got one with them")

    def cell(
        inputs: Tensor, weight: Tensor, bias: Tensor, states: tuple[Tensor, Tensor]
    ) -> tuple[Tensor, Tensor]:
        size = weight.shape[1]
        i, o, f, g = (inputs + _product(states[0], weight, bias)).split(size, 1)
        memory = nn.sigmoid(f) * states[1] + nn.sigmoid(i) * nn.tanh(g)
        return nn.sigmoid(o) * nn.tanh(memory), memory

    return cell


def _gru(call: Call) -> Cell:
    """Gates in the order z, r, h; PyTorch's GRU resets after the product, the default before."""
    _activations(call, (b"Sigmoid", b"Tanh"))
    after = bool(call.integer("linear_before_reset", 0))

    def cell(
        inputs: Tensor, weight: Tensor, bias: Tensor, states: tuple[Tensor, Tensor]
    ) -> tuple[Tensor, Tensor]:
        size, last = weight.shape[1], states[0]
        zx, rx, hx = inputs.split(size, 1)
        if after:
            zh, rh, hh = _product(last, weight, bias).split(size, 1)
            fresh = nn.tanh(hx + nn.sigmoid(rx + rh) * hh)
        else:
            gates = _product(last, weight.narrow(0, 0, 2 * size), bias.narrow(0, 0, 2 * size))
            zh, rh = gates.split(size, 1)
            turned, own = weight.narrow(0, 2 * size, size), bias.narrow(0, 2 * size, size)
            fresh = nn.tanh(hx + _product(nn.sigmoid(rx + rh) * last, turned, own))
        update = nn.sigmoid(zx + zh)
        output = (1.0 - update) * fresh + update * last
        return output, output

    return cell


def _rnn(call: Call) -> Cell:
    relu = bool(call.node.attributes.get("activations", ())) and all(
        name == b"Relu"
        for name in call.node.attributes["activations"]  # type: ignore[union-attr]
    )
    if not relu:
        _activations(call, (b"Tanh",))

    def cell(
        inputs: Tensor, weight: Tensor, bias: Tensor, states: tuple[Tensor, Tensor]
    ) -> tuple[Tensor, Tensor]:
        total = inputs + _product(states[0], weight, bias)
        output = nn.relu(total) if relu else nn.tanh(total)
        return output, output

    return cell


RECURRENT: dict[str, Rule] = {
    "LSTM": _recurrent(4, _lstm),
    "GRU": _recurrent(3, _gru),
    "RNN": _recurrent(1, _rnn),
}
