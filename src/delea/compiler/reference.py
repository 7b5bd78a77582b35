"""The reference of a whole module: `delea-abi 1` played by the interpreter, in NumPy float32.

Slow, and the definition: whatever runs the module must give these bits.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from delea.artifact import DATASET_HEADER, SEED_BYTES, STATE_HEADER, Field
from delea.compiler.definition import Definition
from delea.graph import draw_rows, interpret

Array = NDArray[Any]
_DTYPES: dict[str, np.dtype[Any]] = {
    "f32": np.dtype("<f4"),
    "i32": np.dtype("<i4"),
    "u8": np.dtype("u1"),
}


@dataclass(frozen=True, slots=True)
class Reference:
    """A definition and its dataset; states go in and come out as bytes."""

    definition: Definition
    dataset: bytes

    def train(self, state: bytes, seed: bytes, steps: int) -> tuple[bytes, list[float]]:
        """Return the state after `steps` steps under `seed`, and each step's loss."""
        state = seed + state[SEED_BYTES:]
        losses = []
        for _ in range(steps):
            state, loss = self._step(state)
            losses.append(loss)
        return state, losses

    def evaluate(self, state: bytes) -> float:
        """Return the mean loss of the test rows; of the train rows if there are none."""
        train_rows, test_rows = self._rows()
        first, count = (train_rows, test_rows) if test_rows else (0, train_rows)
        chunk = self.definition.infer_batch
        total = np.float32(-0.0)
        for start in range(first, first + count, chunk):
            rows = np.arange(start, start + chunk) % (train_rows + test_rows)
            leaves = {**self._tensors(state), **self._records(rows)}
            losses = interpret(self.definition.graphs["evaluate"], leaves)["row_losses"]
            for loss in losses[: first + count - start]:
                total = total + loss
        return float(total / np.float32(count))

    def infer(self, state: bytes, inputs: bytes) -> bytes:
        """Return the outputs for rows of inputs, one row at a time."""
        rows = np.frombuffer(inputs, _DTYPES[self.definition.input.dtype])
        graph, shape = self.definition.graphs["infer_one"], self.definition.input.shape
        parts = [
            interpret(graph, {**self._tensors(state), "input": _widened(row)})["output"]
            for row in rows.reshape(-1, 1, *shape)
        ]
        return b"".join(part.tobytes() for part in parts)

    def _step(self, state: bytes) -> tuple[bytes, float]:
        definition = self.definition
        step = int.from_bytes(state[SEED_BYTES:STATE_HEADER], "little")
        rows = draw_rows(state[:SEED_BYTES], step, definition.batch, self._rows()[0])
        leaves = {**self._tensors(state), **self._records(rows)}
        leaves["header"] = np.frombuffer(state, "<i4", STATE_HEADER // 4)
        outputs = interpret(definition.graphs["train"], leaves)
        tensors = (outputs[t.name].astype(_DTYPES[t.dtype]) for t in definition.tensors)
        header = state[:SEED_BYTES] + (step + 1).to_bytes(8, "little")
        after = header + b"".join(np.ascontiguousarray(t).tobytes() for t in tensors)
        return after, float(outputs["loss"])

    def _rows(self) -> tuple[int, int]:
        counts = np.frombuffer(self.dataset, "<u4", count=2)
        return int(counts[0]), int(counts[1])

    def _records(self, rows: Array) -> dict[str, Array]:
        fields = self.definition.input, self.definition.target
        record = np.dtype([(f"f{i}", _row(field)) for i, field in enumerate(fields)])
        table = np.frombuffer(self.dataset, record, offset=DATASET_HEADER)[rows]
        return {"input": _widened(table["f0"]), "target": table["f1"]}

    def _tensors(self, state: bytes) -> dict[str, Array]:
        return {
            t.name: np.frombuffer(state, _DTYPES[t.dtype], int(np.prod(t.shape)), t.offset).reshape(
                t.shape
            )
            for t in self.definition.tensors
        }


def _widened(values: Array) -> Array:
    """Return bytes as int32, anything else as it is."""
    return values.astype("<i4") if values.dtype == np.uint8 else values


def _row(field: Field) -> np.dtype[Any]:
    return np.dtype((_DTYPES[field.dtype], field.shape))
