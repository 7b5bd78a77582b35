"""Programs, data, losses and optimizers: what cannot be trained is refused in one line."""

import numpy as np
import pytest

from delea import nn
from delea.artifact import read_manifest
from delea.compiler import build
from delea.errors import DatasetError, DeleaError, DtypeError, GraphError, ShapeError

LABELS = np.arange(10) % 3


@pytest.fixture
def classifier(program, x):
    def make(labels, tests=None, classes=3):
        data = nn.Dataset(x, labels, None if tests is None else x, tests)
        return program(nn.Linear(2, classes), loss=nn.CrossEntropyLoss(), data=data)

    return make


@pytest.mark.parametrize("name", ["batch", "steps_per_update", "infer_batch"])
@pytest.mark.parametrize("size", [0, -1])
def test_a_size_below_one_is_refused(program, name, size):
    with pytest.raises(GraphError, match=f"{name} of at least 1 expected, got {size}"):
        program(**{name: size})


@pytest.mark.parametrize("name", ["batch", "steps_per_update", "infer_batch", "seed"])
@pytest.mark.parametrize("size", [2.0, "2", [2]])
def test_a_size_that_is_no_integer_is_refused(program, name, size):
    with pytest.raises(GraphError, match=f"{name}: an integer expected"):
        program(**{name: size})


def test_a_negative_seed_is_refused(program):
    with pytest.raises(GraphError, match="seed of at least 0 expected, got -1"):
        program(seed=-1)


def test_numpy_s_integers_are_integers(program):
    made = program(nn.Linear(np.int64(2), np.int32(1)), batch=np.int64(4), infer_batch=np.uint8(3))
    manifest = read_manifest(build(made).module)
    assert (manifest.batch, manifest.infer_batch, manifest.tensors[0].shape) == (4, 3, (1, 2))


@pytest.mark.parametrize("infer_batch", [1 << 28, 1 << 40])
def test_a_program_larger_than_the_memory_is_refused(program, infer_batch):
    with pytest.raises(GraphError, match="at most"):
        build(program(infer_batch=infer_batch))


def test_more_steps_than_the_manifest_can_say_are_refused(program):
    with pytest.raises(DeleaError, match="steps_per_update"):
        build(program(steps_per_update=1 << 60))


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("part", range(4))
def test_a_dataset_with_a_nan_or_an_infinity_is_refused(program, x, y, part, value):
    parts = [x.copy(), y.copy(), x.copy(), y.copy()]
    parts[part][3, 0] = value
    with pytest.raises(DatasetError, match="finite numbers expected"):
        build(program(data=nn.Dataset(*parts)))


def test_a_number_beyond_float32_in_the_dataset_is_refused(program, x, y):
    with pytest.raises(DatasetError, match="numbers within float32 expected"):
        build(program(data=nn.Dataset(x.astype(float) * 1e300, y)))


def test_an_empty_dataset_is_refused(program, x, y):
    with pytest.raises(DatasetError, match="at least one train row expected, got none"):
        build(program(data=nn.Dataset(x[:0], y[:0])))


@pytest.mark.parametrize("width", ["inputs", "targets"])
def test_rows_of_nothing_are_refused(program, x, y, width):
    data = nn.Dataset(x[:, :0], y) if width == "inputs" else nn.Dataset(x, y[:, :0])
    with pytest.raises(ShapeError):
        build(program(data=data))


@pytest.mark.parametrize("rows", [9, 11])
def test_a_target_missing_or_too_many_is_refused(program, x, y, rows):
    data = nn.Dataset(x, np.resize(y, (rows, 1)))
    with pytest.raises(DatasetError, match=f"a target per input expected, got 10 and {rows}"):
        build(program(data=data))


def test_test_inputs_without_targets_are_refused(program, x, y):
    with pytest.raises(DatasetError, match="go together"):
        build(program(data=nn.Dataset(x, y, x)))


def test_test_rows_of_another_shape_are_refused(program, x, y):
    with pytest.raises(DatasetError, match=r"rows of shape \(2,\) expected, got \(1,\)"):
        build(program(data=nn.Dataset(x, y, y, y)))


@pytest.mark.parametrize("given", [3.0, "text", None, [[1, 2], [3]], [["a"]], [[1j]], [[None]]])
def test_inputs_that_are_no_rows_of_numbers_are_refused(y, given):
    with pytest.raises(DatasetError, match="rows of"):
        nn.Dataset(given if given is not None else [None], y)


def test_lists_will_do(program):
    data = nn.Dataset([[1.0, 2.0], [3.0, 4.0]], [[1.0], [2.0]])
    assert build(program(data=data)).dataset[8:20] == np.array([1, 2, 1], "<f4").tobytes()


def test_a_dataset_without_test_rows_may_say_so_with_empty_ones(program, x, y):
    empty = build(program(nn.Linear(2, 1), data=nn.Dataset(x, y, x[:0], y[:0])))
    assert empty.dataset == build(program(nn.Linear(2, 1))).dataset


@pytest.mark.parametrize("dtype", [np.int8, np.uint8, np.int32, np.int64, np.uint64])
def test_labels_of_any_integer_type_are_one_dataset(classifier, dtype):
    assert build(classifier(LABELS.astype(dtype))).dataset == build(classifier(LABELS)).dataset


@pytest.mark.parametrize(
    ("labels", "fault", "message"),
    [
        (LABELS + 1, DatasetError, r"labels 0\.\.2 expected, got 1\.\.3"),
        (LABELS - 1, DatasetError, r"labels 0\.\.2 expected, got -1\.\.1"),
        (LABELS + 2**40, DatasetError, "32-bit integers expected"),
        (LABELS * 1.0, DtypeError, "cross_entropy needs i32 targets, got f32"),
        (LABELS > 0, DtypeError, "cross_entropy needs i32 targets, got f32"),
        (LABELS[:, None], ShapeError, "CrossEntropyLoss needs"),
    ],
)
def test_labels_that_do_not_fit_are_refused(classifier, labels, fault, message):
    with pytest.raises(fault, match=message):
        build(classifier(labels))


@pytest.mark.parametrize("tests", [LABELS + 0.5, LABELS * np.nan, LABELS + 1])
def test_test_labels_that_do_not_fit_are_refused(classifier, tests):
    with pytest.raises(DatasetError):
        build(classifier(LABELS, tests))


def test_integer_targets_for_a_mean_square_are_refused(program, x):
    with pytest.raises(DtypeError, match="mse needs f32 targets, got i32"):
        program(data=nn.Dataset(x, LABELS))


def test_a_mean_square_does_not_broadcast(program, x, y):
    with pytest.raises(ShapeError, match="MSELoss needs equal shapes"):
        build(program(data=nn.Dataset(x, y[:, 0])))


@pytest.mark.parametrize("number", [-1.0, np.nan, np.inf, "fast", None])
def test_a_rate_that_is_no_rate_is_refused(number):
    with pytest.raises(GraphError, match="sgd: lr of at least 0 expected, got"):
        nn.SGD(number)


def test_a_rate_beyond_float32_is_refused(program):
    with pytest.raises(DtypeError, match="a number within float32 expected"):
        build(program(optimizer=nn.Adam(1e300)))


@pytest.mark.parametrize("betas", [(1.0, 0.9), (0.9, 1.0), (0.9, 2.0)])
def test_betas_of_one_or_more_are_refused(betas):
    with pytest.raises(GraphError, match="betas below 1 expected"):
        nn.Adam(betas=betas)


@pytest.mark.parametrize("make", [nn.SGD, nn.Adam])
def test_a_rate_may_be_numpy_s(program, make):
    first, second = (
        program(nn.Linear(2, 1), optimizer=make(rate)) for rate in (0.5, np.float32(0.5))
    )
    assert build(first).module == build(second).module


def test_the_state_is_parameters_then_slots_then_scalars(program):
    manifest = read_manifest(build(program(nn.Linear(2, 1), optimizer=nn.Adam())).module)
    assert [tensor.name for tensor in manifest.tensors] == [
        "weight",
        "bias",
        "optimizer.m.weight",
        "optimizer.m.bias",
        "optimizer.v.weight",
        "optimizer.v.bias",
        "optimizer.beta1_power",
        "optimizer.beta2_power",
    ]


def test_the_genesis_state_is_weights_zeros_and_ones(program):
    network = nn.Linear(2, 1)
    network.load_state_dict({"weight": [[3, 4]], "bias": [5]})
    genesis = build(program(network, optimizer=nn.Adam())).genesis
    assert genesis[:40] == bytes(40)
    numbers = np.frombuffer(genesis, "<f4", offset=40).tolist()
    assert numbers == [3, 4, 5, 0, 0, 0, 0, 0, 0, 1, 1]


def test_the_dataset_file_is_counts_then_records(program, x, y):
    tests = x[:1] + 1, y[:1] + 1
    file = build(program(data=nn.Dataset(x[:2], y[:2], *tests))).dataset
    assert np.frombuffer(file[:8], "<u4").tolist() == [2, 1]
    rows = np.frombuffer(file[8:], "<f4").reshape(3, 3).tolist()
    assert rows == [[0, 0.0625, 0], [0.125, 0.1875, 0.125], [1, 1.0625, 1]]
