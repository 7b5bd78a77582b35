"""exp, log and tanh: at most 2 ulp from the truth, and right at every special value.

The truth of a million samples is NumPy's float64 (its error, under 1e-8 of a float32's ulp, does
not show); mpmath confirms it on some thousands.
"""

import mpmath
import numpy as np
import pytest

from delea.graph.functions import exp, log, tanh
from delea.graph.numpy_lanes import NumpyLanes

SAMPLES = 1_000_000
OURS = {"exp": exp, "log": log, "tanh": tanh}
RANGES = {"exp": (-87.33, 88.72), "log": None, "tanh": (-10.0, 10.0)}
INF, NAN = np.inf, np.nan


def ours(name, values):
    with np.errstate(all="ignore"):
        return OURS[name](NumpyLanes(), np.asarray(values, np.float32))


def samples(name, count):
    """Numbers of the range; for log every positive normal float is as likely as any other."""
    source = np.random.default_rng(1)
    if RANGES[name] is None:
        bits = source.integers(0x00800000, 0x7F800000, count, dtype=np.uint32)
        near_one = source.integers(0x3F000000, 0x40000000, count // 4, dtype=np.uint32)
        bits[: count // 4] = near_one
        return bits.view(np.float32)
    low, high = RANGES[name]
    values = source.uniform(low, high, count)
    values[: count // 4] *= 10.0 ** source.uniform(-30, 0, count // 4)
    return values.astype(np.float32)


def worst_ulps(got, truth):
    """Return the largest distance from the truth, in ulps of the float32 nearest to it."""
    ulp = np.spacing(np.abs(truth).astype(np.float32)).astype(np.float64)
    return float(np.max(np.abs(got.astype(np.float64) - truth) / ulp))


@pytest.mark.parametrize("name", OURS)
def test_a_million_samples_are_within_two_ulp(name):
    values = samples(name, SAMPLES)
    truth = getattr(np, name)(values.astype(np.float64))
    assert worst_ulps(ours(name, values), truth) <= 2.0


@pytest.mark.parametrize("name", OURS)
def test_thousands_of_samples_are_within_two_ulp_of_mpmath(name):
    values = samples(name, 3000)
    with mpmath.workprec(100):
        truth = np.array([float(getattr(mpmath, name)(mpmath.mpf(float(v)))) for v in values])
    assert worst_ulps(ours(name, values), truth) <= 2.0


@pytest.mark.parametrize(
    ("name", "pairs"),
    [
        ("exp", {0.0: 1.0, INF: INF, -INF: 0.0, 89.0: INF, 1e38: INF, -104.0: 0.0}),
        ("exp", {-1e38: 0.0, 1e-45: 1.0, -1e-45: 1.0}),
        ("log", {1.0: 0.0, 0.0: -INF, INF: INF}),
        ("tanh", {0.0: 0.0, INF: 1.0, -INF: -1.0, 1e38: 1.0, -1e38: -1.0, 10.0: 1.0}),
        ("tanh", {1e-45: 1e-45, -1e-45: -1e-45, 1e-38: 1e-38, 1e-30: 1e-30}),
    ],
)
def test_special_values_are_exact(name, pairs):
    expected = [float(np.float32(value)) for value in pairs.values()]
    assert ours(name, list(pairs)).tolist() == expected


@pytest.mark.parametrize(("name", "value"), [("exp", 1.0), ("log", -INF), ("tanh", 0.0)])
def test_minus_zero_is_a_zero(name, value):
    assert ours(name, [-0.0]).tolist() == [value]


@pytest.mark.parametrize("name", OURS)
def test_a_nan_stays_a_nan(name):
    assert np.isnan(ours(name, [NAN])).all()


def test_log_of_a_negative_number_is_a_nan():
    assert np.isnan(ours("log", [-1.0, -1e-45, -INF, -3.4e38])).all()


def test_exp_is_within_one_step_down_to_the_smallest_subnormal():
    values = np.linspace(-103.9, -87.4, 20_001).astype(np.float32)
    truth = np.exp(values.astype(np.float64))
    assert np.max(np.abs(ours("exp", values).astype(np.float64) - truth)) <= 2.0**-149


def test_log_of_subnormals_is_within_two_ulp():
    bits = np.random.default_rng(2).integers(1, 0x00800000, 20_000, dtype=np.uint32)
    values = bits.view(np.float32)
    assert worst_ulps(ours("log", values), np.log(values.astype(np.float64))) <= 2.0


def test_tanh_is_odd():
    values = samples("tanh", 10_000)
    assert ours("tanh", -values).tolist() == (-ours("tanh", values)).tolist()


VALUES = [0.1, 0.624, 0.62499994, 0.625, 1.0, 3.3, 20.5, 7.7, 0.707105, 0.70710677, 0.7072]


@pytest.mark.parametrize(
    ("name", "bits"),
    [
        (
            "exp",
            [
                "3f8d763e 3feee57f 3fef22ae 3fef22af 402df854 41d8e6ae",
                "4e3eb628 450a0590 4001cc93 4001cca3 4001cfbc",
            ],
        ),
        (
            "log",
            [
                "c0135d8e bef17632 bef0a454 bef0a451 00000000 3f98d274",
                "40414ea4 4002a35a beb1726e beb17218 beb160d1",
            ],
        ),
        (
            "tanh",
            [
                "3dcc1ebc 3f0dccd8 3f0dfa3e 3f0dfa40 3f42f7d6 3f7f4df0",
                "3f800000 3f7ffff9 3f1bde22 3f1bde35 3f1be20d",
            ],
        ),
    ],
)
def test_the_programs_give_these_bits_on_both_sides_of_their_seams(name, bits):
    assert [f"{word:08x}" for word in ours(name, VALUES).view(np.uint32)] == " ".join(bits).split()
