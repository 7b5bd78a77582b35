"""From a definition to a module: every pass in order, and the functions of `delea-abi 1`."""

from dataclasses import dataclass, field
from math import prod

from delea.artifact import (
    ABI,
    GRAPH_SECTION,
    SECTION,
    STATE_HEADER,
    Manifest,
    Regions,
    encode_manifest,
)
from delea.compiler.assemble import assemble
from delea.compiler.cost import flops_of
from delea.compiler.definition import Definition, encode_graphs
from delea.compiler.emit_matmul import emit_functions, workspace
from delea.compiler.emit_rows import Places, Rows, emit_batch, emit_draw, emit_range, emit_widen
from delea.compiler.fuse import fuse
from delea.compiler.kernel import Buffer, Kernel, Matmul, Random
from delea.compiler.plan import ALIGN, ZEROS, Sizes, pages, plan_regions, plan_scratch
from delea.compiler.share import share
from delea.errors import GraphError
from delea.graph import Graph

MAX_PAGES = 8192
"""512 MiB: what a sandbox and a browser tab both hold."""

INPUT, TARGET, OUTPUT, LOSS, ROW_LOSSES = "input", "target", "output", "loss", "row_losses"
HEADER, BYTES = "header", "u8"


@dataclass(slots=True)
class Stage:
    """One graph on its way: kernels, where its buffers lie in scratch, and what they need."""

    name: str
    kernels: list[Kernel]
    scratch: dict[Buffer, int]
    scratch_bytes: int
    ends: dict[str, Buffer]


def emit_module(definition: Definition) -> bytes:
    """Compile a definition: the same definition gives the same bytes, always."""
    module = plan_module(definition)
    return assemble(module.text(), module.sections())


def plan_module(definition: Definition) -> "Module":
    """Fuse the graphs of a definition and give everything its place in memory."""
    stages = [_stage(name, graph, definition) for name, graph in definition.graphs.items()]
    fixed = _fixed_scratch(stages)
    scratch_bytes = fixed + max(stage.scratch_bytes for stage in stages)
    sizes = Sizes(
        definition.tensors,
        definition.input,
        definition.target,
        definition.output,
        definition.infer_batch,
        8 + definition.max_rows * (definition.input.byte_length + definition.target.byte_length),
    )
    regions = plan_regions(sizes, scratch_bytes)
    if pages(regions) > MAX_PAGES:
        raise GraphError(
            f"a program of at most {MAX_PAGES * 64} KiB expected, got {pages(regions) * 64} KiB"
        )
    return Module(definition, stages, regions, fixed)


def _stage(name: str, graph: Graph, definition: Definition) -> Stage:
    """Fuse one graph and plan its scratch; state, and for `infer` its ends, lie in regions."""
    states = {t.name: Buffer(f"state.{t.name}", prod(t.shape)) for t in definition.tensors}
    ends = {leaf: Buffer(leaf, prod(node.shape)) for leaf, node in graph.leaves("input")}
    leaves = {**states, **ends}
    for result, number in graph.outputs:
        if result not in states:
            ends[result] = Buffer(result, prod(graph.nodes[number].shape))
    kernels = fuse(graph, {**states, **ends}, leaves)
    in_regions = {*states.values(), *(ends[end] for end in (HEADER,) if end in ends)}
    if name.startswith("infer"):
        own = (OUTPUT,) if definition.input.dtype == BYTES else (INPUT, OUTPUT)
        in_regions |= {ends[end] for end in own if end in ends}
    given = [ends[end] for end in (INPUT, TARGET) if end in ends and ends[end] not in in_regions]
    if name in ("train", "evaluate"):
        rows = definition.batch if name == "train" else definition.infer_batch
        for end, field in ((INPUT, definition.input), (TARGET, definition.target)):
            if end not in ends:  # the graph does not read it, but rows are copied whole
                ends[end] = Buffer(end, rows * field.size)
                given.append(ends[end])
    kept = {ends[end] for end in (LOSS, ROW_LOSSES) if end in ends}
    scratch, size = plan_scratch(kernels, in_regions, given, kept)
    return Stage(name, kernels, scratch, size, ends)


def _fixed_scratch(stages: list[Stage]) -> int:
    """Return the scratch bytes that no stage shares: a draw's words and a matmul's workspace."""
    matmuls = [k for stage in stages for k in stage.kernels if isinstance(k, Matmul)]
    panel = max(map(workspace, matmuls), default=0)
    if any(isinstance(kernel, Random) for stage in stages for kernel in stage.kernels):
        panel = max(panel, ALIGN)
    return ALIGN + -(-panel // ALIGN) * ALIGN


@dataclass(slots=True)
class Module:
    """Writes the module's text: kernels, the functions that call them, memory and exports."""

    definition: Definition
    stages: list[Stage]
    regions: Regions
    fixed: int
    calls: dict[str, list[str]] = field(default_factory=dict)
    """Each stage's calls of kernels, in order, once `functions` has written them."""

    def sections(self) -> dict[str, bytes]:
        """Return the custom sections: what the module says of itself, and what it was made from."""
        definition = self.definition
        manifest = Manifest(
            abi=ABI,
            regions=self.regions,
            tensors=definition.tensors,
            input=definition.input,
            target=definition.target,
            output=definition.output,
            batch=definition.batch,
            infer_batch=definition.infer_batch,
            max_rows=definition.max_rows,
            steps_per_update=definition.steps_per_update,
            loss=definition.loss,
            optimizer=definition.optimizer,
            flops_per_step=sum(map(flops_of, self.stage("train").kernels)),
        )
        return {SECTION: encode_manifest(manifest), GRAPH_SECTION: encode_graphs(definition)}

    def text(self) -> str:
        """Return the module's text."""
        return "(module\n" + "\n".join(self.functions()) + ")"

    def functions(self) -> list[str]:
        """Return the text's parts: memory and functions, in order."""
        parts = [self._memory()]
        kernels = [kernel for stage in self.stages for kernel in stage.kernels]
        kinds = {kernel.sparse for kernel in kernels if isinstance(kernel, Matmul)}
        parts += [emit_functions(dense=False in kinds, sparse=True in kinds), emit_draw()]
        if self.definition.input.dtype == BYTES:
            parts.append(emit_widen())
        parts += self._kernels()
        parts += [self._seed(), self._train_step(), self._infer(), self._evaluate()]
        return [*parts, self._is_finite()]

    def _memory(self) -> str:
        count = pages(self.regions)
        zeros = "\\00\\00\\00\\80" * 16
        return (
            f'(memory (export "memory") {count} {count})'
            f'(global (export "delea_abi") i32 (i32.const {ABI}))'
            f'(data (i32.const {ZEROS}) "{zeros}")'
        )

    def addresses(self, stage: Stage) -> dict[Buffer, int]:
        """Return where each buffer of a stage begins, in bytes."""
        start = self.regions.scratch.offset + self.fixed
        addresses = {buffer: start + at for buffer, at in stage.scratch.items()}
        for tensor in self.definition.tensors:
            buffer = Buffer(f"state.{tensor.name}", prod(tensor.shape))
            addresses[buffer] = self.regions.state.offset + tensor.offset
        places = ((INPUT, self.regions.input), (OUTPUT, self.regions.output))
        for end, region in (*places, (HEADER, self.regions.state)):
            if end in stage.ends and stage.ends[end] not in addresses:
                addresses[stage.ends[end]] = region.offset
        return addresses

    def _kernels(self) -> list[str]:
        """Return the functions of all kernels and, for each stage, `$<stage>` that runs its own."""
        addresses = {stage.name: self.addresses(stage) for stage in self.stages}
        runs = [(stage.name, kernel) for stage in self.stages for kernel in stage.kernels]
        panel = self.regions.scratch.offset + ALIGN
        functions, calls = share([(kernel, addresses[name]) for name, kernel in runs], panel)
        for (name, _), call in zip(runs, calls, strict=True):
            self.calls.setdefault(name, []).append(call)
        lists = ((stage.name, self.calls.get(stage.name, [])) for stage in self.stages)
        return functions + [f"(func ${name} {' '.join(own)})" for name, own in lists]

    def stage(self, name: str) -> Stage:
        """Return a graph's kernels and their buffers."""
        return next(stage for stage in self.stages if stage.name == name)

    def _place(self, stage: str, end: str) -> int:
        found = self.stage(stage)
        return self.addresses(found)[found.ends[end]]

    def _rows(self) -> Rows:
        return Rows(
            self.regions.state,
            self.regions.dataset,
            self.definition.input.byte_length,
            self.definition.target.byte_length,
            self.regions.scratch.offset,
            widened=self.definition.input.dtype == BYTES,
        )

    def _places(self, stage: str) -> Places:
        return Places(self._place(stage, INPUT), self._place(stage, TARGET))

    def _seed(self) -> str:
        at = self.regions.state.offset
        words = " ".join(
            f"(i64.store offset={at + 8 * i} (i32.const 0) (local.get $s{i}))" for i in range(4)
        )
        names = " ".join(f"(param $s{i} i64)" for i in range(4))
        return f'(func (export "seed") {names} {words})'

    def _train_step(self) -> str:
        step = self.regions.state.offset + STATE_HEADER - 8
        counter = f"(i64.load offset={step} (i32.const 0))"
        batch = emit_batch("batch", self._rows(), self.definition.batch, self._places("train"))
        return f"""{batch}
(func $step (export "train_step") (result f32)
  (call $batch)
  (call $train)
  (i64.store offset={step} (i32.const 0) (i64.add {counter} (i64.const 1)))
  (f32.load offset={self._place("train", LOSS)} (i32.const 0)))"""

    def widened(self, stage: str, rows: str) -> str:
        """Return the code that gives `stage` its rows of bytes as int32."""
        ends = self.stage(stage).ends
        if self.definition.input.dtype != BYTES or INPUT not in ends:
            return ""
        count = f"(i32.mul {rows} (i32.const {self.definition.input.size}))"
        source = f"(i32.const {self.regions.input.offset})"
        return f"(call $widen {source} (i32.const {self._place(stage, INPUT)}) {count})"

    def _infer(self) -> str:
        one = f"{self.widened('infer_one', '(i32.const 1)')} (call $infer_one)"
        many = f"{self.widened('infer', '(local.get $rows)')} (call $infer)"
        return f"""
(func $infer_rows (export "infer") (param $rows i32)
  (if (i32.gt_u (local.get $rows) (i32.const {self.definition.infer_batch})) (then unreachable))
  (if (i32.eqz (local.get $rows)) (then return))
  (if (i32.eq (local.get $rows) (i32.const 1))
    (then {one}) (else {many})))"""

    def _evaluate(self) -> str:
        dataset, most = self.regions.dataset.offset, self.definition.infer_batch
        losses = self._place("evaluate", ROW_LOSSES)
        copy = emit_range("rows", self._rows(), self._places("evaluate"))
        return f"""{copy}
(func $mean_loss (export "evaluate") (result f32)
  (local $row i32) (local $left i32) (local $count i32) (local $i i32)
  (local $total f32) (local $all i32)
  (local.set $left (i32.load offset={dataset + 4} (i32.const 0)))
  (if (local.get $left)
    (then (local.set $row (i32.load offset={dataset} (i32.const 0))))
    (else (local.set $left (i32.load offset={dataset} (i32.const 0)))))
  (local.set $all (local.get $left))
  (local.set $total (f32.const -0x0p+0))
  (loop $chunk
    (local.set $count (select (local.get $left) (i32.const {most})
      (i32.lt_u (local.get $left) (i32.const {most}))))
    (call $rows (local.get $row) (local.get $count))
    (call $evaluate)
    (local.set $i (i32.const 0))
    (loop $each
      (local.set $total (f32.add (local.get $total)
        (f32.load offset={losses} (i32.shl (local.get $i) (i32.const 2)))))
      (br_if $each (i32.lt_u
        (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $count))))
    (local.set $row (i32.add (local.get $row) (local.get $count)))
    (br_if $chunk (local.tee $left (i32.sub (local.get $left) (local.get $count)))))
  (f32.div (local.get $total) (f32.convert_i32_u (local.get $all))))"""

    def _is_finite(self) -> str:
        """Return `is_finite`: x - x is 0 for a finite x and NaN for any other."""
        first = self.regions.state.offset + STATE_HEADER
        end = self.regions.state.offset + self.regions.state.length
        number = f"(f32.load offset={first} (local.get $at))"
        return f"""
(func (export "is_finite") (result i32) (local $at i32)
  (loop $each
    (if (f32.ne (f32.sub {number} {number}) (f32.const 0)) (then (return (i32.const 0))))
    (br_if $each (i32.lt_u
      (local.tee $at (i32.add (local.get $at) (i32.const 4))) (i32.const {end - first}))))
  (i32.const 1))"""
