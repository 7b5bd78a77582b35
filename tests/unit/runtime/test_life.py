"""A child that breaks a limit is ended and named; none outlives its sandbox or its parent."""

import os
import resource
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from delea.errors import MemoryLimitError, SandboxError, TimeLimitError
from delea.runtime import Limits, Sandbox

QUICK = Limits(step_seconds=0.3)
FOREVER = "(loop br 0)"
STEP = '(func (export "train_step") (result f32) {} (f32.const 0))'
COUNT = "(i64.store (i32.const 1056) (i64.add (i64.load (i32.const 1056)) (i64.const 1)))"


def is_running(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


def ends(pid, seconds=5.0):
    until = time.monotonic() + seconds
    while is_running(pid) and time.monotonic() < until:
        time.sleep(0.01)
    return not is_running(pid)


def open_files():
    return len(list(Path("/proc/self/fd").iterdir()))


def children():
    return {int(p) for p in Path("/proc/thread-self/children").read_text().split()}


@pytest.fixture(autouse=True)
def nothing_left_behind():
    files, before = open_files(), children()
    yield
    assert open_files() == files
    assert children() == before


@pytest.mark.parametrize(
    ("piece", "text"),
    [
        ("train_step", STEP.format(FOREVER)),
        ("seed", f'(func (export "seed") (param i64 i64 i64 i64) {FOREVER})'),
        ("is_finite", f'(func (export "is_finite") (result i32) {FOREVER} (i32.const 1))'),
        ("evaluate", f'(func (export "evaluate") (result f32) {FOREVER} (f32.const 0))'),
        ("infer", f'(func (export "infer") (param i32) {FOREVER})'),
    ],
)
def test_an_endless_loop_ends_at_its_deadline(build, toy, piece, text):
    with Sandbox(build(**{piece: text}), limits=QUICK) as sandbox:
        sandbox.load_dataset(toy.dataset)
        pid = sandbox.pid
        use = {
            "evaluate": lambda: sandbox.evaluate(toy.state),
            "infer": lambda: sandbox.infer(toy.state, bytes(1 << 20)),
        }.get(piece, lambda: sandbox.train(toy.state, toy.seed, 1))
        started = time.monotonic()
        with pytest.raises(TimeLimitError, match=r"a sign of life expected within 0\.3 s"):
            use()
        assert time.monotonic() - started < 3
        assert not Path(f"/proc/{pid}").exists()
        with pytest.raises(SandboxError, match="closed or stopped"):
            sandbox.evaluate(toy.state)


def test_a_request_ends_at_its_deadline_however_busy_it_is(toy):
    with Sandbox(toy.module, limits=Limits(seconds=0.5)) as sandbox:
        sandbox.load_dataset(toy.dataset)
        started = time.monotonic()
        with pytest.raises(TimeLimitError, match=r"an end expected within 0\.5 s"):
            sandbox.train(toy.state, toy.seed, 1 << 32)
        assert time.monotonic() - started < 2


def test_a_request_ends_at_its_deadline_though_answers_wait_to_be_heard(toy):
    with Sandbox(toy.module, limits=Limits(seconds=0.3)) as sandbox:
        sandbox.load_dataset(toy.dataset)
        started = time.monotonic()
        with pytest.raises(TimeLimitError, match="an end expected"):
            sandbox.train(toy.state, toy.seed, 2000, on_step=lambda *_: time.sleep(0.002))
        assert time.monotonic() - started < 3.5


def test_a_slow_listener_is_no_silence_of_the_module(toy):
    with Sandbox(toy.module, limits=Limits(step_seconds=1.0)) as sandbox:
        sandbox.load_dataset(toy.dataset)
        slow = sandbox.train(toy.state, toy.seed, 4, on_step=lambda *_: time.sleep(0.3))
    assert len(slow.losses) == 4


def test_cpu_time_is_limited_by_the_kernel_too(build, toy, monkeypatch):
    module = build(train_step=STEP.format(FOREVER))
    monkeypatch.setattr("delea.runtime.sandbox.ceil", lambda _: 0)
    with Sandbox(module) as sandbox:
        sandbox.load_dataset(toy.dataset)
        with pytest.raises(TimeLimitError, match="CPU time is used up"):
            sandbox.train(toy.state, toy.seed, 1)


def test_cpu_time_is_limited_though_the_parent_ignores_and_blocks_its_signal(
    build, toy, monkeypatch
):
    module = build(train_step=STEP.format(FOREVER))
    monkeypatch.setattr("delea.runtime.sandbox.ceil", lambda _: 0)
    ignored = signal.signal(signal.SIGXCPU, signal.SIG_IGN)
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGXCPU})
    try:
        with Sandbox(module, limits=Limits(step_seconds=10)) as sandbox:
            sandbox.load_dataset(toy.dataset)
            with pytest.raises(TimeLimitError, match="CPU time is used up"):
                sandbox.train(toy.state, toy.seed, 1)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
        signal.signal(signal.SIGXCPU, ignored)


def test_a_limit_that_the_parent_has_is_not_raised():
    script = "import resource; resource.setrlimit(resource.RLIMIT_DATA, (400 << 20, 400 << 20))\n"
    parent = subprocess.run(
        [sys.executable, "-c", script + POORER, ROOT],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert parent.stdout == f"({400 << 20}, {400 << 20})\n", parent.stderr


def test_the_limit_on_compiling_is_none_on_training(toy):
    with Sandbox(toy.module, limits=Limits(compile_cpu_seconds=1, seconds=77)) as sandbox:
        assert resource.prlimit(sandbox.pid, resource.RLIMIT_CPU)[0] == 1
        sandbox.load_dataset(toy.dataset)
        sandbox.train(toy.state, toy.seed, 1)
        assert resource.prlimit(sandbox.pid, resource.RLIMIT_CPU)[0] >= 77


def test_what_compiling_may_take_is_less_than_five_seconds():
    assert Limits().compile_cpu_seconds == 4
    assert Limits().memory_bytes == 768 << 20


def test_a_memory_that_does_not_fit_is_refused(build, toy):
    module = build(memory='(memory (export "memory") 8192 8192)')
    with Sandbox(module, limits=Limits(memory_bytes=256 << 20)) as sandbox:
        sandbox.load_dataset(toy.dataset)
        with pytest.raises(MemoryLimitError, match="memory"):
            sandbox.evaluate(toy.state)


def test_the_largest_memory_fits_the_usual_limit_and_can_be_filled(build, toy):
    module = build(
        memory='(memory (export "memory") 8192 8192)',
        evaluate='(func (export "evaluate") (result f32) (memory.fill (i32.const 65536)'
        " (i32.const 1) (i32.const 536805376)) (f32.const 5))",
    )
    with Sandbox(module) as sandbox:
        sandbox.load_dataset(toy.dataset)
        assert [sandbox.evaluate(toy.state) for _ in range(2)] == [5.0, 5.0]


def children_s():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


# The dearest that the rules let through: a second or two to compile.
CHAIN = "(local.set 0 (i32x4.trunc_sat_f32x4_u (local.get 0)))" * 5800
BOMB = f"(func (local v128) {CHAIN} (v128.store (i32.const 0) (local.get 0)))" * 6


def test_a_bomb_for_the_compiler_stops_at_its_cpu_time(build, monkeypatch):
    monkeypatch.setattr("delea.runtime.caps.MAX_CODE_BYTES", 2 << 20)
    before = children_s()
    with pytest.raises(TimeLimitError, match="CPU time"):
        Sandbox(build(more=BOMB * 8), limits=Limits(compile_cpu_seconds=1))
    assert 0.9 < children_s() - before < 1.2  # the kernel looks a few times a second at least


def test_a_compiler_without_memory_is_a_memory_limit(build):
    with pytest.raises(MemoryLimitError, match="bytes of memory expected"):
        Sandbox(build(more=BOMB), limits=Limits(memory_bytes=64 << 20))


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_child_ended_from_outside_is_told(toy, number):
    with Sandbox(toy.module) as sandbox:
        os.kill(sandbox.pid, number)
        with pytest.raises(SandboxError, match=number.name):
            sandbox.infer(toy.state, bytes(4 << 20))
        with pytest.raises(SandboxError, match="closed or stopped"):
            sandbox.infer(toy.state, bytes(4))


def test_a_listener_s_fault_passes_and_ends_the_child(toy):
    def listener(step, _):
        if step == 100:
            raise ZeroDivisionError

    with Sandbox(toy.module) as sandbox:
        sandbox.load_dataset(toy.dataset)
        with pytest.raises(ZeroDivisionError):
            sandbox.train(toy.state, toy.seed, 1 << 30, on_step=listener)
        assert not Path(f"/proc/{sandbox.pid}").exists()


def test_the_child_is_confined(toy):
    with Sandbox(toy.module) as sandbox:
        proc = Path(f"/proc/{sandbox.pid}")
        limits = (proc / "limits").read_text()
        assert (proc / "environ").read_bytes() == b""
        assert os.getsid(sandbox.pid) == sandbox.pid
        assert (proc / "cwd").readlink() == Path("/")
        assert "NoNewPrivs:\t1" in (proc / "status").read_text()
        data = resource.prlimit(sandbox.pid, resource.RLIMIT_DATA)
        assert data == (768 << 20, 768 << 20)
        assert resource.prlimit(sandbox.pid, resource.RLIMIT_CORE) == (0, 0)
        assert resource.prlimit(sandbox.pid, resource.RLIMIT_NOFILE) == (32, 32)
        assert "Max cpu time              unlimited" not in limits
        held = [str(file.readlink()) for file in (proc / "fd").iterdir()]
        assert sorted(name.partition(":")[0] for name in held) == [
            "/memfd", "pipe", "pipe", "pipe"
        ]  # fmt: skip


def test_a_file_that_the_parent_holds_open_is_not_handed_on(toy, tmp_path):
    secret = os.open(tmp_path / "secret", os.O_RDWR | os.O_CREAT)
    os.set_inheritable(secret, True)  # noqa: FBT003
    try:
        with Sandbox(toy.module) as sandbox:
            held = Path(f"/proc/{sandbox.pid}/fd").iterdir()
            assert not any("secret" in str(file.readlink()) for file in held)
    finally:
        os.close(secret)


POORER = """
import sys
sys.path.insert(0, sys.argv[1])
from delea.runtime import Child, Limits
import resource, time
child = Child(Limits())
while resource.prlimit(child.pid, resource.RLIMIT_CPU)[0] != 4:  # the last one that is set
    assert child.is_alive
    time.sleep(0.01)
print(resource.prlimit(child.pid, resource.RLIMIT_DATA))
child.close()
"""
ROOT = str(Path(__file__).parents[3] / "src")

PARENT = """
import signal, sys, time
from delea.runtime import Sandbox
signal.signal(signal.SIGINT, signal.default_int_handler)  # a background job starts without it
module, state, dataset = (open(f"{sys.argv[1]}/{n}", "rb").read() for n in ("m", "s", "d"))
with Sandbox(module) as sandbox:
    sandbox.load_dataset(dataset)
    assert "wasmtime" not in sys.modules
    print(sandbox.pid, flush=True)
    sandbox.train(state, bytes(32), 1)
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_no_child_outlives_its_parent_even_in_an_endless_loop(build, toy, tmp_path, number):
    (tmp_path / "m").write_bytes(build(train_step=STEP.format(FOREVER)))
    (tmp_path / "s").write_bytes(toy.state)
    (tmp_path / "d").write_bytes(toy.dataset)
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, tmp_path], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    try:
        child = int(parent.stdout.readline())
        assert is_running(child)
        time.sleep(0.1)
        parent.send_signal(number)
        _, errors = parent.communicate(timeout=10)
    finally:
        parent.kill()
        parent.communicate()
    assert ends(child)
    assert (b"KeyboardInterrupt" in errors) == (number == signal.SIGINT)


def test_a_child_dies_with_the_thread_that_made_it(toy):
    made = []
    thread = threading.Thread(target=lambda: made.append(Sandbox(toy.module)))
    thread.start()
    thread.join()
    assert ends(made[0].pid)
    with pytest.raises(SandboxError, match="SIGKILL"):
        made[0].infer(toy.state, bytes(4))
    made[0].close()


def test_a_module_that_is_refused_starts_no_child(monkeypatch):
    monkeypatch.setattr("subprocess.Popen", None)
    with pytest.raises(Exception, match="starts with"):
        Sandbox(b"(module)")
