"""States are overwritten in place, and yet every kernel sees them as they were before the step."""

import numpy as np
import pytest

from delea.graph import F32, Builder


def numbers(*shape, seed=0):
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float32)


@pytest.fixture
def b():
    return Builder()


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5, 8, 17, 33])
def test_two_states_can_swap(b, differences, n):
    x, y = (b.leaf("state", name, (n,), F32) for name in "xy")
    graph = b.graph({"x": y, "y": x})
    assert differences(graph, {"x": numbers(n), "y": numbers(n, seed=1)}) == []


def test_three_states_can_move_in_a_circle(b, differences):
    x, y, z = (b.leaf("state", name, (6,), F32) for name in "xyz")
    graph = b.graph({"x": y, "y": z, "z": x})
    leaves = {name: numbers(6, seed=i) for i, name in enumerate("xyz")}
    assert differences(graph, leaves) == []


def test_a_state_reads_the_old_value_of_one_that_is_written_before_it(b, differences):
    x, y = (b.leaf("state", name, (9,), F32) for name in "xy")
    graph = b.graph({"x": b.add("mul", x, b.constant(2.0)), "y": b.add("add", x, y)})
    assert differences(graph, {"x": numbers(9), "y": numbers(9, seed=1)}) == []


@pytest.mark.parametrize("n", [2, 3, 4, 5, 17])
def test_a_state_can_become_its_own_transpose(b, differences, n):
    p = b.leaf("state", "p", (n, n), F32)
    graph = b.graph({"p": b.add("transpose", p, axes=(1, 0))})
    assert differences(graph, {"p": numbers(n, n)}) == []


def test_a_state_can_take_another_s_transpose_that_takes_its_own(b, differences):
    p = b.leaf("state", "p", (5, 3), F32)
    q = b.leaf("state", "q", (3, 5), F32)
    turn = {"axes": (1, 0)}
    graph = b.graph({"p": b.add("transpose", q, **turn), "q": b.add("transpose", p, **turn)})
    assert differences(graph, {"p": numbers(5, 3), "q": numbers(3, 5, seed=1)}) == []


def test_a_state_can_become_a_product_with_itself(b, differences):
    p = b.leaf("state", "p", (7, 7), F32)
    graph = b.graph({"p": b.add("matmul", p, p, ta=True, tb=False)})
    assert differences(graph, {"p": numbers(7, 7)}) == []


def test_a_state_less_its_own_sum_reads_it_all_before_it_writes(b, differences):
    p = b.leaf("state", "p", (19,), F32)
    graph = b.graph({"p": b.add("sub", p, b.reduce("sum", p, (0,)))})
    assert differences(graph, {"p": numbers(19)}) == []


def test_a_state_can_take_the_running_sum_of_another_s_rows(b, differences):
    p = b.leaf("state", "p", (5,), F32)
    q = b.leaf("state", "q", (4, 5), F32)
    total = b.add("reshape", b.reduce("sum", q, (0,)), shape=(5,))
    graph = b.graph({"p": b.add("add", p, total), "q": b.add("mul", q, p)})
    assert differences(graph, {"p": numbers(5), "q": numbers(4, 5, seed=1)}) == []


def test_a_scalar_state_read_by_a_long_one_is_written_too(b, differences):
    rate = b.leaf("state", "rate", (1,), F32)
    p = b.leaf("state", "p", (10,), F32)
    after = b.add("mul", rate, b.constant(0.5))
    graph = b.graph({"rate": after, "p": b.add("sub", p, b.add("mul", p, rate))})
    assert differences(graph, {"rate": numbers(1), "p": numbers(10, seed=1)}) == []


def test_a_state_read_through_a_reshape_is_read_before_it_is_written(b, differences):
    p = b.leaf("state", "p", (3, 4), F32)
    other = b.add("reshape", b.add("reshape", p, shape=(4, 3)), shape=(12,))
    turned = b.add("transpose", b.add("reshape", p, shape=(4, 3)), axes=(1, 0))
    graph = b.graph({"p": b.add("add", p, turned), "flat": other})
    assert differences(graph, {"p": numbers(3, 4)}) == []


def test_an_unchanged_state_stays(b, differences):
    p = b.leaf("state", "p", (6,), F32)
    q = b.leaf("state", "q", (6,), F32)
    graph = b.graph({"p": p, "q": b.add("add", p, q)})
    assert differences(graph, {"p": numbers(6), "q": numbers(6, seed=1)}) == []


def test_a_state_can_become_a_constant_while_another_reads_it(b, differences):
    p = b.leaf("state", "p", (6,), F32)
    b.leaf("state", "q", (6,), F32)
    graph = b.graph({"p": b.constant(3.0, (6,)), "q": b.add("exp", p)})
    assert differences(graph, {"p": numbers(6), "q": numbers(6, seed=1)}) == []


def test_many_states_that_read_each_other_keep_their_old_values(b, differences):
    names = "abcdefg"
    states = [b.leaf("state", name, (5,), F32) for name in names]
    sums = [b.add("add", states[i], states[i - 3]) for i in range(len(names))]
    graph = b.graph(dict(zip(names, sums, strict=True)))
    leaves = {name: numbers(5, seed=i) for i, name in enumerate(names)}
    assert differences(graph, leaves) == []
