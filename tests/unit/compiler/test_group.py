"""Which kernel a value goes to: the first with room, none before what it reads."""

from delea.compiler.group import FRESH, TRIES, Groups, Space
from delea.compiler.kernel import Access, Buffer

PLACE = Access(Buffer("x", 8), (1,))
KEPT = (8,)


def test_reductions_over_one_space_share_a_kernel_until_it_is_full():
    groups, space = Groups(), Space(KEPT, (3,), "sequential", (False, True))
    assert [groups.reduce(n, space, FRESH) for n in range(6)] == [0, 0, 0, 0, 1, 1]


def test_a_reduction_runs_after_what_it_reads():
    groups, space = Groups(), Space(KEPT, (3,), "sequential", (False, True))
    groups.reduce(0, space, FRESH)
    assert groups.reduce(1, space, 0) == 1
    assert groups.reduce(2, space, FRESH) == 0


def test_a_kernel_that_is_full_is_not_offered():
    groups = Groups()
    index = groups.add_storing(KEPT, FRESH)
    for number in range(4):
        assert groups.with_room(KEPT, FRESH, FRESH) == [index]
        groups.store(index, number, PLACE)
    assert groups.with_room(KEPT, FRESH, FRESH) == []


def test_kernels_of_another_shape_another_cluster_or_before_the_latest_are_not_offered():
    groups = Groups()
    first, second = groups.add_storing(KEPT, FRESH), groups.add_storing(KEPT, FRESH)
    other = groups.add_storing((9,), FRESH)
    own = groups.add_storing(KEPT, 3)
    assert groups.with_room(KEPT, FRESH, FRESH) == [first, second]
    assert groups.with_room(KEPT, FRESH, second) == [second]
    assert groups.with_room((9,), FRESH, FRESH) == [other]
    assert groups.with_room(KEPT, 3, FRESH) == [own]


def test_a_kernel_that_reduces_is_offered_to_what_reads_it_last():
    groups, space = Groups(), Space(KEPT, (3,), "sequential", (False, True))
    reducing = groups.reduce(0, space, FRESH)
    alone = groups.add_alone(1, Space(()))
    assert groups.with_room(KEPT, FRESH, reducing) == [reducing]
    assert groups.with_room(KEPT, FRESH, alone) == []
    assert groups.with_room((9,), FRESH, reducing) == []
    for number in range(4):
        groups.store(reducing, number, PLACE)
    assert groups.with_room(KEPT, FRESH, reducing) == []


def test_no_more_than_some_kernels_are_offered():
    groups = Groups()
    made = [groups.add_storing(KEPT, FRESH) for _ in range(TRIES + 5)]
    assert groups.with_room(KEPT, FRESH, FRESH) == made[:TRIES]
