"""A module's variant that exports each kernel of its training step, to be timed alone.

The compiler's own text is captured and `$train`, the list of the step's calls, is taken apart:
whatever the kernels become, they are timed as they are shipped.
"""

from dataclasses import dataclass
from typing import Any
from unittest import mock

import wasmtime

from delea.artifact import Artifact, read_manifest
from delea.compiler import Definition, build, define, emit
from delea.compiler.kernel import Kernel, Loop, Matmul
from delea.nn import Program

STEP, BATCH = "step", "batch"
WARM_STEPS = 20
CHAINS = 13


@dataclass(frozen=True, slots=True)
class Part:
    """A call of the training step: its export's name, what it does, its float operations."""

    export: str
    label: str
    flops: int


@dataclass(frozen=True, slots=True)
class Variant:
    """The module, its parts in order (the whole step first), and where files go in its memory."""

    module: bytes
    text: str
    parts: list[Part]
    artifact: Artifact
    state_at: int
    dataset_at: int


def variant(program: Program) -> Variant:
    """Return the module of `program` with exports `step`, `batch` and one per kernel.

    Each takes how often to run its kernel, and loops inside Wasm.
    """
    text, artifact = _captured(program)
    manifest = read_manifest(artifact.module)
    body = _calls(text, "(func $train ")
    if body is None:
        raise SystemExit("kernels: a function $train that lists the step's calls expected")
    parts = _parts(body, _kernels(program))
    codes = {STEP: "(call $step)", BATCH: "(call $batch)"}
    codes |= {part.export: code for part, code in zip(parts, body, strict=True)}
    exports = [_repeat(name, code) for name, code in codes.items()]
    shown = text.replace('(func (export "train_step")', '(func $step (export "train_step")')
    module = wasmtime.wat2wasm(shown.rstrip().removesuffix(")") + "\n".join(exports) + ")")
    whole = Part(STEP, "train_step", manifest.flops_per_step)
    return Variant(
        bytes(module),
        text,
        [whole, Part(BATCH, "copy the batch", 0), *parts],
        artifact,
        manifest.regions.state.offset,
        manifest.regions.dataset.offset,
    )


def peak_module() -> bytes:
    """Return a module whose `peak(n)` runs n x 52 independent vector multiply-adds."""
    names = [f"$x{i}" for i in range(CHAINS)]
    chains = " ".join(
        f"(local.set {x} (f32x4.add (f32x4.mul (local.get {x}) (local.get $m)) (local.get $d)))"
        for x in names
    )
    total = f"(local.get {names[0]})"
    for x in names[1:]:
        total = f"(f32x4.add {total} (local.get {x}))"
    return bytes(
        wasmtime.wat2wasm(f"""(module (memory (export "memory") 1 1)
(func (export "peak") (param $n i32) (result f32)
  {" ".join(f"(local {x} v128)" for x in names)} (local $m v128) (local $d v128)
  (local.set $m (f32x4.splat (f32.const 0.999))) (local.set $d (f32x4.splat (f32.const 0.001)))
  (loop $again {chains * 4}
    (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
  (f32x4.extract_lane 0 {total})))""")
    )


PEAK_FLOPS = CHAINS * 4 * 4 * 2
"""Float operations of one round of `peak`: 4 lanes, multiply and add."""


def _captured(program: Program) -> tuple[str, Artifact]:
    """Build a program; return the text that was assembled, too."""
    texts: list[str] = []
    assemble = vars(emit)["assemble"]

    def capture(text: str, sections: dict[str, bytes]) -> Any:
        texts.append(text)
        return assemble(text, sections)

    with mock.patch.object(emit, "assemble", capture):
        artifact = build(program)
    return texts[0], artifact


def _repeat(name: str, code: str) -> str:
    return f"""
(func (export "{name}") (param $n i32)
  (loop $again {code.replace("(call $step)", "(drop (call $step))")}
    (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))"""


def _calls(text: str, head: str) -> list[str] | None:
    """Return the instructions, each in its parentheses, of the function that begins with `head`."""
    at = text.find(head)
    if at < 0:
        return None
    found, depth, start = [], 0, 0
    for i in range(at + len(head), len(text)):
        if text[i] == "(":
            if depth == 0:
                start = i
            depth += 1
        elif text[i] == ")":
            if depth == 0:
                break
            depth -= 1
            if depth == 0:
                found.append(text[start : i + 1])
    return found


def _kernels(program: Program) -> list[Kernel]:
    _, train_rows, test_rows = program.data.records()
    definition: Definition = define(program, train_rows + test_rows)
    return emit._stage("train", definition.graphs["train"], definition).kernels  # noqa: SLF001


def _parts(calls: list[str], kernels: list[Kernel]) -> list[Part]:
    """Name every call; what it does is known if there is one call per kernel."""
    if len(calls) != len(kernels):
        return [Part(f"kernel_{i}", call[6:70], 0) for i, call in enumerate(calls)]
    return [
        Part(f"kernel_{i}", _label(kernel), emit._flops(kernel))  # noqa: SLF001
        for i, kernel in enumerate(kernels)
    ]


def _label(kernel: Kernel) -> str:
    """Return what a kernel computes: space, what is reduced, and the buffers it writes."""
    if isinstance(kernel, Matmul):
        sizes = "x".join(map(str, (*kernel.batch, kernel.m, kernel.n, kernel.k)))
        sides = (kernel.a, kernel.b)
        names = [s.buffer.name + ("" if s.columns[-1][1] == 1 else "^T") for s in sides]
        return f"matmul {sizes} {' '.join(names)}"
    if not isinstance(kernel, Loop):
        return f"{type(kernel).__name__.lower()} {kernel.count}x{kernel.width}"
    space = "x".join(map(str, kernel.space)) or "1"
    reduced = "x".join(map(str, kernel.reduced))
    over = f" sum {reduced} {kernel.order}" if reduced else ""
    writes = ", ".join(buffer.name.removeprefix("state.") for buffer in kernel.writes())
    return f"{space}{over} -> {writes}"
