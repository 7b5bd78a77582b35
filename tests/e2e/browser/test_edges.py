"""The ends of float32: zeros of both signs, denormals, what overflows, infinities and NaNs.

Whether a number is a NaN is the same everywhere, its bits are not: outcomes have one NaN.
"""

import os
import struct

import numpy as np
import pytest

from delea import nn
from delea.artifact import STATE_HEADER
from delea.compiler import build

COUNT = 400 if os.environ.get("DELEA_FUZZ") else 20
FINITE = (0x00000000, 0x80000000, 0x00000001, 0x807FFFFF, 0x00800000, 0x7F7FFFFF, 0xFF7FFFFF)
BEYOND = (0x7F800000, 0xFF800000, 0x7FC00000, 0xFFC00000, 0x7F800001, 0xFFFFFFFF)
FILLS = {
    "tiny": (0.0, -0.0, 1e-45, -1e-45, 1.1e-38, -1.2e-38, 3e-39, 1.0),
    "huge": (1.0, -2.0, 3.4e38, -3.4e38, 1e30, 3e19, -1e20, 0.5),
    "mixed": (0.0, -0.0, 1e-45, -1.1754944e-38, 1.0, -1.0, 88.8, -104.0, 1e20, 3.4e38),
}


def refill(state, values, generator):
    """Return the state with numbers from `values` for half of its own."""
    numbers = np.frombuffer(state, "<f4", offset=STATE_HEADER).copy()
    chosen = generator.integers(0, 2, len(numbers)) == 0
    numbers[chosen] = generator.choice(np.float32(values), int(chosen.sum()))
    return state[:STATE_HEADER] + numbers.tobytes()


@pytest.fixture(scope="session")
def program():
    """Sizes of which some vector's end is left over: 5 and 15 parameters, their velocities."""
    inputs, targets = np.ones((4, 3)), np.ones((4, 5))
    data = nn.Dataset(inputs, targets)
    return nn.Program(nn.Linear(3, 5), nn.MSELoss(), nn.SGD(0.1, momentum=0.9), data)


def test_is_finite_means_the_same_at_every_place_in_every_engine(plain_engines, case_of, program):
    artifact = build(program)
    count = (len(artifact.genesis) - STATE_HEADER) // 4
    cases, expected = [], []
    for bits in (*FINITE, *BEYOND):
        for place in (0, 5, count - 1):
            state = bytearray(artifact.genesis)
            struct.pack_into("<I", state, STATE_HEADER + 4 * place, bits)
            cases.append(case_of(artifact, 0, b"", bytes(state)))
            expected.append(bits in FINITE)
    for engine in plain_engines.values():
        assert [outcome.finite for outcome in engine(cases)] == expected


@pytest.mark.parametrize("fill", FILLS)
def test_extreme_weights_and_inputs_give_the_same_bits_in_every_engine(
    plain_engines, case_of, differences, bench, fill
):
    networks, cases = bench("networks"), []
    for number in range(COUNT):
        drawn = networks.draw(number, FILLS[fill])
        artifact, generator = build(drawn.program), np.random.Generator(np.random.PCG64(number))
        state = refill(artifact.genesis, FILLS[fill], generator)
        cases.append(case_of(artifact, drawn.steps, drawn.inputs, state))
    found = {name: engine(cases) for name, engine in plain_engines.items()}
    wrong = {}
    for number in range(COUNT):
        lines = differences({name: outcomes[number] for name, outcomes in found.items()})
        if lines:
            wrong[number] = [networks.draw(number).parts, *lines]
    assert wrong == {}
    assert {outcome.finite for outcome in found["chromium"]} == {True, False}
