"""V8 compiles a function in haste and then well: both, and any mixture, give the same bits."""

import os
import re
from functools import partial

import pytest

from delea.compiler import build

FUZZ = bool(os.environ.get("DELEA_FUZZ"))
STEPS = {"mlp": 25, "cnn": 10, "gpt": 3}
"""Enough for hot functions to be compiled anew while they run."""
NETWORKS = 300 if FUZZ else 24
BASELINE, OPTIMISING = "Liftoff", "TurboFan"
NODES = {
    "the baseline alone": (("--liftoff-only",), {BASELINE}),
    "the optimising compiler alone": (("--no-liftoff",), {OPTIMISING}),
    "from one to the other": ((), {BASELINE, OPTIMISING}),
    "every other function": (
        ("--wasm-tier-mask-for-testing=2863311530",),
        {BASELINE, OPTIMISING},
    ),
    "without AVX": (("--no-enable-avx",), {BASELINE, OPTIMISING}),
}
BROWSERS = {
    "the baseline alone": "--js-flags=--liftoff-only",
    "the optimising compiler alone": "--js-flags=--no-liftoff",
}


@pytest.fixture(scope="session")
def cases(bench, case_of):
    """The benchmarks and some random networks, by name."""
    workloads, networks = bench("workloads").WORKLOADS, bench("networks")
    found = {}
    for name, steps in STEPS.items():
        program = workloads[name].program()
        inputs = program.data.inputs[:1].tobytes()
        found[name] = case_of(build(program), steps, inputs)
    for number in range(NETWORKS):
        drawn = networks.draw(number)
        found[f"network {number}"] = case_of(build(drawn.program), drawn.steps, drawn.inputs)
    return found


@pytest.fixture(scope="session")
def expected(cases, wasmtimed):
    return {name: wasmtimed(case) for name, case in cases.items()}


@pytest.fixture
def check(v8, cases, expected, differences):
    """Compare all cases in this V8 with wasmtime."""

    def compare(run):
        outcomes = v8(run)(list(cases.values()))
        pairs = zip(expected.items(), outcomes, strict=True)
        wrong = {name: differences({"wasmtime": want, "V8": got}) for (name, want), got in pairs}
        assert {name: lines for name, lines in wrong.items() if lines} == {}

    return compare


@pytest.mark.parametrize("tier", NODES)
def test_every_tier_of_node_gives_wasmtime_s_bits(check, node_run, tier):
    flags, tiers = NODES[tier]
    told = []
    check(node_run(*flags, "--trace-wasm-compilation-times", told=told))
    assert {name for line in told for name in re.findall(r"using (\w+)", line)} == tiers


@pytest.mark.parametrize("tier", BROWSERS)
def test_every_tier_of_chromium_gives_wasmtime_s_bits(check, bench, tier):
    started = bench("engines.chromium").Browser(BROWSERS[tier])
    try:
        check(partial(started.run, "/drivers/page.mjs"))
    finally:
        started.close()
