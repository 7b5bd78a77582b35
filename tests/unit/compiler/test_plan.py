"""Scratch is shared by what does not live together, and by nothing else."""

import random
from dataclasses import dataclass
from itertools import combinations, pairwise

import pytest

from delea.artifact import Field, StateTensor
from delea.compiler.kernel import Buffer
from delea.compiler.plan import PAGE, SLACK, Sizes, pages, plan_regions, plan_scratch

A, B, C, D, E = (Buffer(name, 16) for name in "abcde")


@dataclass(frozen=True)
class Kernel:
    """A kernel as the plan sees it."""

    read: list[Buffer]
    written: Buffer

    def reads(self):
        return self.read

    def writes(self):
        return [self.written]


def test_buffers_of_one_kernel_lie_apart():
    offsets, size = plan_scratch([Kernel([A, B], C)], set(), [A, B], {C})
    assert sorted(offsets.values()) == [0, 64, 128]
    assert size == 192


def test_the_place_of_a_buffer_is_used_again_after_its_last_reader():
    kernels = [Kernel([A], B), Kernel([B], C), Kernel([C], D)]
    offsets, size = plan_scratch(kernels, set(), [A], {D})
    assert (offsets[A], offsets[B], offsets[C], offsets[D]) == (0, 64, 0, 64)
    assert size == 128


def test_a_result_keeps_its_place_to_the_end():
    kernels = [Kernel([A], E), Kernel([A], B), Kernel([B], C), Kernel([C], D)]
    offsets, _ = plan_scratch(kernels, set(), [A], {E})
    assert [name for name in offsets if name != E and offsets[name] == offsets[E]] == []


def test_what_is_given_has_its_place_before_the_first_kernel():
    kernels = [Kernel([A], B), Kernel([B], C), Kernel([C, D], E)]
    offsets, _ = plan_scratch(kernels, set(), [A, D], {E})
    assert [name for name in offsets if name != D and offsets[name] == offsets[D]] == []


def test_a_buffer_that_nobody_reads_is_given_a_place():
    offsets, size = plan_scratch([], set(), [A], set())
    assert (offsets, size) == ({A: 0}, 64)


def test_fixed_buffers_get_no_scratch():
    assert plan_scratch([Kernel([A], B)], {A, B}, [], set()) == ({}, 0)


def test_a_hole_is_filled_by_what_fits():
    small, large = Buffer("small", 1), Buffer("large", 100)
    kernels = [Kernel([A, small], B), Kernel([B], large), Kernel([large], C)]
    offsets, _ = plan_scratch(kernels, set(), [A, small], {C})
    assert offsets[large] >= offsets[B] + 64 or offsets[large] + 448 <= offsets[B]


def test_places_side_by_side_make_room_for_one_that_is_larger():
    large, last = Buffer("large", 32), Buffer("last", 16)
    kernels = [Kernel([A, B], C), Kernel([C], large), Kernel([large], last)]
    offsets, size = plan_scratch(kernels, set(), [A, B], {last})
    assert (offsets[A], offsets[B], offsets[C]) == (0, 64, 128)
    assert (offsets[large], size) == (0, 192)


def test_the_last_place_is_made_longer_for_one_that_is_larger():
    large = Buffer("large", 100)
    kernels = [Kernel([A, B], B), Kernel([A], C), Kernel([A, C], large)]
    offsets, size = plan_scratch([*kernels, Kernel([A], large)], set(), [A, B], set())
    assert (offsets[A], offsets[B], offsets[C]) == (0, 64, 64)
    assert (offsets[large], size) == (128, 576)
    kernels = [Kernel([A, B], B), Kernel([A], large)]
    offsets, size = plan_scratch(kernels, set(), [A, B], set())
    assert (offsets[large], size) == (64, 512)


@pytest.mark.parametrize("seed", range(20))
def test_what_lives_together_lies_apart(seed):
    draw = random.Random(seed)
    buffers = [Buffer(f"b{i}", draw.choice([1, 16, 17, 100])) for i in range(60)]
    kernels = [Kernel(draw.sample(buffers[: i + 1], min(3, i + 1)), buffers[i]) for i in range(60)]
    offsets, size = plan_scratch(kernels, set(), buffers[:3], {buffers[7]})
    uses = {b: [i for i, k in enumerate(kernels) if b in (*k.read, k.written)] for b in buffers}
    lives = {b: (min(at), max(at)) for b, at in uses.items()}
    lives |= {b: (-1, lives[b][1]) for b in buffers[:3]} | {buffers[7]: (lives[buffers[7]][0], 60)}
    for one, other in combinations(buffers, 2):
        if lives[one][0] <= lives[other][1] and lives[other][0] <= lives[one][1]:
            assert (
                offsets[one] + 4 * one.elements <= offsets[other]
                or offsets[other] + 4 * other.elements <= offsets[one]
            )
    assert size == max(-(-(offsets[b] + 4 * b.elements) // 64) * 64 for b in buffers)


@pytest.mark.parametrize("scratch", [0, 1, 64, 100_000])
def test_regions_lie_apart_and_the_state_s_tensors_are_aligned(scratch):
    tensors = (StateTensor("w", (5,), "f32", 40),)
    field = Field("f32", (3,))
    regions = plan_regions(Sizes(tensors, field, field, field, 7, 1001), scratch)
    parts = [regions.state, regions.dataset, regions.input, regions.output, regions.scratch]
    assert [part.length for part in parts] == [60, 1001, 84, 84, scratch]
    assert (regions.state.offset + 40) % 64 == 0
    assert regions.state.offset >= 128
    for part, after in pairwise(parts):
        assert part.offset + part.length <= after.offset
        assert after.offset % 64 == 0
    assert pages(regions) * PAGE >= regions.scratch.offset + scratch + SLACK
