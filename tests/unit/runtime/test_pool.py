"""Warm children wait for a module, serve one sandbox each, and none is left behind."""

import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from delea.artifact import state_root
from delea.errors import PolicyError, SandboxError, TimeLimitError, UsageError
from delea.runtime import Child, Limits, Pool, Sandbox, process, replay

STEP = '(func (export "train_step") (result f32) {} (f32.const 0))'


def is_running(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


def until(condition, seconds=10.0):
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.01)
    return condition()


@pytest.fixture(autouse=True)
def nothing_left_behind():
    def seen():
        own = Path("/proc/thread-self/children").read_text().split()
        return len(list(Path("/proc/self/fd").iterdir())), own

    before = seen()
    yield
    assert seen() == before


def test_a_pool_s_sandbox_gives_the_same_bits(toy):
    work = (toy.module, toy.dataset, toy.state, toy.seed, 9)
    with Pool() as pool, pool.open(toy.module) as sandbox:
        sandbox.load_dataset(toy.dataset)
        trained = sandbox.train(toy.state, toy.seed, 9)
    assert state_root(trained.state) == replay(*work)


def test_a_sandbox_takes_the_child_that_waited_and_another_takes_its_place(toy):
    with Pool(2) as pool:
        first, second = pool.pids
        with pool.open(toy.module) as sandbox:
            assert sandbox.pid == first
            assert pool.pids[0] == second
            assert len(pool.pids) == 2
        assert not is_running(first)
        assert first not in pool.pids


def test_a_waiting_child_is_confined_before_it_is_given_a_module():
    with Pool(limits=Limits(memory_bytes=512 << 20)) as pool:
        (pid,) = pool.pids
        assert until(lambda: resource.prlimit(pid, resource.RLIMIT_DATA)[0] == 512 << 20)
        assert until(lambda: "wasmtime" in Path(f"/proc/{pid}/maps").read_text())
        assert "NoNewPrivs:\t1" in Path(f"/proc/{pid}/status").read_text()
        assert resource.prlimit(pid, resource.RLIMIT_CPU)[0] == 4


def test_a_pool_s_limits_hold_in_its_sandboxes(build, toy):
    endless = build(train_step=STEP.format("(loop br 0)"))
    with Pool(limits=Limits(step_seconds=0.3)) as pool, pool.open(endless) as sandbox:
        sandbox.load_dataset(toy.dataset)
        with pytest.raises(TimeLimitError, match=r"within 0\.3 s"):
            sandbox.train(toy.state, toy.seed, 1)


def test_a_refused_module_costs_a_child_and_the_pool_goes_on(toy):
    with Pool() as pool:
        (first,) = pool.pids
        with pytest.raises(PolicyError):
            pool.open(toy.module + b"\x08\1\0")
        assert not is_running(first)
        with pool.open(toy.module) as sandbox:
            assert len(sandbox.infer(toy.state, bytes(4))) == 4


def test_a_child_killed_while_it_waits_is_replaced(toy):
    with Pool(limits=Limits(memory_bytes=512 << 20)) as pool:
        (first,) = pool.pids
        os.kill(first, signal.SIGKILL)
        assert until(lambda: not is_running(first))
        with pool.open(toy.module) as sandbox:
            assert sandbox.pid != first
            assert resource.prlimit(sandbox.pid, resource.RLIMIT_DATA)[0] == 512 << 20


def test_a_closed_pool_ends_its_children_and_opens_nothing(toy):
    pool = Pool(2)
    waiting = pool.pids
    with pool.open(toy.module) as sandbox:
        pool.close()
        pool.close()
        assert not any(map(is_running, [*waiting[1:], *pool.pids]))
        assert len(sandbox.infer(toy.state, bytes(4))) == 4
    with pytest.raises(SandboxError, match="an open pool"):
        pool.open(toy.module)


def test_a_child_that_cannot_start_leaves_none_behind(monkeypatch):
    started = []

    def fail_second(*arguments, **options):
        if started:
            raise BlockingIOError
        started.append(start(*arguments, **options))
        return started[0]

    start = subprocess.Popen
    monkeypatch.setattr(process.subprocess, "Popen", fail_second)
    with pytest.raises(BlockingIOError):
        Pool(2)
    assert started[0].returncode == -signal.SIGKILL


def test_a_sandbox_owns_the_child_it_is_given_even_if_the_module_is_refused(toy):
    child = Child(Limits())
    with Sandbox(toy.module, child=child) as sandbox:
        assert sandbox.pid == child.pid
    refused = Child(Limits())
    with pytest.raises(PolicyError):
        Sandbox(toy.module + b"\x08\1\0", child=refused)
    assert not refused.is_alive
    assert not child.is_alive


@pytest.mark.parametrize("warm", [0, -1, 9])
def test_a_pool_of_no_or_too_many_children_is_refused(warm):
    with pytest.raises(UsageError, match="1 to 8 warm children"):
        Pool(warm)


PARENT = """
import signal, sys, time
from delea.runtime import Pool
signal.signal(signal.SIGINT, signal.default_int_handler)
with Pool(2) as pool:
    print(*pool.pids, flush=True)
    time.sleep(60)
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_no_waiting_child_outlives_its_parent(number):
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    try:
        waiting = [int(pid) for pid in parent.stdout.readline().split()]
        assert all(map(is_running, waiting))
        parent.send_signal(number)
        parent.communicate(timeout=10)
    finally:
        parent.kill()
        parent.communicate()
    assert until(lambda: not any(map(is_running, waiting)))
