"""Operations and bytes of kernels are exact: each number here was counted by hand."""

import numpy as np
import pytest

from delea import nn
from delea.artifact import read_manifest
from delea.compiler import build, define, instrument
from delea.compiler.cost import Cost, cost_of, touched
from delea.compiler.kernel import (
    Access,
    Accumulator,
    Buffer,
    Gather,
    Loop,
    Random,
    Scatter,
)


@pytest.mark.parametrize(
    ("walks", "count"),
    [
        ({(0, ())}, 1),
        ({(5, ((4, 1),))}, 4),
        ({(0, ((3, 1), (4, 3)))}, 12),
        ({(0, ((3, 2), (4, 6)))}, 12),
        ({(0, ((3, 1), (4, 1)))}, 6),  # windows of 3 that move by 1, four of them
        ({(0, ((3, 1), (4, 2)))}, 9),  # that move by 2
        ({(0, ((2, 1), (4, 3)))}, 8),  # that leave one out between them
        ({(0, ((2, 5), (3, 5), (2, 7)))}, 8),  # 0 5 10 15 and 7 12 17 22
        ({(0, ((4, 1),)), (2, ((4, 1),))}, 6),
        ({(0, ((4, 1),)), (4, ((4, 1),))}, 8),
        ({(0, ((4, 2),)), (1, ((4, 2),))}, 8),
    ],
)
def test_an_element_that_several_walks_reach_is_one(walks, count):
    assert touched(walks) == count


def test_a_small_network_is_counted_by_hand():
    x = np.zeros((11, 1), np.float32)
    network = nn.Sequential(nn.Linear(1, 8), nn.ReLU(), nn.Linear(8, 1))
    program = nn.Program(network, nn.MSELoss(), nn.SGD(0.1), nn.Dataset(x, x), batch=10)
    assert [(name, *cost) for name, *cost in _costs(program)] == [
        ("copy the rows", 0, 80, 80),
        # 10 x 8 times w0 x, + b0, relu, w2 h, the sum; then 10 times output - target, 2/10 of it;
        # input 10, target 10, w0 8, b0 8, w2 8, b2 1; the output and its gradient
        ("0+2, backward of loss: mul+add+relu+sum+sub 10x8", 420, 180, 80),
        # 10 times a difference, its square, two sums; then / 10; output, target, gradient
        ("loss, gradient of 2.bias: sub+mul+sum 10", 41, 120, 8),
        # 8 x 10 times w0 x, + b0, relu, w2 g, g h, x (w2 g) and three sums;
        # gradient 10, input 10, w0, b0, w2
        ("gradient of 2.weight+0.weight+0.bias: mul+add+relu+sum+where 8x10", 720, 176, 96),
        # a product and a difference each; weight and gradient; weight
        ("update of 0.weight: sgd 8", 16, 64, 32),
        ("update of 0.bias: sgd 8", 16, 64, 32),
        ("update of 2.weight: sgd 8", 16, 64, 32),
        ("update of 2.bias: sgd 1", 2, 8, 4),
    ]


def test_a_convolution_is_counted_by_hand():
    assert _first(nn.Conv2d(1, 3, 3)) == (
        "conv: conv as matmul 18x9x3 +bias",
        972,  # 2 images of 3 x 3 pixels, 3 channels, 9 products and 9 sums each
        320,  # 2 images of 5 x 5, 27 weights, 3 biases
        216,
    )


def test_pixels_that_no_window_covers_are_not_read():
    assert _first(nn.Conv2d(1, 3, 2, stride=3, bias=False)) == (
        "conv: conv as matmul 8x4x3",
        192,  # 2 images of 2 x 2 pixels, 3 channels, 4 products and 4 sums each
        176,  # 2 images of 4 x 4, 12 weights
        96,
    )


def test_the_manifest_says_what_the_kernels_add_up_to():
    x = np.zeros((11, 1), np.float32)
    network = nn.Sequential(nn.Linear(1, 8), nn.ReLU(), nn.Linear(8, 1))
    program = nn.Program(network, nn.MSELoss(), nn.SGD(0.1), nn.Dataset(x, x), batch=10)
    whole = instrument(define(program, 10), "train").whole.cost
    assert whole.flops == 420 + 41 + 720 + 3 * 16 + 2
    assert read_manifest(build(program).module).flops_per_step == whole.flops


def test_what_moves_rows_is_counted_by_the_rows():
    table, index, rows = Buffer("table", 50), Buffer("index", 7), Buffer("rows", 35)
    assert cost_of(Gather(table, index, rows, 7, 5, 10)) == Cost(0, 4 * (7 + 35), 4 * 35)
    assert cost_of(Scatter(index, rows, table, 7, 5, 10)) == Cost(35, 4 * (7 + 35), 4 * 50)
    assert cost_of(Random(Buffer("header", 10), rows, 0)) == Cost(0, 40, 4 * 35)


def test_a_loop_counts_what_its_results_need_where_it_varies():
    loop = Loop((3,), (4,), "sequential")
    body = loop.body
    place = body.apply("cast", body.index(1))
    scaled = body.mul(body.load(Access(Buffer("a", 3), (1, 0)), "f32"), body.number(2.0))
    loop.accumulators.append(Accumulator("sum", body.add(place, scaled), None))
    body.mul(body.load(Access(Buffer("dead", 12), (4, 1)), "f32"), body.number(3.0))
    loop.stores.append((body.neg(body.accumulator(0)), Access(Buffer("out", 3), (1, 0))))
    # of each of 12 terms: a + place, and into the sum; of each of 3 results: 2 a, and the sign
    assert cost_of(loop) == Cost(12 * 2 + 3 * 2, 12, 12)


def test_bytes_become_numbers_four_times_as_wide():
    x = np.zeros((10, 6), np.uint8)

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.fc = nn.Linear(6, 1)

        def forward(self, x):
            return self.fc(x.float())

    data = nn.Dataset(x, np.zeros((10, 1), np.float32))
    program = nn.Program(Net(), nn.MSELoss(), nn.SGD(0.1), data, batch=5, infer_batch=64)
    assert _costs(program)[0] == ("copy the rows", 0, 5 * (6 + 4), 5 * (24 + 4))
    assert _costs(program, "infer")[0] == ("copy the rows", 0, 64 * 6, 64 * 24)
    assert _costs(program, "evaluate")[0] == ("copy the rows", 0, 10 * (6 + 4), 10 * (24 + 4))


def _first(network):
    """Return the first kernel of a network's inference on two images of 5 x 5."""
    x = np.zeros((4, 1, 5, 5), np.float32)

    class Flat(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv = network

        def forward(self, x):
            return self.conv(x).flatten(1)

    width = 27 if network.kernel_size == (3, 3) else 12
    data = nn.Dataset(x, np.zeros((4, width), np.float32))
    program = nn.Program(Flat(), nn.MSELoss(), nn.SGD(0.1), data, infer_batch=2)
    return _costs(program, "infer")[0]


def _costs(program, stage="train"):
    made = instrument(define(program, len(program.data.inputs)), stage)
    parts = [(part.name, part.cost) for part in made.calls]
    return [(name, c.flops, c.bytes_read, c.bytes_written) for name, c in parts]
