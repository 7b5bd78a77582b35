"""A module that can be timed from outside: the module as it ships, and exports that repeat a part.

Functions are appended, none is changed: what is timed is the code that trains.
"""

from dataclasses import dataclass

from delea.artifact import Region
from delea.compiler.assemble import assemble
from delea.compiler.cost import WORD, Cost, cost_of
from delea.compiler.definition import GRAPHS, Definition
from delea.compiler.describe import describe
from delea.compiler.emit import BYTES, Module, Stage, plan_module
from delea.compiler.kernel import Kernel

WHOLE, PEAK, COPY = "whole", "peak", "copy"
CHAINS, LANES = 13, 4


@dataclass(frozen=True, slots=True)
class Part:
    """An export that takes how often to run a part of the work.

    `name` says in words what it does, `cost` what one run does; it reads and then overwrites the
    bytes of `changed`, so that a second run starts from other numbers than the first.
    """

    export: str
    name: str
    cost: Cost
    changed: tuple[Region, ...] = ()


@dataclass(frozen=True, slots=True)
class Instrumented:
    """The module; `whole`, the work as it ships; `calls`, its parts in the order they are called.

    `peak` is a run of multiplications and additions that wait for nothing: what can be reached.
    """

    module: bytes
    whole: Part
    peak: Part
    calls: tuple[Part, ...]


def instrument(definition: Definition, stage: str) -> Instrumented:
    """Return a definition's module with the calls of one graph, such as `train`, exported.

    The calls of `evaluate` are those for one batch of rows.
    """
    assert stage in GRAPHS, f"one of {GRAPHS}, not {stage}"
    module = plan_module(definition)
    functions = module.functions()
    codes = {WHOLE: _whole(stage, definition), PEAK: ""}
    parts = []
    copy = _copy(stage, module)
    if copy is not None:
        codes[COPY] = copy
        parts.append(Part(COPY, "copy the rows", _copied(stage, definition)))
    planned = module.stage(stage)
    names = describe(definition.graphs[stage], planned.kernels, definition.optimizer.name)
    for number, kernel in enumerate(planned.kernels):
        export = f"kernel_{number}"
        codes[export] = module.calls[stage][number]
        changed = _changed(kernel, module, planned)
        parts.append(Part(export, names[number], cost_of(kernel), changed))
    exports = [_peak() if name == PEAK else _repeat(name, code) for name, code in codes.items()]
    text = "(module\n" + "\n".join([*functions, *exports]) + ")"
    total = Cost(*(sum(numbers) for numbers in zip(*map(_numbers, parts), strict=True)))
    changed = (module.regions.state,) if stage == "train" else ()
    return Instrumented(
        assemble(text, module.sections()),
        Part(WHOLE, stage, total, changed),
        Part(PEAK, "multiply-add peak", Cost(CHAINS * LANES * 2, 0, 0)),
        tuple(parts),
    )


def _numbers(part: Part) -> tuple[int, int, int]:
    return part.cost.flops, part.cost.bytes_read, part.cost.bytes_written


def _whole(stage: str, definition: Definition) -> str:
    """Return the call that does all the work, through the function that is exported."""
    if stage.startswith("infer"):
        rows = definition.infer_batch if stage == "infer" else 1
        return f"(call $infer_rows (i32.const {rows}))"
    return f"(drop (call {'$step' if stage == 'train' else '$mean_loss'}))"


def _copy(stage: str, module: Module) -> str | None:
    """Return the call that brings rows to where the kernels read them, if there is one."""
    if stage == "train":
        return "(call $batch)"
    rows = f"(i32.const {_rows(stage, module.definition)})"
    if stage == "evaluate":
        return f"(call $rows (i32.const 0) {rows})"
    return module.widened(stage, rows) or None


def _rows(stage: str, definition: Definition) -> int:
    rows = {"train": definition.batch, "infer_one": 1}.get(stage, definition.infer_batch)
    return min(rows, definition.max_rows) if stage == "evaluate" else rows


def _copied(stage: str, definition: Definition) -> Cost:
    """Return what copying the rows costs; bytes become int32 on the way."""
    fields = (
        [definition.input] if stage.startswith("infer") else [definition.input, definition.target]
    )
    rows = _rows(stage, definition)
    read = sum(field.byte_length for field in fields)
    widened = (WORD - 1) * definition.input.size if definition.input.dtype == BYTES else 0
    return Cost(0, rows * read, rows * (read + widened))


def _changed(kernel: Kernel, module: Module, stage: Stage) -> tuple[Region, ...]:
    """Return the places that a kernel both reads and writes."""
    addresses, reads = module.addresses(stage), set(kernel.reads())
    both = sorted((b for b in set(kernel.writes()) if b in reads), key=addresses.__getitem__)
    return tuple(Region(addresses[buffer], WORD * buffer.elements) for buffer in both)


def _repeat(name: str, code: str) -> str:
    """Return the export that runs `code` as often as it is told, at least once."""
    return f"""
(func (export "{name}") (param $times i32)
  (loop $again {code}
    (br_if $again (local.tee $times (i32.sub (local.get $times) (i32.const 1))))))"""


def _peak() -> str:
    """Return the export `peak`: as many independent chains as registers hold, one link a turn.

    Engines order more links chain after chain, which a processor cannot keep in flight.
    """
    names = [f"$x{i}" for i in range(CHAINS)]
    turn = " ".join(
        f"(local.set {x} (f32x4.add (f32x4.mul (local.get {x}) (local.get $m)) (local.get $d)))"
        for x in names
    )
    total = f"(local.get {names[0]})"
    for x in names[1:]:
        total = f"(f32x4.add {total} (local.get {x}))"
    return f"""
(func (export "{PEAK}") (param $times i32) (result f32)
  {" ".join(f"(local {x} v128)" for x in names)} (local $m v128) (local $d v128)
  (local.set $m (f32x4.splat (f32.const 0.999))) (local.set $d (f32x4.splat (f32.const 0.001)))
  (loop $again {turn}
    (br_if $again (local.tee $times (i32.sub (local.get $times) (i32.const 1)))))
  (f32x4.extract_lane 0 {total}))"""
