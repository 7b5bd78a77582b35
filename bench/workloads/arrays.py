"""A workload's first weights and batches as files, for engines that are not written in Python."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workloads import cnn, gpt, mlp
from workloads.batches import BATCHES, drawn

Arrays = dict[str, NDArray[Any]]
Batches = tuple[NDArray[Any], NDArray[Any]]


def write_arrays(workload: str, folder: Path) -> dict[str, str]:
    """Write `spec` (JSON) and `data`; return their paths.

    Matrices of linear layers are (in, out). Inputs and targets are 8 batches, in the order in which
    Delea's module draws them.
    """
    weights, (inputs, targets) = SOURCES[workload]()
    data = bytearray()

    def entry(array: NDArray[Any]) -> dict[str, Any]:
        offset = len(data)
        data.extend(np.ascontiguousarray(array).tobytes())
        return {"shape": list(array.shape), "dtype": str(array.dtype), "offset": offset}

    spec = {
        "params": [{"name": name, **entry(array)} for name, array in weights.items()],
        "inputs": entry(inputs),
        "targets": entry(targets),
    }
    paths = {"spec": str(folder / "spec"), "data": str(folder / "data")}
    Path(paths["spec"]).write_text(json.dumps(spec), encoding="utf-8")
    Path(paths["data"]).write_bytes(data)
    return paths


def _mlp() -> tuple[Arrays, Batches]:
    x, y = mlp.points()
    return _turned(mlp.weights()), (np.stack([x] * BATCHES), np.stack([y] * BATCHES))


def _cnn() -> tuple[Arrays, Batches]:
    return _turned(cnn.weights()), _stacked(drawn(cnn.BATCH, *cnn.images()))


def _gpt() -> tuple[Arrays, Batches]:
    return _turned(gpt.weights()), _stacked(drawn(gpt.BATCH, *gpt.sequences()))


def _turned(weights: Arrays) -> Arrays:
    """Return linear layers' matrices as (in, out); tables stay."""
    tables = {"tokens.weight", "positions.weight"}
    return {
        name: array.T if array.ndim == 2 and name not in tables else array
        for name, array in weights.items()
    }


def _stacked(batches: list[tuple[NDArray[Any], ...]]) -> Batches:
    inputs, targets = zip(*batches, strict=True)
    return np.stack(inputs), np.stack(targets)


SOURCES: dict[str, Callable[[], tuple[Arrays, Batches]]] = {"mlp": _mlp, "cnn": _cnn, "gpt": _gpt}
