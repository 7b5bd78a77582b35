"""Parts are timed in their order, and each leaves memory as one run of it does."""

import pytest

from delea.artifact import Region
from delea.errors import (
    DatasetError,
    DivergedError,
    MalformedError,
    PolicyError,
    TimeLimitError,
    TrapError,
)
from delea.runtime import Limits, Sandbox, Timed, time_parts

# w at 1064 is 1; `whole` doubles it, `double` doubles the number at 6144, which `one` sets to 1
AGAIN = """(br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))"""
PARTS = f"""
(func (export "whole") (param i32) (loop (f32.store (i32.const 1064)
  (f32.mul (f32.load (i32.const 1064)) (f32.const 2))) {AGAIN}))
(func (export "one") (param i32) (loop
  (if (f32.ne (f32.load (i32.const 1064)) (f32.const 1)) (then unreachable))
  (f32.store (i32.const 6144) (f32.const 1)) {AGAIN}))
(func (export "double") (param i32) (loop
  (f32.store (i32.const 6144) (f32.mul (f32.load (i32.const 6144)) (f32.const 2))) {AGAIN}))
(func (export "is_two") (param i32) (loop
  (if (f32.ne (f32.load (i32.const 6144)) (f32.const 2)) (then unreachable)) {AGAIN}))
(func (export "is_three") (param i32) (loop
  (if (f32.ne (f32.load (i32.const 4096)) (f32.const 3)) (then unreachable)) {AGAIN}))
(func (export "endless") (param i32) (loop (br 0)))
"""
STATE = Region(1064, 4)
WHOLE, ONE, IS_TWO = Timed("whole", (STATE,)), Timed("one"), Timed("is_two")
DOUBLE = Timed("double", (Region(6144, 4),))


@pytest.fixture(scope="module")
def parts(build):
    return build(more=PARTS)


@pytest.fixture
def start(toy):
    # warming up doubles w twenty times: of 2^-20 it makes the 1 that `one` expects
    return toy.state[:40] + bytes.fromhex("00008035") + toy.state[44:]


def test_each_round_has_a_time_for_each_part(parts, toy, start):
    heard = []
    work = (WHOLE, ONE, DOUBLE, IS_TWO)
    found = time_parts(parts, work, toy.dataset, start, b"", 3, on_round=heard.append)
    assert [len(ms) for ms in found] == [4, 4, 4]
    assert all(0 < part < 1 for ms in found for part in ms)
    assert heard == [1, 2, 3]


def test_without_its_places_a_part_spoils_those_after_it(parts, toy, start):
    work = (WHOLE, ONE, Timed("double"), IS_TWO)
    with pytest.raises(TrapError, match="unreachable"):
        time_parts(parts, work, toy.dataset, start, b"", 1)


def test_each_round_starts_from_the_same_state(parts, toy):
    work = (ONE, Timed("whole", (STATE,)))  # the first traps unless w is 1, the second doubles it
    assert len(time_parts(parts, work, toy.dataset, toy.state, b"", 3)) == 3


def test_inputs_are_in_place(parts, toy, start):
    three = b"\0\0\x40\x40"
    work = (WHOLE, Timed("is_three"))
    assert len(time_parts(parts, work, toy.dataset, start, three, 1)) == 1
    with pytest.raises(TrapError):
        time_parts(parts, work, toy.dataset, start, b"", 1)


def test_what_does_not_fit_the_module_is_refused(parts, toy, start):
    with pytest.raises(DatasetError):
        time_parts(parts, (WHOLE,), toy.dataset[:-1], start, b"", 1)
    with pytest.raises(MalformedError, match="at most 32 bytes of inputs expected, got 33"):
        time_parts(parts, (WHOLE,), toy.dataset, start, bytes(33), 1)
    with pytest.raises(MalformedError, match="rounds expected, got 0"):
        time_parts(parts, (WHOLE,), toy.dataset, start, b"", 0)
    with pytest.raises(DivergedError):
        time_parts(parts, (WHOLE,), toy.dataset, start[:40] + b"\xff" * 16, b"", 1)


def test_an_endless_part_is_stopped(parts, toy, start):
    limits = Limits(seconds=5, step_seconds=0.5)
    with pytest.raises(TimeLimitError, match=r"a sign of life expected within 0\.5 s"):
        time_parts(parts, (Timed("endless"),), toy.dataset, start, b"", 1, limits=limits)


def test_such_a_module_is_no_legal_one(parts):
    with pytest.raises(PolicyError, match="exports"):
        Sandbox(parts)
