"""The functions of a compiled module, called one by one."""

import struct

import numpy as np
import pytest
import wasmtime

from delea import nn
from delea.artifact import read_manifest
from delea.compiler import build


@pytest.fixture(scope="module")
def artifact():
    x = np.arange(12, dtype=np.float32).reshape(6, 2) / 16
    network = nn.Linear(2, 3)
    network.load_state_dict({"weight": [[1, 0], [0, 1], [1, 1]], "bias": [0, 0, 1]})
    data = nn.Dataset(x, np.zeros((6, 3)))
    return build(nn.Program(network, nn.MSELoss(), nn.Adam(), data, infer_batch=5))


class Instance:
    """A fresh instance with its genesis state and its dataset in place."""

    def __init__(self, artifact):
        config = wasmtime.Config()
        config.signals_based_traps = False  # a signal would look like a crash to the test runner
        self.engine = wasmtime.Engine(config)
        self.store = wasmtime.Store(self.engine)
        module = wasmtime.Module(self.engine, artifact.module)
        self.exports = wasmtime.Instance(self.store, module, []).exports(self.store)
        self.regions = read_manifest(artifact.module).regions
        self.put(self.regions.state.offset, artifact.genesis)
        self.put(self.regions.dataset.offset, artifact.dataset)

    def call(self, name, *arguments):
        return self.exports[name](self.store, *arguments)

    def put(self, at, data):
        self.exports["memory"].write(self.store, data, at)

    def read(self, at, length):
        return bytes(self.exports["memory"].read(self.store, at, at + length))


@pytest.fixture
def instance(artifact):
    made = Instance(artifact)
    yield made
    made.store.close()
    made.engine.close()


def test_it_exports_the_interface_and_nothing_else(instance):
    assert sorted(instance.exports) == [
        "delea_abi",
        "evaluate",
        "infer",
        "is_finite",
        "memory",
        "seed",
        "train_step",
    ]
    assert instance.exports["delea_abi"].value(instance.store) == 1


def test_its_memory_cannot_grow(instance):
    limits = instance.exports["memory"].type(instance.store).limits
    assert limits.min == limits.max


def test_a_fresh_state_is_finite(instance):
    assert instance.call("is_finite") == 1


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
@pytest.mark.parametrize("place", [0, 5, -1])
def test_a_state_with_a_number_that_is_not_finite_is_not(instance, number, place):
    state = instance.regions.state
    first, last = state.offset + 40, state.offset + state.length - 4
    instance.put(last if place < 0 else first + 4 * place, struct.pack("<f", number))
    assert instance.call("is_finite") == 0


def test_the_seed_s_bits_do_not_count_as_numbers(instance):
    instance.call("seed", -1, -1, -1, -1)
    assert instance.call("is_finite") == 1


def test_a_seed_is_written_as_four_little_endian_words(instance):
    instance.call("seed", 1, 2, 3, -2)
    words = struct.unpack("<4q", instance.read(instance.regions.state.offset, 32))
    assert words == (1, 2, 3, -2)


def test_a_step_counts_by_one_and_carries_into_the_high_word(instance):
    at = instance.regions.state.offset + 32
    instance.put(at, struct.pack("<Q", 2**32 - 1))
    instance.call("train_step")
    assert struct.unpack("<Q", instance.read(at, 8)) == (2**32,)


def test_infer_writes_as_many_rows_as_it_is_asked_for(instance):
    rows = np.array([[1, 2], [3, 4], [5, 6]], "<f4")
    instance.put(instance.regions.input.offset, rows.tobytes())
    instance.call("infer", 3)
    found = np.frombuffer(instance.read(instance.regions.output.offset, 36), "<f4")
    assert found.tolist() == [1, 2, 4, 3, 4, 8, 5, 6, 12]


def test_infer_of_no_rows_leaves_the_output_alone(instance):
    instance.put(instance.regions.output.offset, b"untouched...")
    instance.call("infer", 0)
    assert instance.read(instance.regions.output.offset, 12) == b"untouched..."


@pytest.mark.parametrize("rows", [6, 2**31 - 1, -1])
def test_infer_of_more_rows_than_there_is_room_for_traps(instance, rows):
    with pytest.raises(wasmtime.Trap, match="unreachable"):
        instance.call("infer", rows)


def test_a_step_leaves_the_dataset_the_input_and_the_output_alone(instance, artifact):
    regions = instance.regions
    instance.put(regions.input.offset, b"\1" * regions.input.length)
    instance.put(regions.output.offset, b"\2" * regions.output.length)
    instance.call("train_step")
    instance.call("evaluate")
    assert instance.read(regions.dataset.offset, len(artifact.dataset)) == artifact.dataset
    assert instance.read(regions.input.offset, regions.input.length) == (
        b"\1" * regions.input.length
    )
    assert instance.read(regions.output.offset, regions.output.length) == (
        b"\2" * regions.output.length
    )


def test_evaluation_and_inference_leave_the_state_alone(instance, artifact):
    instance.call("evaluate")
    instance.call("infer", 4)
    assert instance.read(instance.regions.state.offset, len(artifact.genesis)) == artifact.genesis
