"""A profile adds up: calls of one name are one, the whole stands beside its parts."""

import json
from dataclasses import replace

import numpy as np
import pytest

from delea import nn
from delea.artifact import Artifact, Region, read_manifest
from delea.artifact.wasm import CUSTOM, Section, read_sections, write_sections
from delea.compiler import Instrumented, Part, build, instrument, read_definition
from delea.compiler.cost import Cost
from delea.errors import MalformedError, SandboxError, UsageError
from delea.roles import profiling
from delea.roles.apart import ChildLimits
from delea.roles.profiling import (
    PROBES,
    Timing,
    _inputs,
    _told,
    answer,
    group,
    parts_of,
    profile,
    summary,
)


def test_calls_of_one_name_are_one_line_and_the_longest_comes_first():
    parts = [
        Part("a", "small", Cost(1, 2, 3)),
        Part("b", "step", Cost(10, 20, 30)),
        Part("c", "step", Cost(10, 20, 30)),
    ]
    samples = [(0.5, 0.25, 0.75), (1.0, 2.0, 3.0), (5.0, 3.0, 4.0)]
    assert group(parts, samples) == [
        Timing("step", 2, (6.0, 5.0, 7.0), 20, 40, 60),
        Timing("small", 1, (0.5, 0.25, 0.75), 1, 2, 3),
    ]


def test_what_runs_for_each_batch_counts_for_each():
    (found,) = group([Part("a", "step", Cost(10, 20, 30))], [(1.0, 2.0)], 3)
    assert found == Timing("step", 3, (3.0, 6.0), 30, 60, 90)


def test_speeds_are_those_of_the_fastest_round():
    timing = Timing("step", 1, (4.0, 1.0, 2.0), 6_000_000, 1_000_000, 3_000_000)
    assert (timing.ms, timing.ms_median) == (1.0, 2.0)
    assert timing.gflops == 6.0
    assert timing.gigabytes_per_second == 4.0


def test_rounds_become_a_whole_its_kernels_and_the_best_probe_of_the_peak():
    state = Region(64, 8)
    made = Instrumented(
        b"",
        Part("w", "train", Cost(30, 50, 70), (state,)),
        Part("p", "multiply-add peak", Cost(400, 0, 0)),
        (Part("a", "small", Cost(10, 20, 30)), Part("b", "large", Cost(20, 30, 40))),
    )
    parts = parts_of(made)
    assert [part.export for part in parts] == ["w", *["p"] * PROBES, "a", "b"]
    assert parts[0].changed == (state,)
    probes = [(0.5, 0.25, *[0.75] * (PROBES - 2)), (0.125, *[0.5] * (PROBES - 1))]
    samples = [(9.0, *probes[0], 1.0, 5.0), (7.0, *probes[1], 3.0, 4.0)]
    found = summary(made, samples, 8, batches=2)
    assert (found.rows, found.is_rebuilt) == (8, True)
    assert found.whole == Timing("train", 4, (9.0, 7.0), 60, 100, 140)
    assert found.peak == Timing("multiply-add peak", 1, (0.25, 0.125), 400, 0, 0)
    small = Timing("small", 2, (2.0, 6.0), 20, 40, 60)
    assert found.kernels == (Timing("large", 2, (10.0, 8.0), 40, 60, 80), small)
    assert found.total == Timing("all kernels", 4, (10.0,), 60, 100, 140)


def test_inputs_are_the_first_rows_of_the_dataset_and_again_from_the_first(small):
    rows = np.frombuffer(small.dataset, "<f4", offset=8).reshape(33, 3)[:, :2]
    found = _inputs(small, read_manifest(small.module), 35)
    assert np.array_equal(np.frombuffer(found, "<f4").reshape(35, 2), rows[[*range(33), 0, 1]])


@pytest.fixture(scope="module")
def small():
    x = np.linspace(0, 1, 40, dtype=np.float32).reshape(20, 2)
    network = nn.Sequential(nn.Linear(2, 4), nn.Tanh(), nn.Linear(4, 1))
    data = nn.Dataset(x, x[:, :1], test_inputs=x[:13], test_targets=x[:13, :1])
    program = nn.Program(network, nn.MSELoss(), nn.Adam(), data, batch=5, infer_batch=6)
    return build(program)


@pytest.mark.parametrize(
    ("what", "rows", "calls"),
    [("train", 5, {1, 3}), ("infer", 6, {1}), ("infer-one", 1, {1}), ("evaluate", 13, {3})],
)
def test_everything_is_timed_and_adds_up(small, what, rows, calls):
    heard = []
    found = profile(small, what, rounds=2, on_round=heard.append)
    assert heard == [1, 2]
    assert found.rows == rows
    assert found.is_rebuilt
    assert {kernel.calls for kernel in found.kernels} == calls
    timed = (*found.kernels, found.whole, found.peak)
    assert all(len(timing.rounds) == 2 and timing.ms > 0 for timing in timed)
    assert [k.ms for k in found.kernels] == sorted((k.ms for k in found.kernels), reverse=True)
    assert found.total.flops == found.whole.flops == sum(k.flops for k in found.kernels)
    assert found.total.ms == pytest.approx(sum(kernel.ms for kernel in found.kernels))
    assert found.whole.rounds != found.total.rounds


def test_a_training_step_has_the_operations_of_the_manifest(small):
    found = profile(small, "train", rounds=1)
    assert found.whole.flops == read_manifest(small.module).flops_per_step


def test_a_module_without_its_graph_is_refused(small):
    sections = [part for part in read_sections(small.module) if part.name != "delea.graph"]
    foreign = Artifact(write_sections(sections), small.genesis, small.dataset)
    with pytest.raises(MalformedError, match="a module that carries its graph expected"):
        profile(foreign, "train", rounds=1)


def test_of_a_module_that_is_another_than_its_graph_the_graph_is_profiled(small):
    more = [*read_sections(small.module), Section(CUSTOM, "producers", b"\0")]
    other = Artifact(write_sections(more), small.genesis, small.dataset)
    found = profile(other, "train", rounds=1)
    assert not found.is_rebuilt
    assert found.whole.flops == profile(small, "train", rounds=1).whole.flops


def test_what_a_child_tells_of_a_graph_is_all_that_it_found(small):
    told, module = answer(small.module, b"train")
    made = instrument(read_definition(small.module), "train")
    assert any(part.changed for part in made.calls)
    assert _told(json.loads(told), module) == (made, True)


def test_a_graph_is_compiled_within_limits(artifact, bomb, monkeypatch):
    monkeypatch.setattr(profiling, "COMPILING", ChildLimits(cpu_seconds=1))
    told = r"^compiling a graph within 1 s of CPU and 805306368 bytes of memory expected, it was"
    with pytest.raises(SandboxError, match=told):
        profile(replace(artifact, module=bomb), "train", rounds=1)


def test_two_compilations_may_take_twice_what_an_audit_may():
    assert ChildLimits(cpu_seconds=20) == profiling.COMPILING


def test_an_unknown_work_is_refused(small):
    with pytest.raises(UsageError, match="one of train, infer, infer-one, evaluate expected, got"):
        profile(small, "predict", rounds=1)


def test_what_a_clock_of_coarse_ticks_cannot_tell_has_no_speed():
    unseen = Timing("optimizer", 1, (0.0, 0.005), 12, 8, 4)
    assert (unseen.ms, unseen.gflops, unseen.gigabytes_per_second) == (0.0, 0.0, 0.0)
