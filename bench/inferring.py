"""Milliseconds per inference in Chromium: Delea beside its peers, one row and a batch."""

from collections.abc import Callable
from contextlib import closing

import numpy as np
from engines import CHROMIUM
from engines.chromium import Chromium
from engines.peers import ONNX, PEERS, Onnx, Peer
from steps import Row, rows_of
from workloads import WORKLOADS
from workloads.arrays import SOURCES

from delea.compiler import build

SECONDS = 1.0
CLOSE = 1e-4
"""What outputs may differ by: others add in another order."""


def measure_inference(
    workload: str, engines: list[str], *, load: float, progress: Callable[[str], None]
) -> list[Row]:
    """Time every engine with one row, and with a training batch of rows."""
    inputs = SOURCES[workload]()[1][0][0]
    artifact = build(WORKLOADS[workload].program())
    found = []
    for rows in (1, len(inputs)):
        name = f"infer-{workload}-{rows}"
        samples, outputs = {}, {}
        if CHROMIUM in engines:
            progress(f"{name}: {CHROMIUM}")
            with closing(Chromium(artifact)) as own:
                written, samples[CHROMIUM] = own.infer(inputs[:rows].tobytes(), SECONDS)
            outputs[CHROMIUM] = np.frombuffer(written, "<f4")
        for engine in (engine for engine in (*PEERS, ONNX) if engine in engines):
            progress(f"{name}: {engine}")
            started = Onnx(workload) if engine == ONNX else Peer(workload, engine)
            with closing(started) as peer:
                answer = peer.infer(rows, SECONDS)
            samples[engine] = answer["ms"]
            if engine == ONNX:
                outputs[engine] = np.array(answer["outputs"], np.float32)
        check_outputs(name, outputs)
        found += rows_of(name, samples, load)
    return found


def check_outputs(name: str, outputs: dict[str, np.ndarray]) -> None:
    """Stop unless the first row's outputs agree."""
    if {CHROMIUM, ONNX} <= outputs.keys():
        own, other = outputs[CHROMIUM][: outputs[ONNX].size], outputs[ONNX]
        gap = float(np.abs(own - other).max())
        if not gap <= CLOSE * float(np.abs(other).max()):
            raise SystemExit(
                f"bench: {name}: outputs {gap} apart, at most {CLOSE} of them expected"
            )
