"""An instrumented module is the module as it ships, and exports that repeat its parts."""

import numpy as np
import pytest
import wasmtime

from delea import nn
from delea.artifact import STATE_HEADER, read_manifest
from delea.artifact.wasm import read_sections, read_u32
from delea.compiler import build, define, instrument

CODE = 10
PEAK_ROUND = 13 * 4 * 2
STAGES = ("train", "evaluate", "infer", "infer_one")


def make_program(pixels=np.float32, infer_batch=7):
    generator = np.random.default_rng(3)
    x = generator.integers(0, 9, (12, 1, 6, 6)).astype(pixels)
    y = np.arange(12, dtype=np.int32) % 3
    layers = (nn.Conv2d(1, 4, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(16, 3))

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.body = nn.Sequential(*layers)

        def forward(self, x):
            return self.body(x.float())

    data = nn.Dataset(x, y)
    loss, optimizer = nn.CrossEntropyLoss(), nn.Adam()
    return nn.Program(Net(), loss, optimizer, data, batch=5, infer_batch=infer_batch)


class Run:
    """An instance of a module with its genesis state, its dataset and some rows in place."""

    def __init__(self, module, artifact):
        self.engine = wasmtime.Engine()
        self.store = wasmtime.Store(self.engine)
        compiled = wasmtime.Module(self.engine, module)
        self.exports = wasmtime.Instance(self.store, compiled, []).exports(self.store)
        regions = read_manifest(artifact.module).regions
        self.memory = self.exports["memory"]
        self.memory.write(self.store, artifact.genesis, regions.state.offset)
        self.memory.write(self.store, artifact.dataset, regions.dataset.offset)
        self.memory.write(self.store, artifact.dataset[8 : 8 + 144], regions.input.offset)

    def call(self, name, *arguments):
        return self.exports[name](self.store, *arguments)

    def all(self):
        return bytes(self.memory.read(self.store, 0, self.memory.data_len(self.store)))

    def close(self):
        self.store.close()
        self.engine.close()


@pytest.fixture
def running():
    runs = []

    def started(module, artifact):
        runs.append(Run(module, artifact))
        return runs[-1]

    yield started
    for run in runs:
        run.close()


@pytest.mark.parametrize("stage", STAGES)
def test_no_function_that_ships_is_another(stage):
    program = make_program()
    shipped = _bodies(build(program).module)
    timed = _bodies(instrument(define(program, 12), stage).module)
    assert timed[: len(shipped)] == shipped


@pytest.mark.parametrize("pixels", [np.float32, np.uint8])
def test_the_parts_run_once_each_in_order_are_a_step_bit_for_bit(running, pixels):
    program = make_program(pixels)
    artifact, made = build(program), instrument(define(program, 12), "train")
    whole, parts = running(artifact.module, artifact), running(made.module, artifact)
    whole.call("train_step")
    for part in made.calls:
        parts.call(part.export, 1)
    counter = read_manifest(artifact.module).regions.state.offset + STATE_HEADER - 8
    before, after = parts.all(), whole.all()
    assert before[counter : counter + 8] != after[counter : counter + 8]  # what no kernel counts
    assert before[:counter] + before[counter + 8 :] == after[:counter] + after[counter + 8 :]


@pytest.mark.parametrize("pixels", [np.float32, np.uint8])
@pytest.mark.parametrize(("stage", "rows"), [("infer", 7), ("infer_one", 1)])
def test_the_parts_of_an_inference_give_its_outputs(running, pixels, stage, rows):
    program = make_program(pixels)
    artifact, made = build(program), instrument(define(program, 12), stage)
    whole, parts = running(artifact.module, artifact), running(made.module, artifact)
    whole.call("infer", rows)
    for part in made.calls:
        parts.call(part.export, 1)
    assert parts.all() == whole.all()


def test_the_parts_of_an_evaluation_are_all_of_it_if_one_batch_holds_the_rows(running):
    program = make_program(infer_batch=20)
    artifact, made = build(program), instrument(define(program, 12), "evaluate")
    whole, parts = running(artifact.module, artifact), running(made.module, artifact)
    assert whole.call("evaluate") > 0
    for part in made.calls:
        parts.call(part.export, 1)
    assert parts.all() == whole.all()


def test_whole_does_what_ships_as_often_as_it_is_told(running):
    program = make_program()
    artifact, made = build(program), instrument(define(program, 12), "train")
    one, other = running(artifact.module, artifact), running(made.module, artifact)
    for _ in range(3):
        one.call("train_step")
    other.call(made.whole.export, 3)
    assert one.all() == other.all()


def test_what_a_second_run_would_read_changed_is_named():
    program = make_program()
    made = instrument(define(program, 12), "train")
    changed = {part.name: len(part.changed) for part in made.calls if part.changed}
    assert changed["update of body.4.weight: adam 3x16"] == 3  # the weight and both moments
    assert not [name for name in changed if name.startswith("body")]
    state = read_manifest(made.module).regions.state
    assert made.whole.changed == (state,)


def test_the_peak_is_counted_and_runs(running):
    program = make_program()
    artifact, made = build(program), instrument(define(program, 12), "train")
    assert made.peak.cost.flops == PEAK_ROUND
    assert running(made.module, artifact).call("peak", 3) == pytest.approx(13 * 0.003, rel=0.01)


def _bodies(module):
    """Return the code of each function."""
    code = next(section.body for section in read_sections(module) if section.id == CODE)
    count, at = read_u32(code, 0)
    bodies = []
    for _ in range(count):
        size, at = read_u32(code, at)
        bodies.append(code[at : at + size])
        at += size
    return bodies
