"""One graph alone, compiled and run, its buffers among guards: no stray byte goes unseen."""

import atexit
import os
from collections.abc import Callable, Mapping
from math import prod

import numpy as np
import pytest
import wasmtime
from hypothesis import settings

from delea.compiler.emit_matmul import emit_functions, workspace
from delea.compiler.emit_rows import emit_draw
from delea.compiler.fuse import fuse
from delea.compiler.kernel import Buffer, Matmul
from delea.compiler.plan import SLACK, ZEROS, plan_scratch
from delea.compiler.share import share
from delea.graph import Graph, interpret

PAGE = 65536
GUARD = 64
FILL = 0x7FD5D5D5
"""What memory holds before: a NaN, so that a value read before it was written shows."""

DTYPES = {"f32": np.dtype("<f4"), "i32": np.dtype("<i4")}
FUZZ = bool(os.environ.get("DELEA_FUZZ"))
settings.register_profile("engine", deadline=None, max_examples=4000 if FUZZ else 100)
settings.register_profile("table", deadline=None, max_examples=400 if FUZZ else 8)

Arrays = dict[str, np.ndarray]


def run_graph(graph: Graph, leaves: Mapping[str, np.ndarray]) -> Arrays:
    """Compile a graph, run it once and return its outputs.

    An output with the name of a state overwrites it, as in a module's training step.
    """
    places = {}
    for op in ("state", "input"):
        for name, node in graph.leaves(op):
            places[name] = Buffer(f"{op}.{name}", prod(node.shape))
    results = {
        name: places.get(name) or Buffer(f"output.{name}", prod(graph.nodes[at].shape))
        for name, at in graph.outputs
    }
    fixed = {**places, **results}
    kernels = fuse(graph, results, places)
    addresses, at = {}, 2 * GUARD
    for buffer in fixed.values():
        addresses[buffer] = at
        at += -(-4 * buffer.elements // GUARD) * GUARD + GUARD
    panel = at
    at += max((workspace(k) for k in kernels if isinstance(k, Matmul)), default=0) + GUARD
    at = -(-at // GUARD) * GUARD
    scratch, scratch_bytes = plan_scratch(kernels, set(fixed.values()), [], set())
    addresses |= {buffer: at + offset for buffer, offset in scratch.items()}
    end = at + scratch_bytes
    memory = _run(_text(kernels, addresses, panel, end), leaves, places, addresses)
    _check_guards(memory, end, panel, [(addresses[b], 4 * b.elements) for b in fixed.values()])
    return {
        name: memory[addresses[buffer] :][: 4 * buffer.elements]
        .view(DTYPES[graph.nodes[source].dtype])
        .reshape(graph.nodes[source].shape)
        for (name, source), buffer in zip(graph.outputs, results.values(), strict=True)
    }


def _text(kernels, addresses, panel, end):
    pages = -(-(end + SLACK) // PAGE)
    zeros = "\\00\\00\\00\\80" * 16
    parts = [
        f'(memory (export "memory") {pages} {pages})',
        f'(data (i32.const {ZEROS}) "{zeros}")',
        emit_functions(),
        emit_draw(),
    ]
    called = [(kernel, addresses) for kernel in kernels]
    elsewhere = {b: at + GUARD * i for i, (b, at) in enumerate(addresses.items())}
    uncalled = [(kernel, elsewhere) for kernel in kernels]  # so that every address is a parameter
    functions, calls = share([*called, *uncalled], panel)
    parts += functions
    run = " ".join(calls[: len(kernels)])
    return "(module " + " ".join(parts) + f'(func (export "run") {run}))'


_ENGINE = wasmtime.Engine()
atexit.register(_ENGINE.close)


def _run(text, leaves, places, addresses):
    store = wasmtime.Store(_ENGINE)
    module = wasmtime.Module(_ENGINE, wasmtime.wat2wasm(text))
    exports = wasmtime.Instance(store, module, []).exports(store)
    memory = exports["memory"]
    view = np.frombuffer(memory.get_buffer_ptr(store), np.uint8)
    view[2 * GUARD :].view("<u4")[:] = FILL
    for name, buffer in places.items():
        data = np.ascontiguousarray(leaves[name]).view(np.uint8).reshape(-1)
        view[addresses[buffer] :][: len(data)] = data
    exports["run"](store)
    after = view.copy()
    store.close()
    return after


def _check_guards(memory, end, panel, fixed):
    """Fail if a byte changed that lies in no buffer, no panel and no scratch."""
    written = np.zeros(len(memory), bool)
    written[: 2 * GUARD] = True
    for at, length in fixed:
        written[at : at + length] = True
    written[panel:end] = True
    fill = np.frombuffer(np.full(len(memory) // 4, FILL, "<u4").tobytes(), np.uint8)
    assert not np.flatnonzero((memory != fill) & ~written).size, "a kernel wrote past its buffers"


def difference(got: Arrays, expected: Arrays) -> list[str]:
    """Return one line per output that is not the same, bit for bit, NaNs alike."""
    lines = []
    for name, value in expected.items():
        have, want = got[name], np.asarray(value)
        if have.shape != want.shape or have.dtype != want.dtype:
            lines.append(f"{name}: {want.dtype} {want.shape}, got {have.dtype} {have.shape}")
            continue
        same = have.view("<u4") == np.ascontiguousarray(want).view("<u4")
        if want.dtype.kind == "f":
            same |= np.isnan(have) & np.isnan(want)
        if not same.all():
            at = tuple(int(i[0]) for i in np.nonzero(~same))
            count = int((~same).sum())
            lines.append(f"{name}{at}: {want[at]!r} expected, got {have[at]!r} ({count} differ)")
    return lines


def compare(graph: Graph, leaves: Mapping[str, np.ndarray]) -> list[str]:
    """Return how the compiled graph differs from the interpreted one; nothing, one hopes."""
    return difference(run_graph(graph, leaves), interpret(graph, leaves))


@pytest.fixture(scope="session")
def run() -> Callable[[Graph, Mapping[str, np.ndarray]], Arrays]:
    return run_graph


@pytest.fixture(scope="session")
def differences() -> Callable[[Graph, Mapping[str, np.ndarray]], list[str]]:
    return compare


@pytest.fixture(scope="session")
def differing() -> Callable[[Arrays, Arrays], list[str]]:
    return difference
