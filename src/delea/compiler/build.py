"""Build: from a program to the artifact that is deployed."""

from typing import TYPE_CHECKING, Any

import numpy as np

from delea.artifact import (
    STATE_HEADER,
    Artifact,
    Field,
    Hyper,
    StateTensor,
    encode_dataset,
)
from delea.compiler.definition import Definition, check_definition, read_definition
from delea.compiler.emit import emit_module
from delea.compiler.narrow import narrow
from delea.compiler.rows import ROWS, check_rows
from delea.compiler.simplify import simplify
from delea.compiler.sparsify import sparsify
from delea.compiler.stack import stack_products
from delea.compiler.trace import (
    OUTPUT,
    ROW_LOSSES,
    STATE_PREFIX,
    slot_name,
    trace_evaluate,
    trace_infer,
    trace_train,
)
from delea.errors import DatasetError, GraphError
from delea.graph import F32, Graph, check_graph
from delea.nn import Program

if TYPE_CHECKING:
    from numpy.typing import NDArray


def build(program: Program) -> Artifact:
    """Compile a program: its module, its first state and its dataset file.

    Raises:
        GraphError, ShapeError, DtypeError, DatasetError: the program cannot be trained.
    """
    records, train_rows, test_rows = program.data.records()
    definition = define(program, train_rows + test_rows)
    _check_targets(program, definition)
    module = emit_module(definition)
    read_definition(module)  # a name, a shape or a number too large shows here
    return Artifact(
        module=module,
        genesis=genesis(program),
        dataset=encode_dataset(records, train_rows=train_rows, test_rows=test_rows),
    )


def define(program: Program, rows: int) -> Definition:
    """Trace, differentiate and simplify a program with so many dataset rows."""
    for name, part in program.network.named_tensors():
        part.name = name  # again: another program may have called it otherwise since
    graphs = {name: _checked(graph) for name, graph in _trace(program).items()}
    infer = graphs["infer_one"]
    output = infer.nodes[infer.output("output")]
    input_dtype, input_shape = program.data.field("inputs")
    target_dtype, target_shape = program.data.field("targets")
    definition = Definition(
        graphs=graphs,
        tensors=state_tensors(program),
        input=Field(input_dtype, input_shape),
        target=Field(target_dtype, target_shape),
        output=Field(output.dtype, output.shape[1:]),
        batch=program.batch_rows,
        infer_batch=program.infer_batch,
        max_rows=rows,
        steps_per_update=program.steps_per_update,
        loss=program.loss.name,
        optimizer=Hyper(program.optimizer.name, program.optimizer.numbers),
    )
    check_definition(definition)
    return definition


def _trace(program: Program) -> dict[str, Graph]:
    """Return a program's graphs as they are recorded."""
    try:
        traced = {
            "train": trace_train(program),
            "evaluate": trace_evaluate(program, program.infer_batch),
            "infer": trace_infer(program, program.infer_batch),
            "infer_one": trace_infer(program, 1),
        }
        check_rows(trace_infer(program, ROWS), OUTPUT, "an output")
        check_rows(trace_evaluate(program, ROWS), ROW_LOSSES, "a loss")
    except RecursionError:
        raise GraphError(
            "a network without a cycle expected, its modules call each other without end"
        ) from None
    return traced


def rebuild(module: bytes) -> bytes:
    """Return the module that the graph inside `module` compiles to: an audit compares the two.

    Raises:
        MalformedError, GraphError: a foreign module that this compiler cannot have written.
    """
    definition = read_definition(module)
    try:
        return emit_module(definition)
    except RecursionError:  # views of views: `simplify` leaves none, but a foreign graph may
        raise GraphError("a graph less deep expected") from None


def state_tensors(program: Program) -> tuple[StateTensor, ...]:
    """Return the state's layout: parameters, buffers, each slot of all parameters, scalars."""
    named = [(name, part.shape) for name, part in program.network.named_parameters()]
    shapes = named + [(name, part.shape) for name, part in program.network.named_buffers()]
    for slot in program.optimizer.slots():
        shapes += [(slot_name(slot, name), shape) for name, shape in named]
    shapes += [(STATE_PREFIX + key, (1,)) for key in program.optimizer.shared()]
    tensors, offset = [], STATE_HEADER
    for name, shape in shapes:
        tensors.append(StateTensor(name, shape, F32, offset))
        offset += tensors[-1].byte_length
    return tuple(tensors)


def genesis(program: Program) -> bytes:
    """Return the first state: zero seed, zero steps, initial weights, fresh optimizer."""
    weights = program.network.state_dict()
    firsts: dict[str, float] = {
        STATE_PREFIX + key: first for key, first in program.optimizer.shared().items()
    }
    for slot, first in program.optimizer.slots().items():
        firsts |= {slot_name(slot, name): first for name in weights}
    parts: list[NDArray[Any]] = [
        weights[t.name] if t.name in weights else np.full(t.shape, firsts[t.name])
        for t in state_tensors(program)
    ]
    return bytes(STATE_HEADER) + b"".join(part.astype("<f4").tobytes() for part in parts)


def _checked(graph: Graph) -> Graph:
    check_graph(graph)
    simple = narrow(simplify(graph))
    stacked = stack_products(simple)
    if stacked is not simple:
        simple = simplify(stacked)
    simple = sparsify(simple)
    check_graph(simple)
    return simple


def _check_targets(program: Program, definition: Definition) -> None:
    """Refuse integer targets that the output has no class for."""
    parts = [program.data.targets, program.data.test_targets]
    targets = [part for part in parts if part is not None and part.size]
    if definition.target.dtype != F32:
        least = min(int(part.min()) for part in targets)
        most = max(int(part.max()) for part in targets)
        try:
            shapes = definition.output.shape, definition.target.shape
            program.loss.check_targets(least, most, *shapes)
        except IndexError:
            raise DatasetError("labels need an output with classes") from None
