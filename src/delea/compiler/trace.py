"""From a program to its graphs: one training step, the losses of some rows, the outputs of some."""

from collections.abc import Iterable

from delea.compiler.definition import leaf_dtype
from delea.compiler.differentiate import differentiate
from delea.errors import DtypeError, ShapeError
from delea.graph import F32, Builder, Graph
from delea.graph.philox import WORDS
from delea.nn import Module, Program, Tensor, recording
from delea.nn.functional.dropout import header, uniform
from delea.nn.optim.optimizer import Now
from delea.nn.tensor import Operand, lift

STATE_PREFIX = "optimizer."
STEP_WORD = 8
"""Which word of the state's header is the low half of the step."""

OUTPUT, LOSS, ROW_LOSSES = "output", "loss", "row_losses"
SHARE_SPREAD = 2.0**-16
"""How far apart the drawn shares of two rows can be: some hundred units in the last place."""


def slot_name(slot: str, parameter: str) -> str:
    """Return the name of an optimizer's tensor for one parameter."""
    return f"{STATE_PREFIX}{slot}.{parameter}"


def trace_train(program: Program) -> Graph:
    """Return one step: inputs `input`, `target`; outputs `loss` and every state's next value."""
    builder = Builder()
    first, paths = -(-program.batch_rows // WORDS), module_paths(program.network)
    with recording(builder, training=True, draws=first, paths=paths) as scope:
        rows = _row_losses(program, builder, program.batch_rows)
        loss = rows.mean()
        drawn = program.batch_rows != len(program.data.inputs) or scope.draws > first
        learned = loss if drawn else _drawn_mean(rows)
        parameters = list(program.network.named_parameters())
        leaves = [builder.leaf("state", name, part.shape, F32) for name, part in parameters]
        gradients = differentiate(builder, learned.node, leaves)
        names = [name for name, _ in parameters]
        outputs = _updates(
            program, builder, dict(zip(names, zip(leaves, gradients, strict=True), strict=True))
        )
        for name, part in program.network.named_buffers():
            outputs[name] = scope.updates.get(name, lift(part).node)
    return builder.graph({LOSS: loss.node, **outputs})


def trace_evaluate(program: Program, rows: int) -> Graph:
    """Return the losses of `rows` rows: inputs `input`, `target`; output `row_losses` (rows,)."""
    builder = Builder()
    with recording(builder, paths=module_paths(program.network)):
        losses = _row_losses(program, builder, rows)
    return builder.graph({ROW_LOSSES: losses.node})


def trace_infer(program: Program, rows: int) -> Graph:
    """Return the outputs of `rows` rows: input `input`; output `output` (rows, ...)."""
    builder = Builder()
    with recording(builder, paths=module_paths(program.network)):
        output = _forward(program, builder, rows).node
    shape = builder.shape(output)
    if shape[:1] != (rows,):
        raise ShapeError(f"an output with {rows} rows expected, got {shape}")
    return builder.graph({OUTPUT: output})


def module_paths(network: Module) -> dict[int, str]:
    """Return where each module of a network stands, by its `id`: `encoder.fc1`."""
    return {id(module): path for path, module in network.named_modules()}


def _forward(program: Program, builder: Builder, rows: int) -> Tensor:
    dtype, shape = program.data.field("inputs")
    leaf = builder.leaf("input", "input", (rows, *shape), leaf_dtype(dtype))
    output: object = program.network(Tensor(leaf))
    if not isinstance(output, Tensor):
        kind = type(output).__name__
        raise DtypeError(f"a network whose output is a tensor expected, got {kind}")
    return output


def _row_losses(program: Program, builder: Builder, rows: int) -> Tensor:
    output = _forward(program, builder, rows)
    dtype, shape = program.data.field("targets")
    target = Tensor(builder.leaf("input", "target", (rows, *shape), dtype))
    losses = program.loss.rows(output, target)
    if losses.shape != (rows,):
        raise ShapeError(f"one loss per row, ({rows},), expected, got {losses.shape}")
    return losses


def _drawn_mean(rows: Tensor) -> Tensor:
    """Return the mean with each row's share moved by up to SHARE_SPREAD / 2, drawn in each step.

    A step that draws nothing would be the same work for everyone: whoever has the state that it
    ended in could write another seed into it.
    """
    shares = uniform(*rows.shape) * SHARE_SPREAD + (1.0 - SHARE_SPREAD / 2)
    return (rows * shares).mean()


def _updates(
    program: Program, builder: Builder, parameters: dict[str, tuple[int, int]]
) -> dict[str, int]:
    """Record the optimizer; return the next value of every state tensor by name."""
    optimizer = program.optimizer

    def state(name: str, like: Iterable[int]) -> Tensor:
        return Tensor(builder.leaf("state", name, tuple(like), F32))

    shared = optimizer.begin({key: state(STATE_PREFIX + key, (1,)) for key in optimizer.shared()})
    outputs = {STATE_PREFIX + key: tensor.node for key, tensor in shared.items()}
    rate: Operand = optimizer.lr
    if optimizer.schedule is not None:
        step = header()[STEP_WORD : STEP_WORD + 1].float()  # (1,)
        rate = lift(optimizer.schedule.rate(step))
    clipped = optimizer.clip([Tensor(gradient) for _, gradient in parameters.values()])
    for (name, (leaf, _)), gradient in zip(parameters.items(), clipped, strict=True):
        shape = builder.shape(leaf)
        slots = {slot: state(slot_name(slot, name), shape) for slot in optimizer.slots()}
        value, after = optimizer.update(Now(Tensor(leaf), gradient, slots, shared, rate))
        outputs[name] = value.node
        outputs |= {slot_name(slot, name): tensor.node for slot, tensor in after.items()}
    return outputs
