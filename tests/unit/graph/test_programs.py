"""sin, cos, erf and pow: at most 2 ulp from the truth, and right at every special value."""

import math

import mpmath
import numpy as np
import pytest

from delea.graph import F32, Builder, interpret
from delea.graph.numpy_lanes import NumpyLanes
from delea.graph.programs import PROGRAMS

SAMPLES = 1_000_000
INF, NAN = np.inf, np.nan
ERROR_FUNCTION = np.vectorize(math.erf)


def ours(name, *values):
    with np.errstate(all="ignore"):
        return PROGRAMS[name](NumpyLanes(), *(np.asarray(v, np.float32) for v in values))


def angles(count):
    """Angles up to 10,000, one in four next to a multiple of pi / 2."""
    source = np.random.default_rng(1)
    values = source.uniform(-1e4, 1e4, count)
    quarters = source.integers(-6366, 6367, count // 4)
    values[: count // 4] = quarters * np.pi / 2
    values[count // 2 :] /= 1e3
    return values.astype(np.float32)


def worst_ulps(got, truth):
    ulp = np.spacing(np.abs(truth).astype(np.float32)).astype(np.float64)
    return float(np.max(np.abs(got.astype(np.float64) - truth) / ulp))


@pytest.mark.parametrize("name", ["sin", "cos"])
def test_a_million_angles_are_within_two_ulp(name):
    values = angles(SAMPLES)
    assert worst_ulps(ours(name, values), getattr(np, name)(values.astype(np.float64))) <= 2.0


def test_erf_is_within_two_ulp():
    source = np.random.default_rng(1)
    values = source.uniform(-5, 5, 200_000)
    values[::4] *= 10.0 ** source.uniform(-30, 0, 50_000)
    values = values.astype(np.float32)
    assert worst_ulps(ours("erf", values), ERROR_FUNCTION(values.astype(np.float64))) <= 2.0


def powers(count):
    """Bases of every magnitude, half of them near 1, and exponents whose power is normal."""
    source = np.random.default_rng(1)
    bases = source.integers(0x00800000, 0x7F800000, count, dtype=np.uint32).view(np.float32)
    bases[: count // 2] = source.uniform(0.5, 2, count // 2)
    with np.errstate(divide="ignore"):
        exponents = source.uniform(-87, 88, count) / np.log(bases.astype(np.float64))
        exponents = exponents.astype(np.float32)
    wide = bases.astype(np.float64), exponents.astype(np.float64)
    with np.errstate(all="ignore"):
        truth = np.power(*wide)
    normal = (truth > 2.0**-126) & (truth < 3.4e38)
    return bases[normal], exponents[normal], truth[normal]


def test_a_million_powers_are_within_two_ulp():
    bases, exponents, truth = powers(SAMPLES)
    assert worst_ulps(ours("pow", bases, exponents), truth) <= 2.0


@pytest.mark.parametrize("name", ["sin", "cos", "erf"])
def test_thousands_of_samples_are_within_two_ulp_of_mpmath(name):
    values = angles(3000) / (1e3 if name == "erf" else 1)
    with mpmath.workprec(100):
        truth = np.array([float(getattr(mpmath, name)(mpmath.mpf(float(v)))) for v in values])
    assert worst_ulps(ours(name, values), truth) <= 2.0


def test_thousands_of_powers_are_within_two_ulp_of_mpmath():
    bases, exponents, _ = powers(3000)
    pairs = zip(bases.tolist(), exponents.tolist(), strict=True)
    with mpmath.workprec(120):
        truth = np.array([float(mpmath.power(a, b)) for a, b in pairs])
    assert worst_ulps(ours("pow", bases, exponents), truth) <= 2.0


@pytest.mark.parametrize(
    ("name", "values", "expected"),
    [
        ("sin", [0.0, 1e-45, -1e-45, 1e-30], [0.0, 1e-45, -1e-45, 1e-30]),
        ("cos", [0.0, 1e-45, 1e-30], [1.0, 1.0, 1.0]),
        ("sin", [INF, -INF, NAN], [NAN] * 3),
        ("cos", [INF, -INF, NAN], [NAN] * 3),
        ("erf", [0.0, 1e-45, INF, -INF, 4.0, -1e38, NAN], [0.0, 1e-45, 1, -1, 1, -1, NAN]),
    ],
)
def test_special_values_are_exact(name, values, expected):
    np.testing.assert_array_equal(ours(name, values), np.array(expected, np.float32))


def test_angles_beyond_the_range_stay_within_one():
    values = 10.0 ** np.linspace(4, 38.5, 1000)
    for name in ("sin", "cos"):
        assert np.abs(ours(name, values)).max() <= 1.0


def test_special_powers_are_ieee_754_s():
    special = [0.0, 1, -1, 2, -2, 0.5, -0.5, 3, -3, INF, -INF, NAN, 1e30, -1e30, 1e-40, 2.0**24 + 2]
    bases, exponents = np.meshgrid(np.float32(special), np.float32(special))
    with np.errstate(all="ignore"):
        truth = np.power(bases.astype(np.float64), exponents).astype(np.float32)
    np.testing.assert_allclose(ours("pow", bases, exponents), truth, rtol=2.4e-7)


def test_minus_zero_counts_as_zero_in_a_power():
    assert ours("pow", [-0.0, -0.0, -0.0], [-1.0, 3.0, 0.0]).tolist() == [INF, 0.0, 1.0]


@pytest.mark.parametrize("name", ["sin", "erf"])
def test_an_odd_function_is_odd(name):
    values = angles(10_000)
    assert ours(name, -values).tolist() == (-ours(name, values)).tolist()


@pytest.mark.parametrize(
    ("name", "bits"),
    [
        ("sin", "3dcc7577 3f1593c5 3f4c99d3 3f576aa5 be218813 3f7f303d 3f7cf898"),
        ("cos", "3f7eb898 3f4fc199 3f19dd79 3f0a5140 bf7ccb7a bda2f239 3e1d0e16"),
        ("erf", "3de652f5 3f1f5aa6 3f4f459b 3f57bb3e 3f7fffcd 3f800000 3f800000"),
        ("pow", "32ab644e 3884b695 3f46a29d 3f800000 40415749 40d2b5ab 3f9cfc3e"),
    ],
)
def test_the_programs_give_these_bits(name, bits):
    values = [0.1, 0.624, 0.926, 1.0, 3.3, 20.5, 7.7]
    operands = (values, values[::-1]) if name == "pow" else (values,)
    assert " ".join(f"{word:08x}" for word in ours(name, *operands).view(np.uint32)) == bits


def test_a_cast_to_int32_goes_towards_zero_and_stays_in_range():
    b = Builder()
    x = b.leaf("input", "x", (9,), F32)
    graph = b.graph({"y": b.add("cast", x)})
    values = np.float32([1.9, -1.9, -0.0, 3e9, -3e9, INF, -INF, NAN, 2147483520])
    got = interpret(graph, {"x": values})["y"]
    high, low = 2**31 - 1, -(2**31)
    assert got.tolist() == [1, -1, 0, high, low, high, low, 0, 2147483520]
